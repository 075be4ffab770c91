import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli, makeLog } from '../../test/cli-log'
import { createGate, group } from '..'
import { COMMANDS } from './commands'

const place = mkdtempSync(join(tmpdir(), 'gatewright-json-'))
const log = join(place, 'log')
const kept = join(place, 'kept')
const store = ['--store', join(kept, 'requests.db')]
let requestId = ''
let waiting = ''

beforeAll(async () => {
  requestId = await makeLog(log)
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [],
    reviewers: group('ops'),
    personal: { keys: ['to'] },
    dataDirectory: kept,
    logger: { info() {}, warn() {}, error() {} },
  })
  const created = new Promise<string>((resolve) =>
    gate.on('request.created', ({ event }) => resolve(event.subject)),
  )
  void gate
    .requireApproval(async (to: string) => to, { action: 'mail.send', parameters: ['to'] })('ada@example.com')
    .catch(() => {})
  waiting = await created
  await gate.close()
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** The one document that a command prints, and what goes beside it. */
async function json(...args: string[]) {
  const { code, err, out } = await cli(...args, '--json')
  const beside = err === '' ? [] : err.split('\n').map((line) => JSON.parse(line))
  return { code, beside, document: out === '' ? null : JSON.parse(out) }
}

describe('--json', () => {
  test('version', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
    const document = {
      gatewright: version,
      node: process.version,
      platform: process.platform,
      arch: process.arch,
    }
    expect(await json('version')).toEqual({ code: 0, beside: [], document })
    expect(await json('--version')).toEqual({ code: 0, beside: [], document })
  })

  test.each([
    [['frob'], /^there is no command "frob"\. Commands: /],
    [['requests', 'lst'], /^there is no command "requests lst"; did you mean "requests list"\?$/],
    [['requests'], /^name a whole command/],
    [[], /^name a whole command/],
  ])('what is no command: %j', async (words, message) => {
    const error = { code: 'ERR_USAGE', message: expect.stringMatching(message) }
    expect(await json(...words)).toEqual({ code: 4, beside: [{ error }], document: null })
  })

  test('requests cancel, in time and too late', async () => {
    const first = await json('requests', 'cancel', waiting, ...store)
    expect(first).toEqual({
      code: 0,
      beside: [],
      document: { requestId: waiting, status: 'cancelled', cancelled: true },
    })
    const again = await json('requests', 'cancel', waiting, ...store)
    expect(again).toMatchObject({
      code: 1,
      document: { requestId: waiting, status: 'cancelled', cancelled: false },
    })
    expect(again.beside).toEqual([{ note: expect.stringContaining('nothing to cancel') }])
  })

  test('audit receipt, report and export say what they wrote', async () => {
    const file = join(place, 'receipt.json')
    const receipt = await json('audit', 'receipt', log, requestId, '--out', file)
    expect(receipt).toMatchObject({ code: 0, document: { file, requestId } })
    expect(receipt.document.events).toBe(JSON.parse(readFileSync(file, 'utf8')).events.length)
    const html = join(place, 'evidence.html')
    const report = await json('audit', 'report', log, '--framework', 'soc2', '--out', html)
    expect(report).toMatchObject({
      code: 0,
      document: { file: html, csv: null, status: 'valid', findings: [], figures: { actions: 2, asked: 1 } },
    })
    expect(report.beside).toEqual([{ note: expect.stringContaining('beside the log') }])
    const csv = join(place, 'events.csv')
    const { code, document } = await json('audit', 'export', log, '--format', 'csv', '--out', csv)
    expect([code, document]).toEqual([0, { file: csv, format: 'csv', events: document.events }])
    expect(readFileSync(csv, 'utf8').trimEnd().split('\r\n')).toHaveLength(document.events + 1)
    const missing = await json('audit', 'export', log, '--format', 'ocsf')
    expect(missing).toMatchObject({ code: 4, document: null, beside: [{ error: { code: 'ERR_USAGE' } }] })
  })

  test('audit key and rotate-key', async () => {
    const directory = join(kept, 'audit-log')
    const key = await json('audit', 'key', directory)
    expect(key).toMatchObject({
      code: 0,
      document: { format: 'gatewright-trust/1', keys: [{ from: 0, to: null }] },
    })
    const rotated = await json('audit', 'rotate-key', directory)
    expect(rotated).toMatchObject({
      code: 0,
      document: {
        retired: expect.stringContaining('audit-log.key.retired-'),
        trust: { keys: [{}, { to: null }] },
      },
    })
    expect(rotated.beside[0].note).toContain('The key was rotated')
  })

  test('audit redact', async () => {
    const directory = join(kept, 'audit-log')
    const dry = await json('audit', 'redact', directory, '--containing', 'ada@example.com', '--dry-run')
    expect(dry).toMatchObject({
      code: 0,
      document: {
        dryRun: true,
        fields: [{ id: expect.stringContaining(waiting), pointer: expect.stringMatching(/^\//) }],
      },
    })
    const none = await json('audit', 'redact', directory, '--containing', 'nobody', '--reason', 'asked to')
    expect(none).toMatchObject({
      code: 1,
      document: { dryRun: false, fields: [] },
      beside: [{ note: 'Nothing matched: nothing was erased.' }],
    })
  })

  test.each([
    [['requests', 'list', '--store', '/no/where.db'], 4, 'ERR_USAGE', 'there are no requests at'],
    [['requests', 'show', 'ABCDEF', '--store'], 1, 'ERR_FAILED', 'there is no request ABCDEF'],
    [['audit', 'show', place], 1, 'ERR_LOG_DAMAGED', 'holds no log'],
    [['audit', 'verify'], 4, 'ERR_USAGE', 'which log?'],
    [['doctor', '--nope'], 4, 'ERR_USAGE', "Unknown option '--nope'"],
  ])('%j: the error is one line of JSON on standard error', async (args, code, error, message) => {
    const words = args.at(-1) === '--store' ? [...args.slice(0, -1), ...store] : args
    expect(await json(...words)).toEqual({
      code,
      document: null,
      beside: [{ error: { code: error, message: expect.stringContaining(message) } }],
    })
  })

  test('every command has it, but for those that speak with a person, a shell or a client', () => {
    const without = COMMANDS.filter(({ options }) => options.json === undefined).map(({ name }) => name)
    expect(without).toEqual(['inbox', 'mcp', 'completion', 'help'])
  })

  test('a command without it says so in words', async () => {
    const { code, err } = await cli('completion', 'bash', '--json')
    expect({ code, err }).toEqual({
      code: 4,
      err: expect.stringMatching(/^gatewright: Unknown option '--json'/),
    })
  })
})
