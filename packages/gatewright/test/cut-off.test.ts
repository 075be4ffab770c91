import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cliIn } from './cli-process'

let place = ''
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-cut-off-')))
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

const OPTIONS =
  "{ agent: { id: 'a', owner: null }, ephemeral: true, approvers: [], reviewers: { group: 'ops' } }"

describe('a config that ends the program is no success of what was asked for', () => {
  test.each([
    ['calls process.exit(0)', 'process.exit(0)'],
    ['waits for what never comes', 'await new Promise(() => {})'],
    [
      'throws where nobody catches',
      "setImmediate(() => { throw new Error('mine') }); await new Promise(() => {})",
    ],
  ])('one that %s', async (_what, line) => {
    writeFileSync(join(place, 'gatewright.config.mjs'), `${line}\nexport default ${OPTIONS}\n`)
    const ran = await cliIn(place, 'run', '--action', 'a.b', '--', 'touch', 'ran')
    expect([ran.code, existsSync(join(place, 'ran'))]).toEqual([70, false])
    expect(ran.err).toContain('gatewright: this program was ended before it was done, by the config')
    const looked = await cliIn(place, 'doctor', '--json')
    expect([looked.code, looked.out]).toEqual([1, ''])
    expect(looked.err).toContain('{"error":{"code":"ERR_FAILED","message":"this program was ended before')
  })
})
