import type { Value, WritingConnection } from '../database/connection'
import { DOCUMENT_TABLES, type DocumentTable } from '../database/schema'
import type { Sealed } from '../documents/vault'
import { prepareAll } from './statements'
import type { Transaction } from './transaction'

/** A document to be put in place of the one that stands there. */
export interface Replacement {
  readonly rowid: number
  readonly from: Value
  readonly to: Sealed
}

/** The writes of a rewrite. */
export interface RewriteWrites {
  /** A row that moved meanwhile was sealed anew by that. Answers how many were replaced. */
  replace(transaction: Transaction, table: DocumentTable, replacements: readonly Replacement[]): number
}

/** Makes them. */
export async function createRewriteWrites(database: WritingConnection): Promise<RewriteWrites> {
  const tables = Object.keys(DOCUMENT_TABLES) as readonly DocumentTable[]
  const texts = Object.fromEntries(
    tables.map((table) => [table, `UPDATE ${table} SET doc = ?1 WHERE rowid = ?2 AND doc = ?3`]),
  ) as Record<DocumentTable, string>
  const sql = await prepareAll(database, texts)
  return {
    replace(_, table, replacements) {
      let replaced = 0
      for (const { rowid, from, to } of replacements) replaced += sql[table].run([to, rowid, from]).changes
      return replaced
    },
  }
}
