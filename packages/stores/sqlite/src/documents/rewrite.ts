import { DOCUMENT_TABLES, type DocumentTable } from '../database/schema'
import type { Parts } from '../rows/parts'
import type { Replacement } from '../writes/rewrite-writes'

const BATCH = 100
const TABLES = Object.keys(DOCUMENT_TABLES) as readonly DocumentTable[]

/** Makes what seals every document with the first key that is not sealed with it yet, in batches. Answers how many. */
export function createRewrite({ vault, read, write }: Parts): () => Promise<number> {
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
      if (replacements.length > 0) written += await write('replace', table, replacements)
    }
  }

  return async () => {
    let written = 0
    for (const table of TABLES) written += await rewriteTable(table)
    return written
  }
}

function partOf(value: unknown): string | number {
  return typeof value === 'number' ? value : String(value)
}
