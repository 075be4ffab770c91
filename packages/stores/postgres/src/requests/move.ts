import { type ApprovalRequest, isDecided, type Transition } from '@gatewright/core'
import { columnsOf } from '../columns'
import type { Query } from '../database'
import type { Names } from '../names'
import type { Rows } from '../rows'
import { nowMs, PLACE } from '../sql'
import { tokenOf } from '../text'
import { eventColumns, type SealedEvent, sealEvents } from './events'

const COLUMNS = {
  id: 'text',
  from_version: 'int4',
  from_seq: 'int4',
  last_seq: 'int4',
  status: 'text',
  due_at: 'float8',
  decided: 'bool',
  not_after: 'float8',
  not_before: 'float8',
  body: 'text',
} as const

type MoveRow = Readonly<Record<keyof typeof COLUMNS, string | number | boolean | null>> & {
  readonly id: string
  readonly body: string
}

/** A transition, serialised. */
export interface Move {
  readonly transition: Transition
  readonly row: MoveRow
  readonly events: readonly SealedEvent[]
  readonly mark: {
    readonly id: string
    readonly key: string
    readonly until: number
    readonly body: string
  } | null
}

/** Serialises a transition. What it assumes of the stored request is part of it: the statement looks whether it holds. */
export function moveOf(transition: Transition, rows: Rows): Move {
  const { next, events, fromVersion, notAfter, notBefore, mark } = transition
  const id = tokenOf(next.id)
  const key = mark === undefined ? '' : tokenOf(mark.key)
  return {
    transition,
    row: {
      id,
      from_version: fromVersion,
      from_seq: seqBefore(transition),
      last_seq: next.lastEvent.seq,
      status: next.status,
      due_at: next.dueAt,
      decided: isDecided(next),
      not_after: notAfter ?? null,
      not_before: notBefore ?? null,
      body: rows.sealRequest(next, id),
    },
    events: sealEvents(rows, id, events),
    mark: mark === undefined ? null : { id, key, until: mark.until, body: rows.seal('marks', key, mark) },
  }
}

/** Where the request's chain must stand for the move to be one. */
export function seqBefore({ next, events }: Transition): number {
  return next.lastEvent.seq - events.length
}

/** What the stored request must look like for the move to be one. */
export function assumedBy(transition: Transition): Pick<ApprovalRequest, 'id' | 'version' | 'lastEvent'> {
  const { next, fromVersion } = transition
  return { id: next.id, version: fromVersion, lastEvent: { seq: seqBefore(transition), hash: '' } }
}

/**
 * Applies those moves whose conditions hold, each by itself, in one statement. Answers with the tokens of the requests that
 * were moved. Time is read after a row's lock was waited for.
 */
export async function applyMoves(
  { requests, events, marks, mark }: Names,
  query: Query,
  now: number | null,
  moves: readonly Move[],
): Promise<ReadonlySet<unknown>> {
  const input = columnsOf(COLUMNS)
  for (const { row } of moves) input.add(row)
  const recorded = eventColumns(moves.flatMap((move) => move.events))
  const set = columnsOf({ id: 'text', key: 'text', until: 'float8', body: 'text' })
  for (const { mark: some } of moves) if (some !== null) set.add(some)
  const withMarks = set.size > 0
  const moved = await query({
    name: `gw_move${withMarks ? '_marks' : ''}_${mark}`,
    // Its action, shape, requester, run, key and creation are a request's for good.
    text: `WITH input AS (SELECT * FROM ${input.from(2, 't')}),
    moved AS (
      UPDATE ${requests} AS r SET version = t.from_version + 1, status = t.status, due_at = t.due_at,
        decided_at = CASE WHEN t.decided THEN COALESCE(r.decided_at, ${PLACE}) END,
        last_seq = t.last_seq, place = GREATEST(r.place + 1, ${PLACE}), body = t.body
      FROM input AS t
      WHERE r.id = t.id AND r.version = t.from_version AND r.last_seq = t.from_seq
        AND (t.not_after IS NULL OR ${nowMs(1)} <= t.not_after)
        AND (t.not_before IS NULL OR ${nowMs(1)} >= t.not_before)
      RETURNING r.id, r.place),
    recorded AS (
      INSERT INTO ${events} (subject, seq, place, part, loose, waiting, logs, body)
      SELECT e.subject, e.seq, m.place, e.part, false, true, '', e.body
      FROM ${recorded.from(12, 'e')} JOIN moved AS m ON m.id = e.subject)${withMarks ? marked(set.from(16, 'k'), marks) : ''}
    SELECT id FROM moved`,
    values: [now, ...input.values, ...recorded.values, ...(withMarks ? set.values : [])],
  })
  return new Set(moved.map(({ id }) => id))
}

function marked(from: string, marks: string): string {
  return `,
    marked AS (
      INSERT INTO ${marks} (key, until, body)
      SELECT k.key, k.until, k.body FROM ${from} JOIN moved AS m ON m.id = k.id
      ON CONFLICT (key) DO UPDATE SET until = excluded.until, body = excluded.body)`
}
