import type { Query, Reader, Row, Statement, Value, WritingConnection } from '../database/connection'

/** Prepares statements of the writing connection ahead: work within a transaction waits for nothing. */
export async function prepareAll<Name extends string>(
  database: WritingConnection,
  texts: Readonly<Record<Name, string>>,
): Promise<Readonly<Record<Name, Statement>>> {
  const prepared: Partial<Record<Name, Statement>> = {}
  for (const name of Object.keys(texts) as Name[]) prepared[name] = await database.prepare(texts[name])
  return prepared as Record<Name, Statement>
}

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
