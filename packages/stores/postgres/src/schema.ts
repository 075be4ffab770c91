import { type Names, namesOf } from './names'
import { checkName } from './options'

/** What leads from each version of the schema to the next; the first from nothing to version 1. */
export function migrationsOf(names: Names): readonly (readonly string[])[] {
  return [first(names), second(names)]
}

/** What stands before any version does. */
export function foundation({ schema, migrations }: Names): readonly string[] {
  return [
    `CREATE SCHEMA IF NOT EXISTS ${schema}`,
    `CREATE TABLE IF NOT EXISTS ${migrations} (version integer PRIMARY KEY, applied_at timestamptz NOT NULL)`,
  ]
}

/**
 * All statements that make the schema of this version out of nothing, in order: for whoever runs migrations with a role of
 * its own, and opens the store with `migrate: false`. Each may be run again.
 *
 * @throws OptionError for a name that is none
 */
export function postgresSchema(
  options: { readonly schema?: string; readonly tablePrefix?: string } = {},
): readonly string[] {
  const names = namesOf(
    checkName(options.schema ?? 'gatewright', 'postgresSchema.schema'),
    checkName(options.tablePrefix ?? '', 'postgresSchema.tablePrefix'),
  )
  const steps = migrationsOf(names)
  return [
    ...foundation(names),
    ...steps.flat(),
    ...steps.map(
      (_, index) =>
        `INSERT INTO ${names.migrations} (version, applied_at) VALUES (${index + 1}, now()) ON CONFLICT DO NOTHING`,
    ),
  ]
}

/**
 * No sequence, trigger, foreign key, partial index or array column: what PostgreSQL-compatible engines lack. Times are
 * doubles, as JavaScript has them; `place` is a time of the server's in microseconds.
 */
function first(names: Names): readonly string[] {
  const { requests, keys, events, deliveries, leases, credentials, grants, links, windows, marks } = names
  const index = (name: string, table: string, columns: string) =>
    `CREATE INDEX IF NOT EXISTS ${names.index(name)} ON ${table} (${columns})`
  return [
    `CREATE TABLE IF NOT EXISTS ${requests} (
      id text PRIMARY KEY, version integer NOT NULL, status text NOT NULL, action text NOT NULL, kind text NOT NULL,
      shape text NOT NULL, requester text NOT NULL, run text, created_at double precision NOT NULL,
      due_at double precision, decided_at bigint, last_seq integer NOT NULL, place bigint NOT NULL, body text NOT NULL)`,
    index('requests_created', requests, 'created_at, id'),
    index('requests_status', requests, 'status, created_at, id'),
    index('requests_action', requests, 'action, created_at, id'),
    index('requests_kind', requests, 'kind, created_at, id'),
    index('requests_requester', requests, 'requester, created_at, id'),
    index('requests_run', requests, 'run, created_at, id'),
    index('requests_due', requests, 'due_at, id'),
    index('requests_decided', requests, 'kind, decided_at'),
    index('requests_place', requests, 'place'),
    `CREATE TABLE IF NOT EXISTS ${keys} (key text PRIMARY KEY, request_id text NOT NULL, tombstone text)`,
    `CREATE TABLE IF NOT EXISTS ${events} (
      subject text NOT NULL, seq integer NOT NULL, place bigint NOT NULL, part integer NOT NULL, loose boolean NOT NULL,
      waiting boolean NOT NULL, logs text NOT NULL, body text NOT NULL, PRIMARY KEY (subject, seq))`,
    index('events_waiting', events, 'waiting, place, part'),
    `CREATE TABLE IF NOT EXISTS ${deliveries} (
      id text PRIMARY KEY, request_id text NOT NULL, next_at double precision, body text NOT NULL)`,
    index('deliveries_request', deliveries, 'request_id'),
    index('deliveries_next', deliveries, 'next_at'),
    `CREATE TABLE IF NOT EXISTS ${leases} (id text PRIMARY KEY, until double precision NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS ${credentials} (
      id text PRIMARY KEY, created_at double precision NOT NULL, body text NOT NULL)`,
    index('credentials_created', credentials, 'created_at'),
    `CREATE TABLE IF NOT EXISTS ${grants} (
      id text PRIMARY KEY, version integer NOT NULL, action text NOT NULL, requester text NOT NULL,
      expires_at double precision NOT NULL, uses_left double precision NOT NULL, revoked boolean NOT NULL,
      body text NOT NULL)`,
    index('grants_action', grants, 'action, requester'),
    index('grants_requester', grants, 'requester'),
    `CREATE TABLE IF NOT EXISTS ${links} (id text PRIMARY KEY, body text NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS ${windows} (
      key text PRIMARY KEY, opened double precision NOT NULL, until double precision NOT NULL, hits integer NOT NULL,
      allowed boolean NOT NULL)`,
    `CREATE TABLE IF NOT EXISTS ${marks} (key text PRIMARY KEY, until double precision NOT NULL, body text NOT NULL)`,
  ]
}

/** Messages of version 1 have no time to be looked at: each is looked at once, and gets one where it needs it. */
function second({ deliveries, index, schema }: Names): readonly string[] {
  return [
    `UPDATE ${deliveries} SET next_at = 0 WHERE next_at IS NULL`,
    `CREATE INDEX IF NOT EXISTS ${index('deliveries_due')} ON ${deliveries} (next_at, id)`,
    `DROP INDEX IF EXISTS ${schema}.${index('deliveries_next')}`,
  ]
}
