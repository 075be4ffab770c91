import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileAudit, fileSigner } from '@gatewright/audit'
import { createGate, group, memoryStore, when } from '@gatewright/core'
import { mockApprover } from '@gatewright/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CommandIo, run } from './index'

const place = mkdtempSync(join(tmpdir(), 'gatewright-cli-'))
const log = join(place, 'log')
let requestId = ''

/** Runs a command line; answers with its exit code and all that it printed. */
async function cli(...args: string[]) {
  const out: string[] = []
  const err: string[] = []
  const io: CommandIo = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    progress() {},
  }
  return { code: await run(args, io), out: out.join('\n'), err: err.join('\n') }
}

beforeAll(async () => {
  const audit = fileAudit({ directory: log, origin: 'example.com/cli' })
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [mockApprover({ otherwise: 'approve' })],
    reviewers: group('ops'),
    policy: [when('data.count').allow()],
    audit,
    store: memoryStore(),
    logger: { info() {}, warn() {}, error() {} },
  })
  const count = gate.requireApproval(async () => 3, { action: 'data.count' })
  const send = gate.requireApproval(async (text: string) => text.length, {
    action: 'mail.send',
    parameters: ['text'],
  })
  gate.on('request.created', ({ event }) => {
    requestId = event.subject
  })
  await count()
  await send('\u001b[2Jclear the screen')
  await gate.close()
  await audit.close()
  writeFileSync(`${log}.trust.json`, (await cli('audit', 'key', log)).out)
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

  test('prints the verdict as JSON', async () => {
    const { code, out } = await cli('audit', 'verify', log, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ status: 'valid', findings: [], counts: { requests: 1 } })
  })

  test.each([
    [['audit', 'verify'], 'which log'],
    [['audit', 'verify', join(place, 'nowhere')], '--trust'],
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
    const types = out.split('\n').map((line) => line.split(/\s+/)[1])
    expect(types[0]).toBe('log.opened')
    expect(types.at(-1)).toBe('log.closed')
    expect(types).toContain('execution.succeeded')
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
    expect(out).toContain('execution.succeeded')
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

describe('gatewright audit report', () => {
  const html = join(place, 'evidence.html')
  const csv = join(place, 'evidence.csv')
  const files = ['--out', html, '--csv', csv] as const

  test('verifies, and writes a page and a line for each action', async () => {
    const { code, out, err } = await cli(
      ...['audit', 'report', log, '--framework', 'nist800-53', '--title', 'Mail <bot>', ...files],
    )
    expect(code).toBe(0)
    expect(out).toContain('2 privileged actions, 1 of them put before people; 0 exceptions')
    expect(out).toContain(`evidence: ${html}`)
    expect(out).toContain('valid: everything that was checked holds.')
    expect(err).toContain('beside the log')
    const page = readFileSync(html, 'utf8')
    expect(page).toContain('<h1>Mail &lt;bot&gt;</h1>')
    expect(page).toContain('AC-5')
    expect(page).toContain(`gatewright audit receipt ${log} ${requestId}`)
    const lines = readFileSync(csv, 'utf8').split('\r\n')
    expect(lines).toHaveLength(4)
    expect(lines.some((line) => line.startsWith(`${requestId},request,`))).toBe(true)
    expect(page).toContain(createHash('sha256').update(readFileSync(csv)).digest('hex'))
  })

  test('of the days that were asked for, the last one whole', async () => {
    const today = new Date().toISOString().slice(0, 10)
    const days = (from: string, to: string) =>
      cli('audit', 'report', log, '--framework', 'soc2', '--from', from, '--to', to, ...files)
    // A test that runs into midnight has its events on two days.
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    expect((await days(yesterday, today)).out).toContain('2 privileged actions')
    expect((await days('2020-01-01', '2020-12-31T23:59:59+01:00')).out).toContain('0 privileged actions')
    expect((await days(tomorrow, '2999-01-01')).out).toContain('0 privileged actions')
  })

  test('T47: exits 1 for a log that was changed, and says so in what it writes', async () => {
    const copy = join(place, 'changed-for-report')
    cpSync(log, copy, { recursive: true })
    const [name = ''] = readdirSync(join(copy, 'journal'))
    const path = join(copy, 'journal', name)
    const bytes = readFileSync(path)
    const at = bytes.indexOf('mail.send')
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const { code, out } = await cli(
      ...['audit', 'report', copy, '--framework', 'soc2', '--trust', `${log}.trust.json`, ...files],
    )
    expect(code).toBe(1)
    expect(out).toContain('Do not rely on it')
    expect(readFileSync(html, 'utf8')).toContain('role="alert">The log is INVALID')
  })
})

test('each command explains itself, and nothing at all is wrong usage', async () => {
  for (const name of ['verify', 'show', 'key', 'rotate-key', 'redact', 'report']) {
    const { code, out } = await cli('audit', name, '--help')
    expect(code).toBe(0)
    expect(out).toContain(`Usage: gatewright audit ${name}`)
  }
  expect((await cli('--help')).code).toBe(0)
  expect((await cli()).code).toBe(4)
})

describe('gatewright audit rotate-key', () => {
  /** A copy of the log with its key, so that the other tests keep theirs. */
  function copied(name: string): { readonly directory: string; readonly key: string } {
    const directory = join(place, name)
    cpSync(log, directory, { recursive: true })
    cpSync(`${log}.key`, `${directory}.key`)
    return { directory, key: `${directory}.key` }
  }

  const keysOf = (trust: string): { vkey: string; from: number; to: number | null }[] =>
    JSON.parse(trust).keys

  test('hands over, keeps the old key, and prints the trust file with both ranges', async () => {
    const { directory, key } = copied('rotated')
    const old = readFileSync(key)
    const { code, err, out } = await cli('audit', 'rotate-key', directory)
    expect([code, err]).toEqual([0, expect.stringContaining('may be destroyed')])
    const [before, after] = keysOf(out)
    expect(after).toMatchObject({ from: (before?.to ?? 0) + 1, to: null })
    expect(readFileSync(`${key}.retired-${before?.vkey.split('+')[1]}`)).toEqual(old)
    expect(out).not.toContain('PRIVATE')
    expect((await cli('audit', 'key', directory)).out).toBe(out)
    writeFileSync(`${directory}.trust.json`, out)
    expect((await cli('audit', 'verify', directory)).code).toBe(0)
    // Who has the old trust file only is told what to put into it.
    const followed = await cli('audit', 'verify', directory, '--trust', `${log}.trust.json`)
    expect(followed.code).toBe(0)
    expect(followed.out).toContain(`warning key-successor`)
    expect(followed.out).toContain(after?.vkey)
  })

  test('finishes what a crash left, and does not rotate again', async () => {
    const { directory, key } = copied('crashed')
    const audit = fileAudit({ directory })
    await audit.opened
    const next = fileSigner(`${key}.next`, { name: audit.logId })
    await audit.rotateKey(next)
    await audit.close()
    const { code, err, out } = await cli('audit', 'rotate-key', directory)
    expect(code).toBe(0)
    expect(keysOf(out)).toHaveLength(2)
    expect(keysOf(out)[1]?.vkey).toBe(next.verifierKey)
    const retired = /lies at (\S+):/.exec(err)?.[1] ?? ''
    expect(readFileSync(retired)).toEqual(readFileSync(`${log}.key`))
    expect(fileSigner(key, { name: audit.logId }).verifierKey).toBe(next.verifierKey)
  })

  test('is refused while the log is written to, and changes nothing', async () => {
    const { directory, key } = copied('busy')
    const audit = fileAudit({ directory })
    await audit.opened
    const { code, err } = await cli('audit', 'rotate-key', directory)
    expect([code, err]).toEqual([1, expect.stringContaining('lock')])
    await audit.close()
    expect(readFileSync(key)).toEqual(readFileSync(`${log}.key`))
    expect(existsSync(`${key}.next`)).toBe(false)
  })

  test('is refused with the key of another log, and no trust file is printed with it', async () => {
    const { directory } = copied('foreign')
    const other = join(place, 'other.key')
    fileSigner(other, { name: 'example.com/cli' })
    for (const command of ['rotate-key', 'key']) {
      const { code, out } = await cli('audit', command, directory, '--key', other)
      expect([code, out]).toEqual([1, ''])
    }
  })
})

test('the trust file holds no private key', async () => {
  const { out } = await cli('audit', 'key', log)
  expect(JSON.parse(out)).toMatchObject({ format: 'gatewright-trust/1', keys: [{ from: 0, to: null }] })
  expect(out).not.toContain('PRIVATE')
})
