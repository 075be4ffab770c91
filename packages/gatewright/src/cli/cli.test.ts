import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli, makeLog } from '../../test/cli-log'

const place = mkdtempSync(join(tmpdir(), 'gatewright-cli-'))
const log = join(place, 'log')
let requestId = ''

beforeAll(async () => {
  requestId = await makeLog(log)
})

afterAll(() => rmSync(place, { recursive: true, force: true }))

describe('gatewright audit verify', () => {
  test('says what it checked, and exits 0 for a log that holds', async () => {
    const { code, out, err } = await cli('audit', 'verify', log)
    expect(code).toBe(0)
    expect(out).toMatch(/\d+ entries in 1 segments of 1 logs: \d+ checkpoints/)
    expect(out).toContain('1 requests, 1 votes, 2 executions')
    expect(out).toContain('valid: everything that was checked holds.')
    expect(err).toContain('beside the log')
  })

  test('T47: exits 1 after a byte was changed anywhere, and names the place', async () => {
    const copy = join(place, 'changed')
    cpSync(log, copy, { recursive: true })
    const [name = ''] = readdirSync(join(copy, 'journal'))
    const path = join(copy, 'journal', name)
    const bytes = readFileSync(path)
    const at = Math.floor(bytes.length / 2)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const { code, out } = await cli('audit', 'verify', copy, '--trust', `${log}.trust.json`)
    expect(code).toBe(1)
    expect(out).toMatch(new RegExp(`error .*journal/${name}, at byte \\d+`))
    expect(out).toContain('invalid:')
  })

  test('T47: exits 2 for a log that was begun anew, against a head that was kept', async () => {
    const head = join(place, 'head.json')
    expect((await cli('audit', 'verify', log, '--save-head', head)).code).toBe(0)
    const again = await cli('audit', 'verify', log, '--known-head', head)
    expect([again.code, again.err.includes('No known head')]).toEqual([0, false])
    const [kept] = JSON.parse(readFileSync(head, 'utf8'))
    writeFileSync(head, JSON.stringify([{ ...kept, size: kept.size + 5 }]))
    const { code, out } = await cli('audit', 'verify', log, '--known-head', head)
    expect(code).toBe(2)
    expect(out).toContain('diverged:')
  })

  test('keeps no head of a log that does not hold, and says where one cannot be written', async () => {
    const head = join(place, 'no-head.json')
    const { code, err } = await cli(
      'audit',
      'verify',
      place,
      '--trust',
      `${log}.trust.json`,
      '--save-head',
      head,
    )
    expect([code, existsSync(head)]).toEqual([1, false])
    expect(err).toContain('The head was not kept')
    const nowhere = join(place, 'no', 'head.json')
    const failed = await cli('audit', 'verify', log, '--save-head', nowhere)
    expect(failed.code).toBe(1)
    expect(failed.err).toContain(`cannot be written to ${nowhere} (ENOENT)`)
  })

  test('prints the verdict as JSON', async () => {
    const { code, out } = await cli('audit', 'verify', log, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ status: 'valid', findings: [], counts: { requests: 1 } })
  })

  test.each([
    [['audit', 'verify'], 'which log'],
    [['audit', 'verify', join(place, 'nowhere')], 'there is no'],
    [['audit', 'verify', place], '--trust'],
    [['audit', 'verify', log, '--trust', join(place, 'none.json')], 'cannot be read (ENOENT)'],
    [['audit', 'verify', log, '--trust', import.meta.filename], 'cannot be used'],
    [['audit', 'verify', log, '--nope'], "Unknown option '--nope'"],
    [['audit', 'show'], 'one log'],
    [['audit', 'show', log, '--since', 'soon'], 'is no time'],
    [['audit', 'show', log, '--last', '0'], 'is no count'],
    [['audit', 'key', log, '--key', join(place, 'nowhere')], 'there is no key'],
    [['audit', 'rotate-key', join(place, 'nowhere')], 'there is no key'],
    [['audit', 'rotate-key'], 'one log'],
    [['audit', 'report'], 'which log'],
    [['audit', 'report', log], 'which framework'],
    [['audit', 'report', log, '--framework', 'soc3'], 'one of soc2, iso27001, nist800-53'],
    [['audit', 'report', log, '--framework', 'soc2', '--from', '2026-02-30'], 'is no time'],
    [['audit', 'report', log, '--framework', 'soc2', '--to', '2026-10-01T08:00'], 'with zone'],
    [
      ['audit', 'report', log, '--framework', 'soc2', '--from', '2026-10-02', '--to', '2026-10-01'],
      'ends before it begins',
    ],
    [
      ['audit', 'report', log, '--framework', 'soc2', '--out', join(place, 'no', 'where.html')],
      'cannot be written (ENOENT)',
    ],
    [['audit', 'report', log, '--framework', 'soc2', '--out', 'a', '--csv', 'a'], 'the same file'],
    [['audit', 'toString'], 'there is no command'],
    [['audti', 'verify'], 'there is no command "audti verify"'],
  ])('exits 4 for %j, and says what to do', async (args, message) => {
    const { code, out, err } = await cli(...args)
    expect(code).toBe(4)
    expect(out).toBe('')
    expect(err).toContain(message)
  })

  test('exits 1 where there is no log', async () => {
    const { code } = await cli('audit', 'verify', join(place, 'nowhere'), '--trust', `${log}.trust.json`)
    expect(code).toBe(1)
  })
})

