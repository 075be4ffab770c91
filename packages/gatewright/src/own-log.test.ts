import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cli } from '../test/cli-log'
import { createGate, type Gate, group, when } from '.'

let place = ''
let gates: Gate[] = []
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'gatewright-own-log-'))
})
afterEach(async () => {
  for (const gate of gates) await gate.close()
  gates = []
  rmSync(place, { recursive: true, force: true })
})

function gateIn(dataDirectory: string): Gate {
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [],
    reviewers: group('ops'),
    policy: [when('data.count').allow()],
    dataDirectory,
    logger: { info() {}, warn() {}, error() {} },
  })
  gates.push(gate)
  return gate
}

const count = (gate: Gate) => gate.requireApproval(async () => 3, { action: 'data.count' })

/** One sentence on who, and what to do, with no path into the code. */
const SENTENCE = new RegExp(
  `^process ${process.pid} on ${hostname()} has the log .*audit-log open, and one process writes a log: nothing runs here\\. .*"dataDirectory" of its own; .*"store".*doctor" tells more\\.$`,
)

test('a second gate over one directory runs nothing, and says who has the log and what to do', async () => {
  expect(await count(gateIn(place))()).toBe(3)
  const error = await count(gateIn(place))().catch((refused: unknown) => refused)
  expect(error).toMatchObject({
    code: 'ERR_AUDIT_UNAVAILABLE',
    cause: {
      code: 'ERR_AUDIT_UNAVAILABLE',
      message: expect.stringMatching(SENTENCE),
      cause: { code: 'ERR_LOG_LOCKED' },
    },
  })
  expect(await count(gateIn(join(place, 'own')))()).toBe(3)
})

test('the command line says it in one line, and starts nothing', async () => {
  expect(await count(gateIn(place))()).toBe(3)
  const config = join(place, 'config.mjs')
  const options = {
    agent: { id: 'bot', owner: null },
    reviewers: { type: 'group', name: 'ops' },
    dataDirectory: place,
  }
  writeFileSync(config, `export default ${JSON.stringify(options)}`)
  const { code, err, out } = await cli(
    'mcp',
    '--config',
    config,
    '--',
    process.execPath,
    '-e',
    'process.exit(9)',
  )
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err.split('\n')).toHaveLength(1)
  expect(err.replace('gatewright: ', '')).toMatch(SENTENCE)
})

test('a log that cannot be opened for another reason says that one', async () => {
  writeFileSync(join(place, 'audit-log.key'), 'no key', { mode: 0o600 })
  const error = await count(gateIn(place))().catch((refused: unknown) => refused)
  expect(error).toMatchObject({
    code: 'ERR_AUDIT_UNAVAILABLE',
    cause: { message: expect.not.stringMatching(/has the log/) },
  })
})
