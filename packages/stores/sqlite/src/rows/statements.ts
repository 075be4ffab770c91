import type { Query, Reader, Row, Value } from '../database/connection'

/** Reads with statements that are prepared when they are first asked for. */
export interface Queries {
  get(sql: string, parameters: readonly Value[]): Row | undefined
  all(sql: string, parameters: readonly Value[]): readonly Row[]
}

/** Makes the queries of a connection. There are few texts, so all stay prepared. */
export function createQueries(reader: Reader): Queries {
  const prepared = new Map<string, Query>()

  function queryOf(sql: string): Query {
    const found = prepared.get(sql)
    if (found !== undefined) return found
    const query = reader.prepare(sql)
    prepared.set(sql, query)
    return query
  }

  return {
    get: (sql, parameters) => queryOf(sql).get(parameters),
    all: (sql, parameters) => queryOf(sql).all(parameters),
  }
}
