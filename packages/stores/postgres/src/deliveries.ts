import type { ApprovalStore, DeliveryRow } from '@gatewright/core'
import { columnsOf } from './columns'
import { allDone, createLane, type Settled } from './lane'
import type { Parts } from './parts'
import { nowMs } from './sql'
import { tokenOf } from './text'

interface Put {
  readonly id: string
  readonly request_id: string
  readonly next_at: number | null
  readonly body: string
}

/** Makes the table of messages to people. Rows of requests that are not there are not kept. */
export function createDeliveries({ database, rows }: Parts): ApprovalStore['deliveries'] {
  const { deliveries, requests, mark } = database.names

  const puts = createLane<Put, void>({
    about: ({ id }) => [id],
    weight: ({ body }) => body.length,
    async run(items) {
      const input = columnsOf({ id: 'text', request_id: 'text', next_at: 'float8', body: 'text' })
      for (const item of items) input.add({ ...item })
      await database.write({
        name: `gw_deliver_${mark}`,
        text: `INSERT INTO ${deliveries} (id, request_id, next_at, body)
          SELECT t.id, t.request_id, t.next_at, t.body FROM ${input.from(1, 't')}
          WHERE EXISTS (SELECT 1 FROM ${requests} AS r WHERE r.id = t.request_id)
          ON CONFLICT (id) DO UPDATE SET request_id = excluded.request_id, next_at = excluded.next_at,
            body = excluded.body`,
        values: input.values,
      })
      return items.map(() => ({ type: 'done', value: undefined }))
    },
  })

  const ofRequests = createLane<string, readonly DeliveryRow[]>({
    async run(tokens): Promise<readonly Settled<readonly DeliveryRow[]>[]> {
      const input = columnsOf({ n: 'int4', request_id: 'text' })
      for (const [n, request_id] of tokens.entries()) input.add({ n, request_id })
      const found = await database.read({
        name: `gw_deliveries_${mark}`,
        text: `SELECT t.n, d.id, d.body FROM ${input.from(1, 't')}
          JOIN ${deliveries} AS d ON d.request_id = t.request_id`,
        values: input.values,
      })
      const answers = tokens.map((): DeliveryRow[] => [])
      for (const row of found) answers[Number(row.n)]?.push(rows.open('deliveries', row))
      return allDone(answers)
    },
  })

  return {
    put(row) {
      const id = tokenOf(row.id)
      return puts({
        id,
        request_id: tokenOf(row.requestId),
        next_at: row.nextAttemptAt,
        body: rows.seal('deliveries', id, row),
      })
    },
    of: (requestId) => ofRequests(tokenOf(requestId)),
    async due(limit, after = null) {
      const found = await database.read({
        name: `gw_deliveries_due_${mark}`,
        text: `SELECT id, body FROM ${deliveries} WHERE next_at <= ${nowMs(1)} AND (next_at, id) > ($3::float8, $4::text)
          ORDER BY next_at, id LIMIT $2`,
        values: [
          database.clock.given(),
          limit,
          after === null ? Number.NEGATIVE_INFINITY : (after.nextAttemptAt ?? FROM_BEFORE),
          after === null ? '' : tokenOf(after.id),
        ],
      })
      return found.map((row) => rows.open<DeliveryRow>('deliveries', row))
    },
  }
}

/** What the column holds where the row has no time: the migration to version 2 had each such row looked at once. */
const FROM_BEFORE = 0
