import { unavailable } from '../errors'
import type { WritingConnection } from './connection'
import type { Migration } from './schema'

const TABLE = 'gatewright_schema'

/**
 * Brings the schema to the newest version, in one transaction: of several processes that start together one does it, and the
 * others find it done.
 *
 * @throws GatewrightError `ERR_STORE_UNAVAILABLE` when the file has a newer schema, or is somebody else's database
 */
export async function migrate(
  database: WritingConnection,
  migrations: readonly Migration[],
  path: string,
): Promise<void> {
  await database.begin()
  try {
    const from = await versionOf(database, path)
    if (from > migrations.length) {
      throw unavailable(
        `${path} was written by a newer version of @gatewright/store-sqlite (its schema has version ${from}, and this one knows ${migrations.length}). Install that version.`,
      )
    }
    for (const [index, step] of migrations.entries()) {
      if (index < from) continue
      for (const sql of step) await database.exec(sql)
      await database.exec(`INSERT INTO ${TABLE} (version) VALUES (${index + 1})`)
    }
    await database.exec('COMMIT')
  } catch (error) {
    if (database.inTransaction) await database.exec('ROLLBACK')
    throw error
  }
}

async function versionOf(database: WritingConnection, path: string): Promise<number> {
  const tables = await database.prepare(
    `SELECT count(*), count(*) FILTER (WHERE name = '${TABLE}') FROM sqlite_master WHERE type = 'table'`,
  )
  const [all, ours] = tables.get([]) ?? []
  if (all === 0) {
    await database.exec(
      `CREATE TABLE ${TABLE} (version INTEGER PRIMARY KEY, made_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)`,
    )
    return 0
  }
  if (ours !== 1) {
    throw unavailable(
      `${path} is the database of something else: it has tables, and none of them is "${TABLE}". Give the store a file of its own.`,
    )
  }
  const newest = await database.prepare(`SELECT max(version) FROM ${TABLE}`)
  return Number(newest.get([])?.[0] ?? 0)
}
