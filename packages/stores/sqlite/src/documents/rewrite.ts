import type { Statement, Value } from '../database/connection'
import { DOCUMENT_TABLES, type DocumentTable } from '../database/schema'
import type { Parts } from '../rows/parts'
import { prepareAll } from '../rows/statements'
import type { Sealed } from './vault'

const BATCH = 100
const TABLES = Object.keys(DOCUMENT_TABLES) as readonly DocumentTable[]

/** A document to be put in place of the one that stands there. */
interface Replacement {
  readonly rowid: number
  readonly from: Value
  readonly to: Sealed
}

/** Makes what seals every document with the first key that is not sealed with it yet, in batches. Answers how many. */
export async function createRewrite({ vault, database, read, write }: Parts): Promise<() => Promise<number>> {
  const texts = Object.fromEntries(
    TABLES.map((table) => [table, `UPDATE ${table} SET doc = ?1 WHERE rowid = ?2 AND doc = ?3`]),
  ) as Record<DocumentTable, string>
  const replace = await prepareAll(database, texts)

  async function rewriteTable(table: DocumentTable): Promise<number> {
    const text = `SELECT rowid, doc, ${DOCUMENT_TABLES[table]} FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT ${BATCH}`
    let written = 0
    let after = 0
    for (;;) {
      const rows = await read((queries) => queries.all(text, [after]))
      const last = rows.at(-1)
      if (last === undefined) return written
      after = Number(last[0])
      const replacements = rows.flatMap(([rowid, from, ...binding]): readonly Replacement[] => {
        const to = vault.reseal(table, binding.map(partOf), from)
        const old = from instanceof ArrayBuffer ? new Uint8Array(from) : (from ?? null)
        return to === null ? [] : [{ rowid: Number(rowid), from: old, to }]
      })
      if (replacements.length > 0) written += await write(() => replaceAll(replace[table], replacements))
    }
  }

  return async () => {
    let written = 0
    for (const table of TABLES) written += await rewriteTable(table)
    return written
  }
}

/** A row that moved meanwhile was sealed anew by that. */
function replaceAll(statement: Statement, replacements: readonly Replacement[]): number {
  let written = 0
  for (const { rowid, from, to } of replacements) written += statement.run([to, rowid, from]).changes
  return written
}

function partOf(value: unknown): string | number {
  return typeof value === 'number' ? value : String(value)
}
