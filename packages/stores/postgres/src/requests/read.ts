import type { ApprovalRequest } from '@gatewright/core'
import { columnsOf, texts } from '../columns'
import { allDone, createLane } from '../lane'
import type { Parts } from '../parts'
import { nowMs } from '../sql'
import { tokenOf } from '../text'
import { kindOf } from './create'

interface Kind {
  readonly kind: string
  readonly limit: number
}

/** Makes the ways to find requests that are not listings. */
export function createReading({ database, rows }: Parts) {
  const { requests, mark } = database.names

  // Each asks for some; nobody shares an answer with another.
  const many = createLane<readonly string[], readonly ApprovalRequest[]>({
    weight: (tokens) => tokens.length * 4_000,
    async run(asked) {
      const wanted = [...new Set(asked.flat())]
      const found = await database.read({
        name: `gw_get_${mark}`,
        text: `SELECT id, body FROM ${requests} WHERE id = ANY($1::text[])`,
        values: [texts(wanted)],
      })
      const byId = new Map(found.map((row) => [row.id, row]))
      return allDone(
        asked.map((tokens) =>
          tokens.flatMap((token) => {
            const row = byId.get(token)
            return row === undefined ? [] : rows.openRequest(row)
          }),
        ),
      )
    },
  })

  // Asked for each call that is reviewed: many in one statement, and of one kind once.
  const kinds = createLane<Kind, readonly ApprovalRequest[]>({
    async run(asked) {
      const limits = new Map<string, number>()
      for (const { kind, limit } of asked) limits.set(kind, Math.max(limit, limits.get(kind) ?? 0))
      const input = columnsOf({ kind: 'text', most: 'int4' })
      for (const [kind, most] of limits) input.add({ kind, most })
      const found = await database.read({
        name: `gw_similar_${mark}`,
        text: `SELECT t.kind, r.id, r.body FROM ${input.from(1, 't')} CROSS JOIN LATERAL (
          SELECT id, decided_at, body FROM ${requests} AS s WHERE s.kind = t.kind AND s.decided_at IS NOT NULL
          ORDER BY s.decided_at DESC LIMIT t.most) AS r
          ORDER BY r.decided_at DESC`,
        values: input.values,
      })
      return allDone(
        asked.map(({ kind, limit }) =>
          found
            .filter((row) => row.kind === kind)
            .slice(0, limit)
            .map(rows.openRequest),
        ),
      )
    },
  })

  return {
    async get(id: string): Promise<ApprovalRequest | null> {
      return (await many([tokenOf(id)]))[0] ?? null
    },
    async getMany(ids: readonly string[]): Promise<readonly ApprovalRequest[]> {
      return ids.length === 0 ? [] : many(ids.map(tokenOf))
    },
    similar: (action: string, argumentShape: string, limit: number) =>
      kinds({ kind: kindOf(action, argumentShape), limit }),
    async due(
      limit: number,
    ): Promise<{ readonly requests: readonly ApprovalRequest[]; readonly nextAt: number | null }> {
      const found = await database.read({
        name: `gw_due_${mark}`,
        text: `SELECT id, due_at, CASE WHEN due_at <= ${nowMs(1)} THEN body END AS body FROM ${requests}
          WHERE due_at IS NOT NULL ORDER BY due_at, id LIMIT $2`,
        values: [database.clock.given(), limit + 1],
      })
      const due = found.filter(({ body }) => body !== null).slice(0, limit)
      const next = found[due.length]
      return {
        requests: due.map(rows.openRequest),
        nextAt: next === undefined ? null : Number(next.due_at),
      }
    },
  }
}
