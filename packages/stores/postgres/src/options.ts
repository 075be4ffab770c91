import { type Clock, checkOptions, type Duration, OptionError, parseDuration } from '@gatewright/core'
import { createRowCipher, type EncryptionOptions, type RowCipher } from '@gatewright/core/encryption'
import { Client } from 'pg'
import type { PostgresPool } from './pool'

/** Options of {@link postgresStore}. One of `connectionString` and `pool` is needed. */
export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database`. The store makes a pool of its own and ends it when it is closed. */
  readonly connectionString?: string
  /** A pool of `pg` that the host has. It is used as it is, and never ended. */
  readonly pool?: PostgresPool
  /** Lower-case letters, digits and underscores. Made when it is not there. @default 'gatewright' */
  readonly schema?: string
  /** Before the name of each table and index. @default '' */
  readonly tablePrefix?: string
  /** Whether the store makes and changes its tables. `false`: somebody else runs what `postgresSchema()` lists. @default true */
  readonly migrate?: boolean
  /** Whether changes of other processes are heard by LISTEN; else they are looked for. @default true */
  readonly listen?: boolean
  /** How often changes are looked for beside LISTEN, in case one was lost; without LISTEN, always. @default '5s', or '250ms' without LISTEN */
  readonly pollEvery?: Duration
  /** The most connections of the store's own pool. One more listens. @default 10 */
  readonly maxConnections?: number
  /** How long to try for a connection. @default '5s' */
  readonly connectTimeout?: Duration
  /** How long a statement may take. @default '30s' */
  readonly statementTimeout?: Duration
  /** Encrypts what requests, events, messages, grants, credentials and links hold. @default nothing is encrypted */
  readonly encryption?: EncryptionOptions
  /** What time is judged by, in place of the server's clock: for tests. */
  readonly clock?: Clock
}

/** The options, checked and complete. */
export interface Settings {
  readonly connectionString: string | null
  readonly pool: PostgresPool | null
  readonly schema: string
  readonly tablePrefix: string
  readonly migrate: boolean
  readonly listen: boolean
  readonly pollMs: number
  readonly maxConnections: number
  readonly connectMs: number
  readonly statementMs: number
  readonly cipher: RowCipher
  readonly clock: Clock | null
}

const KNOWN = [
  'connectionString',
  'pool',
  'schema',
  'tablePrefix',
  'migrate',
  'listen',
  'pollEvery',
  'maxConnections',
  'connectTimeout',
  'statementTimeout',
  'encryption',
  'clock',
] as const satisfies readonly (keyof PostgresStoreOptions)[]

/** @throws OptionError for an option that is wrong or unknown */
export function readOptions(options: PostgresStoreOptions): Settings {
  checkOptions(options, KNOWN, 'postgresStore')
  const { connectionString, pool, clock, encryption } = options
  if ((connectionString === undefined) === (pool === undefined))
    throw new OptionError('postgresStore', 'needs either connectionString or pool')
  if (connectionString !== undefined) checkConnectionString(connectionString)
  if (pool !== undefined && typeof pool?.connect !== 'function')
    throw new OptionError('postgresStore.pool', 'must be a Pool of pg')
  if (clock !== undefined && typeof clock?.now !== 'function')
    throw new OptionError('postgresStore.clock', 'must be a Clock')
  const listen = flag(options.listen, 'listen', true)
  return {
    connectionString: connectionString ?? null,
    pool: pool ?? null,
    schema: checkName(options.schema ?? 'gatewright', 'postgresStore.schema'),
    tablePrefix: checkName(options.tablePrefix ?? '', 'postgresStore.tablePrefix'),
    migrate: flag(options.migrate, 'migrate', true),
    // With one connection, listening would leave none for anything else.
    listen: listen && pool?.options?.max !== 1,
    pollMs: duration(options.pollEvery ?? (listen ? '5s' : '250ms'), 'pollEvery'),
    maxConnections: count(options.maxConnections ?? 10, 'maxConnections'),
    connectMs: duration(options.connectTimeout ?? '5s', 'connectTimeout'),
    statementMs: duration(options.statementTimeout ?? '30s', 'statementTimeout'),
    cipher: createRowCipher(encryption, 'postgresStore'),
    clock: clock ?? null,
  }
}

/**
 * Checks the name of a schema, or the beginning of a table's.
 *
 * @throws OptionError
 */
export function checkName(name: string, option: string): string {
  const mayBeEmpty = option.endsWith('tablePrefix')
  if (typeof name !== 'string' || !(/^[a-z_][a-z0-9_]{0,29}$/.test(name) || (mayBeEmpty && name === '')))
    throw new OptionError(option, 'must be lower-case letters, digits and underscores, 30 at the most')
  return name
}

function checkConnectionString(text: string): void {
  // Not the parser's error as a cause: it quotes what it was given, password and all.
  const wrong = new OptionError(
    'postgresStore.connectionString',
    'must be of the form postgres://user:password@host:5432/database',
  )
  if (typeof text !== 'string' || !/^postgres(ql)?:\/\//.test(text)) throw wrong
  try {
    new Client({ connectionString: text })
  } catch {
    throw wrong
  }
}

function flag(value: boolean | undefined, name: string, otherwise: boolean): boolean {
  if (value === undefined) return otherwise
  if (typeof value !== 'boolean') throw new OptionError(`postgresStore.${name}`, 'must be true or false')
  return value
}

function count(value: number, name: string): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new OptionError(`postgresStore.${name}`, 'must be a whole number, 1 or more')
  return value
}

function duration(value: Duration, name: string): number {
  const ms = parseDuration(value, `postgresStore.${name}`)
  if (ms < 1) throw new OptionError(`postgresStore.${name}`, 'must be 1 ms at least')
  return ms
}
