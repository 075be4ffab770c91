import type { Value, WritingConnection } from '../database/connection'
import { DOCUMENTS, type DocumentKind } from '../database/schema'
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
  replace(transaction: Transaction, kind: DocumentKind, replacements: readonly Replacement[]): number
}

/** Makes them. */
export async function createRewriteWrites(database: WritingConnection): Promise<RewriteWrites> {
  const texts = Object.fromEntries(
    Object.entries(DOCUMENTS).map(([kind, { table, column }]) => [
      kind,
      `UPDATE ${table} SET ${column} = ?1 WHERE rowid = ?2 AND ${column} = ?3`,
    ]),
  ) as Record<DocumentKind, string>
  const sql = await prepareAll(database, texts)
  return {
    replace(_, kind, replacements) {
      let replaced = 0
      for (const { rowid, from, to } of replacements) replaced += sql[kind].run([to, rowid, from]).changes
      return replaced
    },
  }
}
