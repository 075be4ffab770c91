import { randomUUID } from 'node:crypto'
import { Pool } from 'pg'
import type { Row, Statement } from './sql'

/** A connection out of a {@link PostgresPool}: what the store uses of `pg`'s. */
export interface PostgresConnection {
  query(statement: { name?: string; text: string; values: unknown[] }): Promise<{ rows: Row[] }>
  release(destroy?: boolean): void
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'end', listener: () => void): unknown
  on(event: 'notification', listener: (message: { readonly payload?: string | undefined }) => void): unknown
}

/** A pool of connections: what the store uses of `pg`'s. */
export interface PostgresPool {
  connect(): Promise<PostgresConnection>
  readonly options?: { readonly max?: number | undefined }
}

/** A pool that the store made for itself. */
export interface OwnPool extends PostgresPool {
  end(): Promise<void>
  /** What the server calls a connection, so that another can name it. */
  nameOf(connection: PostgresConnection): string | undefined
}

/** How a {@link OwnPool} is made. */
export interface OwnPoolOptions {
  readonly connectionString: string
  readonly maxConnections: number
  readonly connectMs: number
  readonly statementMs: number
}

/** Makes a pool. Nothing is connected before the first use, and idle connections keep no process alive. */
export function createOwnPool({
  connectionString,
  maxConnections,
  connectMs,
  statementMs,
}: OwnPoolOptions): OwnPool {
  const names = new WeakMap<object, string>()
  const pool = new Pool({
    connectionString,
    max: maxConnections,
    connectionTimeoutMillis: connectMs,
    // Later than the server's own limit: for a server that went silent.
    query_timeout: statementMs + 2_000,
    keepAlive: true,
    allowExitOnIdle: true,
  })
  // An idle connection that breaks is replaced at the next use; unheard, its error would end the program.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => {
    // From here on: the pool itself stops listening before it hands the connection out.
    client.on('error', () => undefined)
    const name = `gatewright ${randomUUID()}`
    names.set(client, name)
    // Every statement of the store finds its rows by an index. A plan made while a table was small must not read it whole
    // when it has grown.
    client
      .query(
        `SET application_name = '${name}'; SET statement_timeout = ${statementMs}; SET enable_seqscan = off`,
      )
      // A compatible engine that has no such setting: the driver's own time-out stays.
      .catch(() => undefined)
  })
  return {
    connect: () => pool.connect(),
    options: { max: maxConnections },
    end: () => pool.end(),
    nameOf: (connection) => names.get(connection),
  }
}

/** Sends a statement, prepared if it may be. */
export async function send(
  connection: PostgresConnection,
  { name, text, values }: Statement,
  prepare: boolean,
): Promise<readonly Row[]> {
  const named = prepare && name !== undefined ? { name } : {}
  return (await connection.query({ ...named, text, values: [...values] })).rows
}
