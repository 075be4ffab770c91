import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Config } from '../config'
import { checkConfig } from './check-config'
import { checkMcp } from './check-mcp'
import { DoctorFindings } from './findings'

const place = mkdtempSync(join(tmpdir(), 'gatewright-check-mcp-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** What is found of a config with this export `mcp`. */
function found(mcp: unknown) {
  const gate = { agent: { id: 'bot', owner: null }, reviewers: { type: 'group', name: 'ops' }, approvers: [] }
  const findings = new DoctorFindings()
  checkMcp({ gate, named: { mcp } } as Config, findings)
  return findings.list
}

test.each([
  [{ actoin: (tool: string) => tool }, /mcp would not start: mcp\.actoin: .*did you mean "action"/],
  [{ tools: { write: { pim: 1 } } }, /mcp would not start: mcp\.tools\.write\.pim: .*did you mean "pin"/],
  [{ reviewers: {} }, /mcp would not start: .*mcp\.reviewers must be an elicitationApprover/],
  [7, /mcp would not start: mcp/],
])('an export mcp with which gatewright mcp does not start: %j', (mcp, message) => {
  expect(found(mcp)).toEqual([
    {
      check: 'config',
      status: 'problem',
      message: expect.stringMatching(message),
      fix: 'correct the export "mcp" of the config',
    },
  ])
})

test('one that is right, and none', () => {
  const right = { action: (tool: string) => `files.${tool}`, beatEvery: '5s', hosts: ['localhost'] }
  expect(found(right)).toMatchObject([{ check: 'config', status: 'ok' }])
  expect(found(undefined)).toEqual([])
})

test('it is looked at with the config', async () => {
  const file = join(place, 'gatewright.config.mjs')
  const gate =
    "{ agent: { id: 'bot', owner: null }, reviewers: { type: 'group', name: 'ops' }, approvers: [] }"
  writeFileSync(file, `export default ${gate}\nexport const mcp = { beatevery: '5s' }`)
  const findings = new DoctorFindings()
  await checkConfig(file, findings)
  expect(findings.list.filter(({ status }) => status === 'problem')).toMatchObject([
    { message: expect.stringContaining('did you mean "beatEvery"') },
  ])
})
