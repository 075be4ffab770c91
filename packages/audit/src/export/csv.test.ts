import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from '@gatewright/core'
import { afterAll, describe, expect, test } from 'vitest'
import { honestWorld, honestWorlds } from '../../test/honest-worlds'
import { makeKeys, ORIGIN, writeEvents } from '../../test/written-log'
import { exportCsv } from './csv'

const root = mkdtempSync(join(tmpdir(), 'csv-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const { signer } = makeKeys()
let made = 0

async function log(events: readonly AuditEvent[], origin = ORIGIN): Promise<string> {
  const directory = join(root, `${made++}`)
  await writeEvents(directory, events, signer, { origin, segment: 11 })
  return directory
}

async function csvOf(...directories: readonly string[]): Promise<string> {
  let text = ''
  for await (const line of exportCsv({ directories })) text += line
  return text
}

/** The grammar of RFC 4180, strictly: anything else throws. */
function parseCsv(text: string): Record<string, string>[] {
  const rows: string[][] = []
  let row: string[] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex
    const [, quoted, plain = '', end] = cell.exec(text) ?? []
    if (end === undefined) throw new Error(`no CSV at ${at}: ${text.slice(at, at + 40)}`)
    row.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  const [header = [], ...body] = rows
  return body.map((cells) => {
    expect(cells).toHaveLength(header.length)
    return Object.fromEntries(header.map((name, index) => [name, cells[index] ?? '']))
  })
}

/** A call whose parts were written by somebody who wants to be run by a spreadsheet. */
const awkward = (note: string): AuditEvent => ({
  data: { actor: { issuer: 'i', name: note, subject: '@s' }, decision: 'approve', note, requestId: 'r1' },
  id: `call/1`,
  previous: null,
  seq: 1,
  source: '=bot',
  subject: 'call',
  time: 1_790_000_000_000,
  type: 'vote.refused',
})

describe('exportCsv', () => {
  test('gives every event a row, with its data whole', async () => {
    const events = [...(await honestWorlds()).values()].flat()
    const rows = parseCsv(await csvOf(await log(events)))
    expect(rows.map(({ event_id }) => event_id)).toEqual(events.map(({ id }) => id))
    expect(rows.map(({ data = '' }) => JSON.parse(data))).toEqual(events.map(({ data }) => data))
    expect(rows.map(({ time = '' }) => Date.parse(time))).toEqual(events.map(({ time }) => time))
  })

  test('columns are stable', async () => {
    const [header] = (await csvOf(await log([awkward('x')]))).split('\r\n')
    expect(header).toBe(
      'time,type,event_id,request_id,log,log_index,source,action,requester,on_behalf_of_issuer,on_behalf_of_subject,actor_issuer,actor_subject,actor_name,actor_assurance,channel,decision,basis,reason,policy_hash,arguments_digest,review_digest,result_digest,duration_ms,summary,grant_id,previous,data',
    )
  })

  test("says an outcome's action, and who decided", async () => {
    const rows = parseCsv(await csvOf(await log(await honestWorld('voted'))))
    const of = (type: string) => rows.find((row) => row.type === type)
    expect(of('request.vote-cast')).toMatchObject({
      action: 'data.export',
      actor_subject: 'ada',
      decision: 'approve',
      reason: 'checked',
      requester: 'bot',
    })
    expect(of('execution.succeeded')).toMatchObject({ action: 'data.export', decision: 'succeeded' })
    expect(of('execution.started')).toMatchObject({ basis: 'votes', requester: 'bot' })
  })

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1'])(
    'a cell that begins with %j is no formula',
    async (note) => {
      const [row] = parseCsv(await csvOf(await log([awkward(note)])))
      expect(row).toMatchObject({
        reason: `'${note}`,
        actor_name: `'${note}`,
        actor_subject: "'@s",
        source: "'=bot",
      })
      expect(JSON.parse(row?.data ?? '').note).toBe(note)
    },
  )

  test('quotes, commas and new lines stay in their cell', async () => {
    const note = 'he said "no, never",\r\nand left, é 日本'
    const [row, ...others] = parseCsv(await csvOf(await log([awkward(note)])))
    expect([row?.reason, others]).toEqual([note, []])
  })

  test('what was committed passes through as it is', async () => {
    const event = awkward('x')
    const data = { ...event.data, note: { hmac: 'ab' }, committed: ['/note'] }
    const [row] = parseCsv(await csvOf(await log([{ ...event, data }])))
    expect(row?.reason).toBe('{"hmac":"ab"}')
    expect(JSON.parse(row?.data ?? '')).toEqual(data)
  })
})

describe('several logs', () => {
  test('T54: tell one story, equal events once, however far apart their copies are', async () => {
    const events = await honestWorld('voted')
    const others = await honestWorld('rejected')
    const here = await log([...events, ...others], 'log.test/here')
    const there = await log([...others, ...events], 'log.test/there')
    const rows = parseCsv(await csvOf(here, there))
    const ids = rows.map(({ event_id }) => event_id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(ids)).toEqual(new Set([...events, ...others].map(({ id }) => id)))
  })

  test('two tellings of one event are both there', async () => {
    const here = await log([awkward('one')], 'log.test/here')
    const there = await log([awkward('two')], 'log.test/there')
    const rows = parseCsv(await csvOf(here, there))
    expect(rows.map(({ reason, log }) => [reason, log])).toEqual([
      ['one', 'log.test/here'],
      ['two', 'log.test/there'],
    ])
  })
})

test('data beside the log that is missing or another is not made up', async () => {
  const events = await honestWorld('large')
  const directory = await log(events)
  const whole = await csvOf(directory)
  const created = parseCsv(whole).find(({ type }) => type === 'request.created')
  expect(created?.action).toBe('data.export')
  for (const change of [
    (file: string) => writeFileSync(file, '{}'),
    (file: string) => rmSync(file, { force: true }),
  ]) {
    const bodies = join(directory, 'bodies')
    for (const name of readdirSync(bodies)) change(join(bodies, name))
    const row = parseCsv(await csvOf(directory)).find(({ type }) => type === 'request.created')
    expect(Object.keys(JSON.parse(row?.data ?? '')).sort()).toEqual(['body', 'bytes'])
    expect(row?.action).toBe('')
  }
})
