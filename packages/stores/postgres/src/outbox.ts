import { type ApprovalStore, type AuditEvent, illegalMove } from '@gatewright/core'
import { columnsOf, texts } from './columns'
import type { Query } from './database'
import { isOnesFault } from './errors'
import { allDone, createLane, type Settled } from './lane'
import type { Parts } from './parts'
import { recordLoose } from './record-loose'
import { eventColumns, type SealedEvent, sealEvents } from './requests/events'
import { PLACE } from './sql'
import { tokenOf } from './text'

interface Recording {
  readonly subjects: ReadonlyMap<string, string>
  readonly events: readonly SealedEvent[]
}

interface Wanted {
  readonly subject: string
  readonly log: string
  readonly limit: number
}

interface Acknowledged {
  readonly log: string
  readonly subject: string
  readonly seq: number
}

/** Makes the outbox. Which logs hold an event stands in its row. */
export function createOutbox({ database, rows }: Parts): ApprovalStore['outbox'] {
  const { events, requests, mark } = database.names

  const firsts = createLane<Recording, void>({
    weight: ({ events: [event] }) => event?.body.length ?? 0,
    isOnesFault,
    run: recordFirsts,
  })
  const chains = createLane<Recording, void>({
    about: ({ subjects }) => [...subjects.keys()],
    most: 1,
    async run([one]) {
      if (one !== undefined)
        await database.transact((query) => recordLoose(database.names, query, one.events, one.subjects))
      return [{ type: 'done', value: undefined }]
    },
  })
  const wanted = createLane<Wanted, readonly AuditEvent[]>({ inFlight: 2, run: readWanted })
  const acknowledged = createLane<readonly Acknowledged[], void>({
    // At most 2,500 rows: some engines limit what a transaction changes.
    weight: (some) => some.length * 1_600,
    run: acknowledge,
  })

  /** Most steps that stand alone are the only one of their subject: many in one statement. */
  async function recordFirsts(items: readonly Recording[]): Promise<readonly Settled<void>[]> {
    const recorded = eventColumns(items.flatMap((item) => item.events))
    const saved = await database.write({
      name: `gw_record_${mark}`,
      text: `INSERT INTO ${events} (subject, seq, place, part, loose, waiting, logs, body)
        SELECT e.subject, e.seq, ${PLACE}, e.part, true, true, '', e.body FROM ${recorded.from(1, 'e')}
        WHERE NOT EXISTS (SELECT 1 FROM ${requests} AS r WHERE r.id = e.subject)
        ON CONFLICT (subject, seq) DO NOTHING RETURNING subject`,
      values: recorded.values,
    })
    const ids = new Set(saved.map(({ subject }) => subject))
    const others = items.flatMap((item) => item.events).filter(({ subject }) => !ids.has(subject))
    const taken = await requestsAmong(database.read, others)
    return items.map(({ events: [event], subjects }) =>
      event !== undefined && taken.has(event.subject)
        ? {
            type: 'failed',
            error: illegalMove(subjects.get(event.subject) ?? '', "a request's events come with its moves"),
          }
        : { type: 'done', value: undefined },
    )
  }

  async function requestsAmong(query: Query, some: readonly SealedEvent[]): Promise<ReadonlySet<unknown>> {
    if (some.length === 0) return new Set()
    const found = await query({
      text: `SELECT id FROM ${requests} WHERE id = ANY($1::text[])`,
      values: [texts(some.map(({ subject }) => subject))],
    })
    return new Set(found.map(({ id }) => id))
  }

  async function readWanted(items: readonly Wanted[]): Promise<readonly Settled<readonly AuditEvent[]>[]> {
    const input = columnsOf({ n: 'int4', subject: 'text', log: 'text', most: 'int4' })
    for (const [n, { subject, log, limit }] of items.entries()) input.add({ n, subject, log, most: limit })
    const found = await database.read({
      name: `gw_chains_${mark}`,
      text: `SELECT t.n, e.subject, e.seq, e.body FROM ${input.from(1, 't')} CROSS JOIN LATERAL (
        SELECT subject, seq, body FROM ${events} AS w
        WHERE w.subject = t.subject AND position(t.log IN w.logs) = 0 ORDER BY seq LIMIT t.most) AS e
        ORDER BY t.n, e.seq`,
      values: input.values,
    })
    const answers = items.map((): AuditEvent[] => [])
    for (const row of found) answers[Number(row.n)]?.push(rows.openEvent(row))
    return allDone(answers)
  }

  async function acknowledge(items: readonly (readonly Acknowledged[])[]): Promise<readonly Settled<void>[]> {
    for (const log of new Set(items.flat().map((one) => one.log))) {
      const input = columnsOf({ subject: 'text', seq: 'int4' })
      const seen = new Set<string>()
      const own = items.flat().filter((one) => one.log === log)
      // In one order everywhere, so that two who acknowledge the same do not wait for each other.
      for (const { subject, seq } of own.sort(byChain)) {
        const name = `${subject}/${seq}`
        if (!seen.has(name)) input.add({ subject, seq })
        seen.add(name)
      }
      await database.write({
        name: `gw_published_${mark}`,
        // What belongs to no request goes once some log has all of its chain, and not one by one: the next event has to
        // find the one that it follows. (Two who take the last ones at the same instant leave them to whoever comes next.)
        text: `WITH input AS (SELECT * FROM ${input.from(2, 't')}),
        whole AS (
          SELECT DISTINCT subject FROM input AS i WHERE NOT EXISTS (
            SELECT 1 FROM ${events} AS w WHERE w.subject = i.subject AND w.waiting
              AND (w.subject, w.seq) NOT IN (SELECT subject, seq FROM input))),
        gone AS (DELETE FROM ${events} AS e USING whole AS h WHERE e.subject = h.subject AND e.loose)
        UPDATE ${events} AS e SET waiting = false, logs = e.logs || $1 FROM input AS i
        WHERE e.subject = i.subject AND e.seq = i.seq AND position($1 IN e.logs) = 0
          AND NOT (e.loose AND e.subject IN (SELECT subject FROM whole))`,
        values: [log, ...input.values],
      })
    }
    return items.map(() => ({ type: 'done', value: undefined }))
  }

  return {
    async record(some) {
      const subjects = new Map(some.map(({ subject }) => [tokenOf(subject), subject]))
      // Serialised now: the caller may do with it what it likes.
      const sealed = some.flatMap((event) => sealEvents(rows, tokenOf(event.subject), [event]))
      if (sealed.length === 0) return
      const isFirst = sealed.length === 1 && sealed[0]?.seq === 1
      await (isFirst ? firsts : chains)({ subjects, events: sealed })
    },
    async unpublished({ logId, subject, limit }) {
      if (subject !== undefined)
        return wanted({ subject: tokenOf(subject), log: logToken(logId), limit: Math.min(limit, MOST) })
      const found = await database.read({
        name: `gw_waiting_${mark}`,
        text: `SELECT subject, seq, body FROM ${events} WHERE waiting ORDER BY place, part LIMIT $1`,
        values: [limit],
      })
      return found.map(rows.openEvent)
    },
    async published(logId, eventIds) {
      const log = logToken(logId)
      const some = eventIds.flatMap((id) => acknowledgedOf(log, id))
      if (some.length > 0) await acknowledged(some)
    },
  }
}

const MOST = 2_147_483_647

/** A log's place in the list of those that hold an event: nothing in a token ends a line. */
function logToken(logId: string): string {
  return `\n${tokenOf(logId)}\n`
}

/** An event's id is `<subject>/<seq>`. Other ids are nobody's. */
function acknowledgedOf(log: string, id: string): readonly Acknowledged[] {
  const slash = id.lastIndexOf('/')
  const digits = id.slice(slash + 1)
  if (slash < 0 || !/^[1-9]\d{0,9}$/.test(digits) || Number(digits) > MOST) return []
  return [{ log, subject: tokenOf(id.slice(0, slash)), seq: Number(digits) }]
}

function byChain(one: Acknowledged, other: Acknowledged): number {
  if (one.subject !== other.subject) return one.subject < other.subject ? -1 : 1
  return one.seq - other.seq
}