describe('gatewright audit show', () => {
  test('prints every event, oldest first', async () => {
    const { code, out } = await cli('audit', 'show', log)
    expect(code).toBe(0)
    const lines = out.split('\n')
    expect(lines[0]).toContain('log opens')
    expect(lines.at(-1)).toContain('log closes')
    expect(lines.filter((line) => line.includes('succeeded'))).toHaveLength(2)
  })

  test('one request alone, with what speaks of it', async () => {
    const { out } = await cli('audit', 'show', log, '--request', requestId, '--json')
    const types = out.split('\n').map((line) => JSON.parse(line).type.replace('dev.gatewright.', ''))
    expect(types).toEqual(
      expect.arrayContaining([
        'request.created',
        'delivery.sent',
        'request.vote-cast',
        'request.approved',
        'execution.succeeded',
      ]),
    )
    expect(types).not.toContain('gate.started')
  })

  test('the newest few, of a group of types', async () => {
    const { out } = await cli('audit', 'show', log, '--type', 'execution', '--last', '1')
    expect(out.split('\n')).toHaveLength(1)
    expect(out).toContain('succeeded')
  })

  test('what an agent wrote cannot steer the terminal', async () => {
    const { out } = await cli('audit', 'show', log)
    expect(out).not.toContain('\u001b')
    expect(out).toContain('clear the screen')
  })

  test('exits 1 where there is no log', async () => {
    const { code, err } = await cli('audit', 'show', place)
    expect(code).toBe(1)
    expect(err).toContain('holds no log')
  })
})

test('each command explains itself, and nothing at all is wrong usage', async () => {
  for (const name of ['verify', 'show', 'receipt', 'report', 'export', 'key', 'rotate-key', 'redact']) {
    const { code, out } = await cli('audit', name, '--help')
    expect(code).toBe(0)
    expect(out).toContain(`Usage: gatewright audit ${name}`)
  }
  expect((await cli('--help')).code).toBe(0)
  expect((await cli()).code).toBe(4)
  const alone = await cli('audit')
  expect([alone.code, alone.out]).toEqual([4, (await cli('audit', '--help')).out])
})

test('the version is the one of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
  expect(await cli('--version')).toEqual({ code: 0, out: `gatewright ${version}`, err: '' })
})

test('the trust file holds no private key', async () => {
  const { out } = await cli('audit', 'key', log)
  expect(JSON.parse(out)).toMatchObject({ format: 'gatewright-trust/1', keys: [{ from: 0, to: null }] })
  expect(out).not.toContain('PRIVATE')
})
