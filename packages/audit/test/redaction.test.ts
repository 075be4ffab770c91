import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type AuditEvent, memoryAudit } from '@gatewright/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { ada, attempt, scene, settle } from '../../core/test/scene'
import {
  decodeEntry,
  discloseEvent,
  makeReceipt,
  opensCommitment,
  readLog,
  verifyLog,
  verifyReceipt,
} from '../src'
import { fileAudit } from '../src/file-audit'
import { generateSigner } from '../src/note'
import { formatOpenings, type OpeningLine, parseOpenings } from '../src/openings/opening-line'
import type { FindingCode } from '../src/verify'
import { newDirectory } from './support/read-log'

const ORIGIN = 'log.test/personal'
const signer = generateSigner({ name: ORIGIN })
const trust = [{ vkey: signer.verifierKey, from: 0, to: null }]
let events: readonly AuditEvent[]
let requests: readonly string[]

/** Two reviewed calls about two people, as a gate records them that commits what is personal. */
beforeAll(async () => {
  const s = scene({ personal: { keys: ['email'], people: true, words: true } })
  const notify = s.gate.requireApproval(async (_email: string) => 'sent', {
    action: 'mail.send',
    parameters: ['email'],
  })
  for (const name of ['Zoe-Quist', 'Yan-Moss']) {
    const call = attempt(
      s.gate.as({ intent: `as ${name} asked` }, () => notify(`${name.toLowerCase()}@example.com`)),
    )
    await s.approve((await s.only()).id, { ...ada, name: 'Ada-Lovelace' }, { note: `${name} may know` })
    await call.ended
  }
  await s.close()
  await settle()
  events = s.audit.events
  requests = events.filter(({ type }) => type === 'request.created').map(({ subject }) => subject)
})

const open = (directory: string) => fileAudit({ directory, origin: ORIGIN, signer })
const verify = (directory: string) => verifyLog({ directories: [directory], trust })

/** A log of all events, closed. */
async function written(): Promise<string> {
  const directory = await newDirectory()
  const log = open(directory)
  await log.append(events)
  await log.close()
  return directory
}

/** Everything that lies in a log's directory, as one text. */
async function bytesOf(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files.map((file) => readFileSync(file, 'latin1')).join('\n')
}

async function erase(directory: string, what: Parameters<ReturnType<typeof open>['redact']>[0]) {
  const log = open(directory)
  const report = await log.redact(what)
  await log.close()
  return report
}

const why = { reason: 'erasure request 17', by: 'dpo@example.com' }

describe('a log with committed values', () => {
  test('is valid, keeps them beside the journal, and shows them to whoever may see them', async () => {
    const directory = await written()
    const verdict = await verify(directory)
    expect(verdict).toMatchObject({ status: 'valid', findings: [] })
    expect(verdict.counts.openings).toBeGreaterThan(9)
    const journal = (await readdir(join(directory, 'journal'))).map((name) =>
      readFileSync(join(directory, 'journal', name), 'latin1'),
    )
    expect(journal.join('')).not.toMatch(/zoe-quist|yan-moss|ada-lovelace/i)
    const shown: string[] = []
    const hidden: string[] = []
    for await (const { event } of readLog(directory, { disclose: true }))
      shown.push(JSON.stringify(event.data))
    for await (const { event } of readLog(directory)) hidden.push(JSON.stringify(event.data))
    expect(shown.join('')).toMatch(/zoe-quist@example.com.*Ada-Lovelace.*Yan-Moss may know/s)
    expect(hidden.join('')).not.toMatch(/zoe-quist|yan-moss|ada-lovelace/i)
  })

  test('can be handed on without them: what is left verifies', async () => {
    const directory = await written()
    rmSync(join(directory, 'openings'), { recursive: true })
    expect(await verify(directory)).toMatchObject({
      status: 'valid',
      findings: [{ severity: 'note', code: 'openings-withheld' }],
      counts: { openings: 0 },
    })
  })

  test('takes an event again, as an outbox hands it in, and keeps its values once', async () => {
    const directory = await written()
    const before = readOpenings(directory)
    const log = open(directory)
    await log.append(events)
    await log.close()
    expect(readOpenings(directory)).toEqual(before)
  })
})

