import {
  type ApprovalRequest,
  type AuditEvent,
  type CreateResult,
  checkCreation,
  illegalMove,
  isDecided,
  type KeyTombstone,
} from '@gatewright/core'
import { columnsOf, texts } from '../columns'
import { isDuplicate, isOnesFault } from '../errors'
import { createLane, type Settled } from '../lane'
import type { Parts } from '../parts'
import type { Rows } from '../rows'
import { PLACE, type Row } from '../sql'
import { tokenOf, tokenOfAll } from '../text'
import { eventColumns, type SealedEvent, sealEvents } from './events'

const COLUMNS = {
  id: 'text',
  status: 'text',
  action: 'text',
  kind: 'text',
  shape: 'text',
  requester: 'text',
  run: 'text',
  created_at: 'float8',
  due_at: 'float8',
  decided: 'bool',
  last_seq: 'int4',
  key: 'text',
  body: 'text',
} as const

type CreationRow = Readonly<Record<keyof typeof COLUMNS, string | number | boolean | null>> & {
  readonly id: string
  readonly key: string | null
  readonly body: string
}

interface Creation {
  readonly request: ApprovalRequest
  readonly row: CreationRow
  readonly events: readonly SealedEvent[]
}

/** `kind`: requests of one action and argument shape. */
export const kindOf = (action: string, argumentShape: string): string => tokenOfAll([action, argumentShape])

/** Makes `create`: what one turn asks for is saved by one statement. */
export function createCreating({ database, rows, announce }: Parts) {
  const { requests, keys, events, mark } = database.names

  const lane = createLane<Creation, CreateResult>({
    about: ({ row }) => [row.id],
    weight: ({ row }) => row.body.length,
    isOnesFault,
    run: save,
  })

  async function save(items: readonly Creation[]): Promise<readonly Settled<CreateResult>[]> {
    const input = columnsOf(COLUMNS)
    for (const { row } of items) input.add(row)
    const recorded = eventColumns(items.flatMap(({ events: some }) => some))
    // I3: the row of a key stays for ever, so that no creation slips in between a request and its tombstone.
    const saved = await database.write({
      name: `gw_create_${mark}`,
      text: `WITH input AS (SELECT * FROM ${input.from(1, 't')}),
      held AS (
        INSERT INTO ${keys} (key, request_id) SELECT key, id FROM input WHERE key IS NOT NULL
        ON CONFLICT (key) DO NOTHING RETURNING key, request_id),
      saved AS (
        INSERT INTO ${requests} (id, version, status, action, kind, shape, requester, run, created_at, due_at, decided_at,
          last_seq, place, body)
        SELECT id, 1, status, action, kind, shape, requester, run, created_at, due_at,
          CASE WHEN decided THEN ${PLACE} END, last_seq, ${PLACE}, body
        FROM input AS i
        WHERE key IS NULL OR EXISTS (SELECT 1 FROM held AS h WHERE h.key = i.key AND h.request_id = i.id)
        RETURNING id, place),
      recorded AS (
        INSERT INTO ${events} (subject, seq, place, part, loose, waiting, logs, body)
        SELECT e.subject, e.seq, s.place, e.part, false, true, '', e.body
        FROM ${recorded.from(14, 'e')} JOIN saved AS s ON s.id = e.subject)
      SELECT id FROM saved`,
      values: [...input.values, ...recorded.values],
    })
    const ids = new Set(saved.map((row) => row.id))
    announce(items.flatMap(({ row, request }) => (ids.has(row.id) ? request.id : [])))
    const holders = await holdersOf(
      items.flatMap(({ row: { id, key } }) => (ids.has(id) || key === null ? [] : key)),
    )
    return items.map(({ row: { id, key }, request }): Settled<CreateResult> => {
      if (ids.has(id)) return { type: 'done', value: { created: true, request } }
      const holder = key === null ? undefined : holders.get(key)
      return holder === undefined ? { type: 'again' } : { type: 'done', value: answerOf(holder) }
    })
  }

  /** The requests or tombstones that have these keys, given as tokens. */
  async function holdersOf(
    tokens: readonly string[],
  ): Promise<ReadonlyMap<string, ApprovalRequest | KeyTombstone>> {
    const found = new Map<string, ApprovalRequest | KeyTombstone>()
    if (tokens.length === 0) return found
    const answer = await database.read({
      name: `gw_keys_${mark}`,
      text: `SELECT k.key, k.tombstone, r.id, r.body FROM ${keys} AS k LEFT JOIN ${requests} AS r ON r.id = k.request_id
        WHERE k.key = ANY($1::text[])`,
      values: [texts(tokens)],
    })
    for (const row of answer) {
      const holder = holderOf(row)
      if (holder !== null) found.set(String(row.key), holder)
    }
    return found
  }

  function holderOf(row: Row): ApprovalRequest | KeyTombstone | null {
    if (row.body !== null) return rows.openRequest(row)
    return row.tombstone === null ? null : rows.open('keys', { id: row.key, body: row.tombstone })
  }

  const byKey = createLane<string, ApprovalRequest | KeyTombstone | null>({
    async run(tokens) {
      const holders = await holdersOf(tokens)
      return tokens.map((token) => ({ type: 'done', value: holders.get(token) ?? null }))
    },
  })

  return {
    async create(request: ApprovalRequest, some: readonly AuditEvent[]): Promise<CreateResult> {
      checkCreation(request, some)
      // Serialised now: the caller may do with it what it likes.
      const row = rowOf(request, rows)
      const sealed = sealEvents(rows, row.id, some)
      try {
        return await lane({ request, row, events: sealed })
      } catch (error) {
        if (isDuplicate(error)) throw illegalMove(request.id, 'there is a request with this id')
        throw error
      }
    },
    getByKey: (key: string) => byKey(tokenOf(key)),
  }
}

function rowOf(request: ApprovalRequest, rows: Rows): CreationRow {
  const { status, action, argumentShape, requester, origin, createdAt, dueAt, key, lastEvent } = request
  const id = tokenOf(request.id)
  return {
    id,
    status,
    action: tokenOf(action),
    kind: kindOf(action, argumentShape),
    shape: tokenOf(argumentShape),
    requester: tokenOf(requester.id),
    run: origin.runId === null ? null : tokenOf(origin.runId),
    created_at: createdAt,
    due_at: dueAt,
    decided: isDecided(request),
    last_seq: lastEvent.seq,
    key: key === null ? null : tokenOf(key),
    body: rows.sealRequest(request, id),
  }
}

function answerOf(holder: ApprovalRequest | KeyTombstone): CreateResult {
  return 'requestId' in holder
    ? { created: false, request: null, tombstone: holder }
    : { created: false, request: holder }
}
