import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileAudit } from '@gatewright/audit'
import { createGate, group, memoryStore, when } from '@gatewright/core'
import { afterAll, describe, expect, test } from 'vitest'
import { cli } from '../../test/cli-log'

const place = mkdtempSync(join(tmpdir(), 'gatewright-redact-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** A log of one call whose argument is committed. */
async function personalLog(name: string): Promise<string> {
  const directory = join(place, name)
  const audit = fileAudit({ directory, origin: `example.com/${name}` })
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [],
    reviewers: group('ops'),
    policy: [when('*').allow()],
    audit,
    store: memoryStore(),
    logger: { info() {}, warn() {}, error() {} },
  })
  const write = gate.requireApproval(async (to: string) => to.length, {
    action: 'mail.send',
    parameters: ['to'],
    personal: ['/to'],
  })
  await write('zoe@example.com')
  await gate.close()
  await audit.close()
  writeFileSync(`${directory}.trust.json`, (await cli('audit', 'key', directory)).out)
  return directory
}

describe('gatewright audit redact', () => {
  test('erases what it said it would, and the log still verifies', async () => {
    const log = await personalLog('erased')
    const plan = await cli('audit', 'redact', log, '--containing', 'Zoe', '--dry-run')
    expect(plan).toMatchObject({ code: 0, err: '1 value would be erased.' })
    expect(plan.out).toMatch(/^entry \d+ {2}\S+\/1 {2}\/arguments\/0\/1$/)
    const done = await cli(
      'audit',
      'redact',
      log,
      '--containing',
      'Zoe',
      '--reason',
      'request 17',
      '--by',
      'dpo',
    )
    expect(done.out).toBe(plan.out)
    expect(done.err).toContain('1 value erased and recorded.')
    expect((await cli('audit', 'verify', log)).code).toBe(0)
    const shown = await cli('audit', 'show', log, '--type', 'log', '--json')
    expect(shown.out).toContain('"reason":"request 17"')
    const again = await cli('audit', 'redact', log, '--containing', 'Zoe', '--reason', 'again')
    expect(again).toMatchObject({ code: 1, err: 'Nothing matched: nothing was erased.' })
  })

  test.each([
    [[], /directory of one log/],
    [['LOG'], /--request ID or --containing TEXT/],
    [['LOG', '--containing', 'x'], /--reason TEXT/],
    [['LOG/nowhere', '--containing', 'x', '--reason', 'r'], /checkpoint .* cannot be read/],
    [['LOG', '--containing', 'x', '--reason', 'r', '--key', '/nowhere'], /there is no key/],
    [['LOG', '--containing', ' ', '--reason', 'r'], /containing/],
  ])('refuses %j as wrong usage', async (args, problem) => {
    const log = await personalLog('kept')
    const { code, err } = await cli('audit', 'redact', ...args.map((arg) => arg.replace('LOG', log)))
    expect(code).toBe(4)
    expect(err).toMatch(problem)
    rmSync(log, { recursive: true })
    rmSync(`${log}.key`)
  })
})