describe('redact', () => {
  test('erases what a request told, says so in the log, and the log still verifies', async () => {
    const directory = await written()
    const { fields } = await erase(directory, { requestIds: [requests[0] ?? ''], ...why })
    expect(fields.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/intent', '/arguments/0/1', '/actor/name', '/note']),
    )
    expect(await bytesOf(directory)).not.toMatch(/zoe-quist/i)
    expect(await bytesOf(directory)).toMatch(/yan-moss@example.com/)
    expect(await verify(directory)).toMatchObject({ status: 'valid', findings: [] })
    const told: AuditEvent['data'][] = []
    for await (const { event } of readLog(directory)) if (event.type === 'log.redacted') told.push(event.data)
    expect(told).toEqual([{ ...why, fields: fields.map(({ id, index, pointer }) => [index, id, pointer]) }])
  })

  test('erases a text wherever a value holds it, and at the named places alone', async () => {
    const directory = await written()
    const everywhere = await erase(directory, { containing: 'ada-lovelace', ...why })
    expect(everywhere.fields.map(({ pointer }) => pointer)).toEqual(['/actor/name', '/actor/name'])
    expect(await bytesOf(directory)).not.toMatch(/ada-lovelace/i)
    const notes = await erase(directory, { containing: 'yan-moss', pointers: ['/note'], ...why })
    expect(notes.fields).toHaveLength(1)
    expect(await bytesOf(directory)).toMatch(/as Yan-Moss asked/)
    expect(await verify(directory)).toMatchObject({ status: 'valid', findings: [] })
  })

  test('tells beforehand what it would erase, and leaves it', async () => {
    const directory = await written()
    const before = readOpenings(directory)
    const { fields } = await erase(directory, { containing: 'zoe-quist', dryRun: true, ...why })
    expect(fields.length).toBeGreaterThan(2)
    expect(readOpenings(directory)).toEqual(before)
    for await (const { event } of readLog(directory)) expect(event.type).not.toBe('log.redacted')
  })

  test('of what is not there erases nothing and records nothing', async () => {
    const directory = await written()
    const { size } = (await verify(directory)).heads[0] ?? { size: 0 }
    expect(await erase(directory, { containing: 'nobody', ...why })).toEqual({ fields: [] })
    // Opened and closed.
    expect((await verify(directory)).heads[0]?.size).toBe(size + 2)
  })

  test('comes between batches, while others append', async () => {
    const directory = await newDirectory()
    const log = open(directory)
    const half = events.findIndex(({ subject }) => subject === requests[1])
    await log.append(events.slice(0, half))
    const [, { fields }] = await Promise.all([
      log.append(events.slice(half, half + 2)),
      log.redact({ requestIds: [requests[0] ?? ''], ...why }),
      log.append(events.slice(half + 2)),
    ])
    await log.close()
    expect(fields.length).toBeGreaterThan(3)
    expect(await verify(directory)).toMatchObject({ status: 'valid', findings: [] })
    expect(await bytesOf(directory)).not.toMatch(/zoe-quist/i)
  })

  test.each([
    [{ ...why }, /requestIds/],
    [{ ...why, requestIds: [] }, /requestIds/],
    [{ ...why, containing: ' ' }, /containing/],
    [{ ...why, containing: 'x', reason: '' }, /reason/],
    [{ ...why, containing: 'x', by: 7 }, /by/],
    [{ ...why, containing: 'x', pointers: '/note' }, /pointers/],
    [{ ...why, contains: 'x' }, /contains/],
    [{ ...why, containing: 'x', dryRun: 'no' }, /dryRun/],
  ])('refuses %j', async (redaction, problem) => {
    const log = open(await newDirectory())
    await expect(log.redact(redaction as never)).rejects.toThrow(problem)
    await log.close()
    await expect(log.redact({ ...why, containing: 'x' })).rejects.toThrow(/closed/)
  })
})

function openingsPath(directory: string): string {
  return join(directory, 'openings', `${'0'.repeat(20)}.jsonl`)
}

function readOpenings(directory: string): readonly OpeningLine[] {
  return parseOpenings(readFileSync(openingsPath(directory), 'utf8')).lines
}

