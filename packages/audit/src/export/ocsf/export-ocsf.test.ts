import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent, Json } from '@gatewright/core'
import { afterAll, describe, expect, test } from 'vitest'
import { engineEvents } from '../../../test/engine-events'
import { honestWorld, honestWorlds } from '../../../test/honest-worlds'
import { OCSF, ocsfProblems } from '../../../test/support/ocsf-schema'
import { makeKeys, ORIGIN, writeEvents } from '../../../test/written-log'
import type { LogEvent } from '../../event'
import { factReader } from '../event-facts'
import { EVENT_KINDS, OCSF_VERSION } from './event-classes'
import { exportOcsf } from './export-ocsf'
import { ocsfEvent } from './ocsf-event'

const root = mkdtempSync(join(tmpdir(), 'ocsf-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const { signer } = makeKeys()
const worlds = [...(await honestWorlds()).values()].flat()
const all: readonly AuditEvent[] = [...worlds, ...(await engineEvents(3))]

interface Exported {
  readonly [name: string]: unknown
  readonly metadata: { readonly event_code: string; readonly sequence: number }
  readonly api?: { readonly operation: string }
}

const factsOf = factReader()
const mapped = all.map((event, index) => ({
  event,
  made: ocsfEvent(
    { event, index, text: JSON.stringify(event), origin: ORIGIN },
    factsOf(event),
  ) as unknown as Exported,
}))

const own = (type: LogEvent['type'], data: LogEvent['data'] = {}): Exported => {
  const subject = `log:${ORIGIN}`
  const event = { data, id: `${subject}/1`, previous: null, seq: 1, source: ORIGIN, subject, time: 5, type }
  return ocsfEvent({ event, index: 0, text: '', origin: ORIGIN }, factReader()(event)) as unknown as Exported
}

/** Every value in a tree, as text. */
function leaves(value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(leaves)
  return [String(value)]
}

describe('events as OCSF', () => {
  test('are of the release that the extract was taken from', () => {
    expect(OCSF.version).toBe(OCSF_VERSION)
  })

  test('have every required attribute, no unknown one, and values of the schema', () => {
    for (const { event, made } of mapped)
      expect({ type: event.type, problems: ocsfProblems(made) }).toEqual({ type: event.type, problems: [] })
  })

  test('every type of event was looked at, by its own data or without any', () => {
    const seen = new Set<string>(all.map(({ type }) => type))
    for (const type of Object.keys(EVENT_KINDS)) {
      const problems = ocsfProblems(own(type as LogEvent['type']))
      expect({ type, problems }).toEqual({ type, problems: [] })
    }
    expect(seen.size).toBeGreaterThan(25)
    expect(ocsfProblems(own('request.of-tomorrow' as LogEvent['type'], { a: 1 }))).toEqual([])
  })

  test('lose nothing that an event says', () => {
    for (const { event, made } of mapped) {
      const kept = new Set(leaves(made))
      const lost = leaves(event.data).filter((leaf) => leaf !== 'null' && leaf !== 'false' && !kept.has(leaf))
      expect({ type: event.type, lost }).toEqual({ type: event.type, lost: [] })
      expect(made).toMatchObject({ time: event.time, metadata: { uid: event.id, event_code: event.type } })
    }
  })

  test('say who voted, on what, and what became of it', async () => {
    const events = await honestWorld('voted')
    const reader = factReader()
    const made = events.map(
      (event, index) =>
        ocsfEvent({ event, index, text: '', origin: ORIGIN }, reader(event)) as unknown as Exported,
    )
    const of = (code: string) => made.find(({ metadata }) => metadata.event_code === code)
    expect(of('request.vote-cast')).toMatchObject({
      type_uid: 300403,
      actor: { user: { uid: 'ada', type_id: 1 } },
      entity: { type: 'Approval Request', name: 'data.export' },
      comment: 'checked',
      observables: expect.arrayContaining([{ name: 'actor.user.uid', type_id: 31, value: 'ada' }]),
    })
    expect(of('request.approved')).toMatchObject({ action_id: 1, disposition_id: 8 })
    expect(of('execution.started')).toMatchObject({
      class_uid: 6003,
      api: { operation: 'data.export' },
      actor: { app_name: 'bot' },
      disposition: 'Approved',
    })
    expect(of('execution.succeeded')).toMatchObject({ status_id: 1, api: { operation: 'data.export' } })
  })

  test('a run that nobody approved stands out', async () => {
    const events = await honestWorld('observed')
    const reader = factReader()
    const starts = events
      .map((event) => ocsfEvent({ event, index: 0, text: '', origin: ORIGIN }, reader(event)))
      .filter(({ type_name, action }) => type_name === 'API Activity: Execute' && action !== undefined)
    expect(starts.length).toBeGreaterThan(0)
    for (const start of starts) expect(start).toMatchObject({ action: 'Observed', severity_id: 3 })
  })

  test('what was committed passes through as it is', () => {
    const hidden: Json = { hmac: 'ab12' }
    const event = {
      data: {
        actor: { issuer: 'i', subject: 's', name: hidden, type: 'human' },
        committed: ['/note'],
        note: hidden,
      },
      id: 'call_1/2',
      previous: 'a'.repeat(64),
      seq: 2,
      source: 'bot',
      subject: 'call_1',
      time: 7,
      type: 'request.vote-cast' as const,
    }
    const made = ocsfEvent(
      { event, index: 3, text: '', origin: ORIGIN },
      factReader()(event),
    ) as unknown as Exported
    expect(ocsfProblems(made)).toEqual([])
    expect(made.unmapped).toMatchObject({ note: hidden, actor: { name: hidden }, committed: ['/note'] })
    expect(made).not.toHaveProperty('comment')
  })
})

test('the check of the schema finds what it should', () => {
  const good = own('log.opened', { size: 3 })
  expect(ocsfProblems(good)).toEqual([])
  expect(ocsfProblems({ ...good, severity_id: 7 })).toEqual(['event.severity_id has no value 7'])
  expect(ocsfProblems({ ...good, activity_id: 5 })).toEqual(['type_uid is not class_uid * 100 + activity_id'])
  expect(ocsfProblems({ ...good, more: 1 })).toEqual(['event.more is not in the schema'])
  expect(ocsfProblems({ ...good, metadata: { version: '1' } })).toContain(
    'event.metadata.product is required',
  )
  expect(ocsfProblems({ ...good, actor: {} })[0]).toContain('event.actor has none of')
  const { time, ...without } = good
  expect([time, ocsfProblems(without)]).toEqual([5, ['event.time is required']])
})

describe('exportOcsf', () => {
  const lines = async (options: Parameters<typeof exportOcsf>[0]): Promise<readonly Exported[]> => {
    const read: Exported[] = []
    for await (const line of exportOcsf(options)) {
      expect(line.endsWith('\n') && line.indexOf('\n') === line.length - 1).toBe(true)
      read.push(JSON.parse(line))
    }
    return read
  }

  test('writes a line for each event, in the order of the log, large data put back', async () => {
    const directory = join(root, 'one')
    await writeEvents(directory, await honestWorld('large'), signer, { segment: 3 })
    const read = await lines({ directories: [directory] })
    const events = await honestWorld('large')
    expect(read).toHaveLength(events.length)
    expect(read.map(({ metadata }) => metadata.sequence)).toEqual(read.map((_, index) => index))
    const created = read.find(({ metadata }) => metadata.event_code === 'request.created')
    expect(JSON.stringify(created)).toContain('é'.repeat(1_000))
    expect(created).toMatchObject({ entity: { name: 'data.export' }, metadata: { log_name: ORIGIN } })
  })

  test('a period keeps what was said before it', async () => {
    const directory = join(root, 'period')
    const events = await honestWorld('voted')
    await writeEvents(directory, events, signer)
    const last = events.filter(({ type }) => type === 'execution.succeeded').at(-1)
    const [only, ...others] = await lines({
      directories: [directory],
      since: last?.time ?? 0,
      until: (last?.time ?? 0) + 1,
    })
    expect(others.every(({ time }) => time === only?.time)).toBe(true)
    expect([only, ...others].map((one) => one?.api?.operation)).toContain('data.export')
    expect(await lines({ directories: [directory], until: 0 })).toEqual([])
  })

  test('wrong options are refused before anything is written', async () => {
    const refused = (options: object) => exportOcsf(options as never).next()
    await expect(refused({ directories: [] })).rejects.toThrow(/at least one directory/)
    await expect(refused({ directories: ['a', 'a'] })).rejects.toThrow(/twice/)
    await expect(refused({ directories: ['a'], since: Number.NaN })).rejects.toThrow(/since/)
    await expect(refused({ directories: ['a'], form: 1 })).rejects.toThrow(/no such option/)
    await expect(refused({ directories: [join(root, 'none')] })).rejects.toMatchObject({
      code: 'ERR_LOG_DAMAGED',
    })
  })
})
