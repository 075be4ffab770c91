import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { doctor, examine } from './doctor'

const io = { out() {}, err() {}, progress() {} }
let data = ''
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'gatewright-doctor-attacks-'))
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

describe('a data directory that somebody else may write to', () => {
  test('a program that its git repository names is not run', async () => {
    execFileSync('git', ['init', '-q'], { cwd: data })
    const [hook, ran] = [join(data, 'hook.sh'), join(data, 'ran')]
    writeFileSync(hook, `#!/bin/sh\ntouch '${ran}'\n`, { mode: 0o755 })
    execFileSync('git', ['config', 'core.fsmonitor', hook], { cwd: data })
    const findings = await examine({ data, quick: true }, io)
    expect(findings.some(({ message }) => message.includes('not ignored by git'))).toBe(true)
    expect(existsSync(ran)).toBe(false)
  })

  test('T16: what stands in it steers no terminal', async () => {
    const named = join(data, 'h\u001b[2Jx\u202ey')
    mkdirSync(join(named, 'audit-log'), { recursive: true, mode: 0o755 })
    const lines: string[] = []
    await doctor(['--data', named, '--quick'], { ...io, out: (text) => void lines.push(text) })
    expect(lines.join('\n')).toContain('[2Jx')
    for (const hidden of ['\u001b', '\u202e']) expect(lines.join('\n')).not.toContain(hidden)
  })
})
