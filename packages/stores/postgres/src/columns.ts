import { type ArrayType, arrayBytes } from './array-bytes'
import type { Value } from './sql'

type Cell = string | number | boolean | null

/** Lists of equal length, one for each column, filled row by row: a statement takes them apart with `unnest`. */
export interface Columns<Name extends string> {
  add(row: Readonly<Record<Name, Cell>>): void
  readonly size: number
  readonly values: readonly Value[]
  /**
   * As a table of a statement: `unnest($2::text[], …) AS name(id, …)`.
   *
   * @param first - number of the parameter that holds the first column
   */
  from(first: number, name: string): string
}

/** @param types - each column with its type, in order */
export function columnsOf<Name extends string>(types: Readonly<Record<Name, ArrayType>>): Columns<Name> {
  const names = Object.keys(types) as Name[]
  const lists = names.map((): Cell[] => [])
  return {
    add(row) {
      for (const [index, name] of names.entries()) lists[index]?.push(row[name])
    },
    get size() {
      return lists[0]?.length ?? 0
    },
    get values() {
      return names.map((name, index) => arrayBytes(types[name], lists[index] ?? []))
    },
    from(first, name) {
      const parameters = names.map((column, index) => `$${first + index}::${types[column]}[]`)
      return `unnest(${parameters.join(', ')}) AS ${name}(${names.join(', ')})`
    },
  }
}

/** A list of texts, for `= ANY($1::text[])`. */
export function texts(values: readonly string[]): Value {
  return arrayBytes('text', values)
}
