/** Milliseconds since the epoch by the server's clock, read where the expression stands: after a lock was waited for. */
const SERVER_MS = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::float8'

/**
 * The store's time within a statement: the server's, unless `parameter` gives that of a test's clock.
 *
 * @param parameter - number of the statement's parameter that holds `null`, or a time
 */
export function nowMs(parameter: number): string {
  return `COALESCE($${parameter}::float8, ${SERVER_MS})`
}

/**
 * Microseconds by the server's clock: the place of what is written, for orders that are only nearly promised. Never a
 * test's clock: nobody judges by it.
 */
export const PLACE = '(extract(epoch FROM clock_timestamp()) * 1000000)::bigint'

/** Milliseconds by the server's clock, with fractions: for measuring it from here. */
export const SERVER_TIME = '(extract(epoch FROM clock_timestamp()) * 1000)::float8'

/** A value that a statement takes. Lists are in the server's own form. */
export type Value = string | number | boolean | null | Buffer

/** One statement. With a `name` it is prepared once a connection. */
export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values: readonly Value[]
}

/** A row as it comes back. */
export type Row = Readonly<Record<string, unknown>>
