import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileAudit } from '@gatewright/audit'
import { createGate, group, memoryStore } from '@gatewright/core'
import { mockApprover } from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli } from '../../test/cli-log'

const place = mkdtempSync(join(tmpdir(), 'gatewright-disclose-'))
const log = join(place, 'log')
const SECRET = 'zoe-quist@example.com'
let requestId = ''

beforeAll(async () => {
  const audit = fileAudit({ directory: log, origin: 'example.com/personal' })
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [mockApprover({ otherwise: 'approve' })],
    reviewers: group('ops'),
    personal: { keys: ['recipient'], people: true, words: true },
    audit,
    store: memoryStore(),
    logger: { info() {}, warn() {}, error() {} },
  })
  gate.on('request.created', ({ event }) => {
    requestId = event.subject
  })
  const send = gate.requireApproval(async (recipient: string) => recipient.length, {
    action: 'mail.send',
    parameters: ['recipient'],
  })
  await gate.as({ intent: `to write to ${SECRET}` }, () => send(SECRET))
  await gate.close()
  await audit.close()
  writeFileSync(`${log}.trust.json`, (await cli('audit', 'key', log)).out)
})

afterAll(() => rmSync(place, { recursive: true, force: true }))

describe('personal values are shown to those alone who ask for them', () => {
  const file = join(place, 'out')
  interface Case {
    readonly name: string
    readonly args: readonly string[]
    /** Where it writes; nothing: to standard output. */
    readonly written?: string
  }
  const CASES: readonly Case[] = [
    { name: 'show --json', args: ['show', log, '--json'] },
    { name: 'export csv', args: ['export', log, '--format', 'csv'] },
    { name: 'export ocsf', args: ['export', log, '--format', 'ocsf'] },
    { name: 'receipt', args: ['receipt', log, 'ID', '--force', '--out', file], written: file },
    { name: 'report', args: ['report', log, '--framework', 'soc2', '--out', file], written: file },
  ]

  test.each(CASES)('$name', async ({ args, written }) => {
    const run = async (...more: string[]) => {
      const filled = args.map((arg) => (arg === 'ID' ? requestId : arg))
      const { code, out, err } = await cli('audit', ...filled, ...more)
      expect({ code, err }).toMatchObject({ code: 0 })
      return written === undefined ? out : readFileSync(written, 'utf8')
    }
    expect(await run()).not.toContain(SECRET)
    expect(await run('--disclose')).toContain(SECRET)
  })

  test('and a receipt that shows them proves them', async () => {
    await cli('audit', 'receipt', log, requestId, '--force', '--disclose', '--out', file)
    const trust = ['--trust', `${log}.trust.json`]
    expect((await cli('audit', 'verify', file, ...trust)).code).toBe(0)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(SECRET, 'eve-quist@example.com'))
    const forged = await cli('audit', 'verify', file, ...trust)
    expect(forged.code).toBe(1)
    expect(forged.out).toContain('opening-mismatch')
  })
})
