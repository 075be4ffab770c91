import { DOCUMENTS, type DocumentKind } from '../database/schema'
import type { Parts } from '../rows/parts'
import type { Replacement } from '../writes/rewrite-writes'

const BATCH = 100
const KINDS = Object.keys(DOCUMENTS) as readonly DocumentKind[]

/** Makes what seals every document with the first key that is not sealed with it yet, in batches. Answers how many. */
export function createRewrite({ vault, read, write }: Parts): () => Promise<number> {
  async function rewriteKind(kind: DocumentKind): Promise<number> {
    const { table, column, binding } = DOCUMENTS[kind]
    const text = `SELECT rowid, ${column}, ${binding} FROM ${table}
      WHERE rowid > ? AND ${column} IS NOT NULL ORDER BY rowid LIMIT ${BATCH}`
    let written = 0
    let after = 0
    for (;;) {
      const rows = await read((queries) => queries.all(text, [after]))
      const last = rows.at(-1)
      if (last === undefined) return written
      after = Number(last[0])
      const replacements = rows.flatMap(([rowid, from, ...bound]): readonly Replacement[] => {
        const to = vault.reseal(kind, bound.map(partOf), from)
        const old = from instanceof ArrayBuffer ? new Uint8Array(from) : (from ?? null)
        return to === null ? [] : [{ rowid: Number(rowid), from: old, to }]
      })
      if (replacements.length > 0) written += await write('replace', kind, replacements)
    }
  }

  return async () => {
    let written = 0
    for (const kind of KINDS) written += await rewriteKind(kind)
    return written
  }
}

function partOf(value: unknown): string | number {
  return typeof value === 'number' ? value : String(value)
}