function changeOpenings(
  directory: string,
  change: (lines: readonly OpeningLine[]) => readonly OpeningLine[],
): void {
  writeFileSync(openingsPath(directory), formatOpenings(change(readOpenings(directory))))
}

describe('what is done to the values beside a log is found', () => {
  const tampered: readonly [string, (directory: string) => void | Promise<void>, FindingCode][] = [
    [
      'another value',
      (directory) =>
        changeOpenings(directory, (lines) => lines.map((line) => ({ ...line, value: 'Mallory' }))),
      'opening-mismatch',
    ],
    [
      'a value of another event',
      (directory) =>
        changeOpenings(directory, (lines) => {
          const [from, to] = lines.filter(({ pointer }) => pointer === '/note')
          return lines.map((line) =>
            line === to && from ? { ...line, value: from.value, salt: from.salt } : line,
          )
        }),
      'opening-mismatch',
    ],
    [
      'a redaction without its event',
      (directory) => changeOpenings(directory, (lines) => lines.slice(1)),
      'opening-missing',
    ],
    ['a file that is gone', (directory) => rmSync(openingsPath(directory)), 'opening-missing'],
    [
      'a redacted value restored differently',
      async (directory) => {
        const before = readOpenings(directory)
        await erase(directory, { containing: 'zoe-quist', ...why })
        writeFileSync(
          openingsPath(directory),
          formatOpenings(before.map((line) => ({ ...line, value: 'Zac' }))),
        )
      },
      'redaction-undone',
    ],
    [
      'a redacted value restored as it was',
      async (directory) => {
        const before = readOpenings(directory)
        await erase(directory, { containing: 'zoe-quist', ...why })
        writeFileSync(openingsPath(directory), formatOpenings(before))
      },
      'redaction-undone',
    ],
  ]

  test.each(tampered)('%s', async (_, tamper, code) => {
    const directory = await written()
    await tamper(directory)
    const { findings, status } = await verify(directory)
    expect(status).toBe('invalid')
    const finding = findings.find((one) => one.code === code)
    expect(finding?.place).toMatchObject({ directory, index: expect.any(Number) })
  })

  test('lines that are none are told of', async () => {
    const directory = await written()
    writeFileSync(openingsPath(directory), `${readFileSync(openingsPath(directory), 'utf8')}{"half`)
    expect(await verify(directory)).toMatchObject({
      status: 'valid',
      findings: [{ severity: 'warning', code: 'opening-unreadable' }],
    })
  })
})

describe('a disclosed value', () => {
  test('is proven by a receipt, and by its opening alone', async () => {
    const directory = await written()
    const id = requests[0] ?? ''
    const silent = await makeReceipt(directory, id)
    expect(JSON.stringify(silent)).not.toMatch(/zoe-quist/i)
    expect(verifyReceipt(JSON.stringify(silent), { trust }).status).toBe('valid')
    const open = await makeReceipt(directory, id, { disclose: true })
    expect(verifyReceipt(JSON.stringify(open), { trust })).toMatchObject({ status: 'valid', findings: [] })
    const [created] = open.events
    const event = decodeEntry(Buffer.from(created?.entry ?? ''))
    expect(JSON.stringify(discloseEvent(event, created?.openings ?? []).data)).toMatch(
      /zoe-quist@example.com/,
    )
    for (const opening of created?.openings ?? []) {
      expect(opensCommitment(event, opening)).toBe(true)
      expect(opensCommitment(event, { ...opening, value: 'x' })).toBe(false)
      expect(opensCommitment(event, { ...opening, salt: 'x' })).toBe(false)
      expect(opensCommitment(event, { ...opening, pointer: '/action' })).toBe(false)
      expect(opensCommitment({ data: {} }, opening)).toBe(false)
    }
    const forged = JSON.stringify(open).replaceAll('zoe-quist@example.com', 'eve@example.com')
    const codes = verifyReceipt(forged, { trust }).findings.map(({ code }) => code)
    expect(codes).toContain('opening-mismatch')
  })
})

test('other sinks get the commitments with what opens them, and may drop that', async () => {
  const memory = memoryAudit()
  await memory.append(events)
  expect(memory.events.some(({ openings }) => (openings ?? []).length > 0)).toBe(true)
})
