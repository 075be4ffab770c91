import type { ApprovalStore, Mark } from '@gatewright/core'
import { texts } from './columns'
import { allDone, createLane } from './lane'
import type { Parts } from './parts'
import { nowMs } from './sql'
import { tokenOf } from './text'

/** How many hits go by between two purges of what is over. */
const PURGE_EVERY = 1_000

/** Makes the counters. A window opens with its first hit. */
export function createCounters({ database, rows }: Parts): ApprovalStore['counters'] {
  const { windows, marks, mark } = database.names
  const time = () => database.clock.given()
  let hits = 0

  // Asked for each call: many in one statement.
  const marked = createLane<string, Mark | null>({
    async run(keys) {
      const found = await database.read({
        name: `gw_mark_${mark}`,
        text: `SELECT key AS id, body FROM ${marks} WHERE key = ANY($2::text[]) AND until > ${nowMs(1)}`,
        values: [time(), texts([...new Set(keys)])],
      })
      const byKey = new Map(found.map((row) => [row.id, row]))
      return allDone(
        keys.map((key) => {
          const row = byKey.get(key)
          return row === undefined ? null : rows.open<Mark>('marks', row)
        }),
      )
    },
  })

  function purgeAtTimes(): void {
    hits += 1
    if (hits % PURGE_EVERY !== 0) return
    for (const table of [windows, marks])
      database
        .write({ text: `DELETE FROM ${table} WHERE until <= ${nowMs(1)}`, values: [time()] })
        // It is tried again, and nothing counts that is over.
        .catch(() => undefined)
  }

  return {
    async hit(key, limit, windowMs) {
      purgeAtTimes()
      // T49: a clock that jumped back ends the window too, or nobody would get through until it caught up.
      const over = 'excluded.opened >= w.until OR excluded.opened < w.opened'
      const [row] = await database.write({
        name: `gw_hit_${mark}`,
        text: `INSERT INTO ${windows} AS w (key, opened, until, hits, allowed)
          SELECT $2, n.at, n.at + $4::float8, 1, $3::int >= 1 FROM (SELECT ${nowMs(1)} AS at) AS n
          ON CONFLICT (key) DO UPDATE SET
            opened = CASE WHEN ${over} THEN excluded.opened ELSE w.opened END,
            until = CASE WHEN ${over} THEN excluded.until ELSE w.until END,
            hits = CASE WHEN ${over} THEN 1 WHEN w.hits < $3::int THEN w.hits + 1 ELSE w.hits END,
            allowed = CASE WHEN ${over} THEN $3::int >= 1 ELSE w.hits < $3::int END
          RETURNING allowed, until - ${nowMs(1)} AS left_ms`,
        values: [time(), tokenOf(key), limit, windowMs],
      })
      const allowed = row?.allowed === true
      return { allowed, retryAfterMs: allowed ? 0 : Math.max(1, Number(row?.left_ms ?? windowMs)) }
    },
    mark: (key) => marked(tokenOf(key)),
  }
}
