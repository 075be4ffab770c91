import type { Query } from './database'
import { codeOf, isConflict, unavailable } from './errors'
import type { Names } from './names'
import { pause } from './pause'
import { foundation, migrationsOf } from './schema'
import type { Statement } from './sql'

type WithConnection = <T>(work: (query: Query) => Promise<T>) => Promise<T>

const ATTEMPTS = 20
/** Somebody else made the same thing at the same moment. */
const RACED = /^(23505|42P0[67]|42710|XX000|55P03)$/
const NOT_THERE = /^(42P01|3F000)$/
const NOT_TOGETHER = /^(0A000|25001)$/

/**
 * Brings the schema to this version. However many processes start together, each step is made once: its row in the table
 * of versions is written in its own transaction, and whoever comes second waits there for the first.
 *
 * @throws GatewrightError `ERR_STORE_UNAVAILABLE` for a schema newer than this version, or an older one that it may not change
 */
export async function migrate(names: Names, allowed: boolean, withConnection: WithConnection): Promise<void> {
  const steps = migrationsOf(names)
  for (let attempt = 0; ; attempt += 1) {
    try {
      await withConnection(async (query) => {
        const version = await versionOf(names, query)
        if (version > steps.length) throw newer(names, version, steps.length)
        if (version === steps.length) return
        if (!allowed) throw older(names, version, steps.length)
        if (version === 0) await query(together(foundation(names)))
        for (let next = version + 1; next <= steps.length; next += 1)
          await take(names, query, next, steps[next - 1] ?? [])
      })
      return
    } catch (error) {
      if (attempt >= ATTEMPTS || !(RACED.test(codeOf(error)) || isConflict(error))) throw error
      await pause(attempt, 10, 500)
    }
  }
}

async function versionOf({ migrations }: Names, query: Query): Promise<number> {
  try {
    const [row] = await query({ text: `SELECT max(version) AS version FROM ${migrations}`, values: [] })
    return Number(row?.version ?? 0)
  } catch (error) {
    if (NOT_THERE.test(codeOf(error))) return 0
    throw error
  }
}

async function take(
  { migrations }: Names,
  query: Query,
  version: number,
  statements: readonly string[],
): Promise<void> {
  const note = {
    text: `INSERT INTO ${migrations} (version, applied_at) VALUES ($1, now()) ON CONFLICT (version) DO NOTHING RETURNING version`,
    values: [version],
  }
  await query({ text: 'BEGIN', values: [] })
  try {
    const [first] = await query(note)
    if (first !== undefined) await query(together(statements))
    await query({ text: 'COMMIT', values: [] })
  } catch (error) {
    await query({ text: 'ROLLBACK', values: [] }).catch(() => undefined)
    if (!NOT_TOGETHER.test(codeOf(error))) throw error
    // An engine that takes no two such statements together. Each may be run again, so that a cut in between heals.
    for (const text of statements) await query({ text, values: [] })
    await query(note)
  }
}

/** Many statements in one round trip. */
function together(statements: readonly string[]): Statement {
  return { text: statements.join(';\n'), values: [] }
}

function newer({ schema }: Names, version: number, known: number) {
  return unavailable(
    `the tables in the schema ${schema} have version ${version}, and this program knows up to ${known}. Update @gatewright/store-postgres; nothing was changed.`,
  )
}

function older({ schema }: Names, version: number, known: number) {
  return unavailable(
    `the tables in the schema ${schema} have version ${version}, this program needs ${known}, and migrate is false. Run what postgresSchema() lists; nothing was changed.`,
  )
}
