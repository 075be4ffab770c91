import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cliIn, ended, program } from '../../test/cli-process'
import { initialConfig } from './init-config'

const root = join(import.meta.dirname, '../../../..')
let place = ''
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-init-')))
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

const read = (name: string) => readFileSync(join(place, name), 'utf8')

/** Starts a gate from the config, runs what a rule allows and is refused what a rule denies. */
const START = `
import { createGate } from 'gatewright'
import { loadConfig, startGate } from '${join(root, 'packages/gatewright/src/cli/config.ts')}'
const config = await loadConfig(undefined)
const gate = await startGate(config, {})
const of = (action) => gate.requireApproval(async (query) => query.rows, { action })
console.log('ALLOWED', await of('data.count')({ rows: 3 }))
console.log('DENIED', await of('data.drop')({ rows: 3 }).catch((error) => error.code))
await gate.close()
`

describe('gatewright init', () => {
  test('in an empty folder: a config that loads, starts a gate, and satisfies the doctor', async () => {
    const made = await cliIn(place, 'init')
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toMatch(
      /^gatewright\.config\.mjs was written\. What next:\n {2}echo \.gatewright\/ >> \.gitignore/,
    )
    expect(existsSync(join(place, '.gitignore'))).toBe(false)
    const before = await cliIn(place, 'doctor', '--json')
    expect(JSON.parse(before.out)).toMatchObject({ status: 'ok' })
    writeFileSync(join(place, 'start.mts'), START)
    const started = await ended(program(place, join(place, 'start.mts')))
    expect(started).toMatchObject({ code: 0, out: 'ALLOWED 3\nDENIED ERR_APPROVAL_DENIED' })
    const after = await cliIn(place, 'doctor', '--json')
    expect(after.code).toBe(0)
    const { findings, status } = JSON.parse(after.out)
    expect(findings.filter((one: { status: string }) => one.status !== 'ok')).toEqual([])
    expect(status).toBe('ok')
  })

  test('replaces nothing unless it is told to, and says what it did as JSON', async () => {
    writeFileSync(join(place, 'gatewright.config.mjs'), 'mine')
    const refused = await cliIn(place, 'init')
    expect(refused).toMatchObject({
      code: 4,
      out: '',
      err: expect.stringContaining('give --force to replace it'),
    })
    expect(read('gatewright.config.mjs')).toBe('mine')
    const forced = await cliIn(place, 'init', '--force', '--gitignore', '--json')
    expect(JSON.parse(forced.out)).toMatchObject({
      file: 'gatewright.config.mjs',
      written: true,
      gitignore: 'added',
    })
    expect(read('gatewright.config.mjs')).toBe(initialConfig('gatewright.config.mjs'))
  })

  test('--gitignore adds its line once, after a last line without an end', async () => {
    writeFileSync(join(place, '.gitignore'), 'dist')
    await cliIn(place, 'init', '--gitignore')
    const again = await cliIn(place, 'init', '--gitignore', '--force')
    expect(read('.gitignore')).toBe('dist\n.gatewright/\n')
    expect(again.out).not.toContain('.gitignore')
  })

  test('--dry-run prints the config, and writes nothing', async () => {
    const { code, out } = await cliIn(place, 'init', '--ts', '--gitignore', '--dry-run')
    expect(code).toBe(0)
    expect(out).toBe(initialConfig('gatewright.config.ts').trimEnd())
    expect(existsSync(join(place, 'gatewright.config.ts')) || existsSync(join(place, '.gitignore'))).toBe(
      false,
    )
  })

  test('no line is wider than a terminal', () => {
    const lines = initialConfig('gatewright.config.mjs').split('\n')
    expect(lines.filter((line) => line.length > 100)).toEqual([])
  })
})
