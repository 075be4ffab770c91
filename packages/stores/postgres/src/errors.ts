import { GatewrightError } from '@gatewright/core'

/** What is known of an error of the driver or the server. */
interface Problem {
  /** SQLSTATE, or the operating system's word. */
  readonly code: string
  readonly message: string
}

/** The server refused for the sake of another transaction; nothing was applied, and trying again helps. */
export function isConflict(error: unknown): boolean {
  const { code } = problemOf(error)
  return code === '40001' || code === '40P01'
}

/** The connection is gone: of what was under way nobody knows whether it was applied. */
export function isLost(error: unknown): boolean {
  const { code, message } = problemOf(error)
  if (/^(08|57P0[123])/.test(code)) return true
  if (/^E(CONN|PIPE|TIMEDOUT|NETUNREACH|HOSTUNREACH|AI_AGAIN|SOCKET)/.test(code)) return true
  return /^Connection terminated|Client has encountered a connection error|Query read timeout|socket/i.test(
    message,
  )
}

/** No connection came about, and one may in a moment. Nothing was sent. */
export function isPassing(error: unknown): boolean {
  return (
    isLost(error) ||
    problemOf(error).code === '53300' ||
    /timeout exceeded when trying to connect/.test(problemOf(error).message)
  )
}

/** A connection that is of no use any more: to a server that became a replica, or shuts down. */
export function isUseless(error: unknown): boolean {
  const { code } = problemOf(error)
  // What neither the server nor we said came from the driver, in whatever state that is.
  const isUnderstood = GatewrightError.isInstance(error) || /^[0-9A-Z]{5}$/.test(code)
  return isLost(error) || code === '25006' || !isUnderstood
}

/** The connection goes through a pooler that forgets prepared statements. Nothing was executed. */
export function forgetsStatements(error: unknown): boolean {
  const { code, message } = problemOf(error)
  return code === '26000' || code === '42P05' || (code === '0A000' && /cached plan/.test(message))
}

/** Whether one of several items may be at fault, so that each is to be tried by itself. */
export function isOnesFault(error: unknown): boolean {
  return /^(2[123]|54|22)/.test(problemOf(error).code)
}

/** A row with this id is there already. */
export function isDuplicate(error: unknown): boolean {
  return problemOf(error).code === '23505'
}

/** The SQLSTATE of an error, or `''`. */
export function codeOf(error: unknown): string {
  return problemOf(error).code
}

/** Our error for what went wrong with the server. Never the password, never a value of a row. */
export function storeError(error: unknown): GatewrightError<'ERR_STORE_UNAVAILABLE'> {
  const { code, message } = problemOf(error)
  return unavailable(explain(code, message), error)
}

/** An error of this store: `what` happened and what to do. */
export function unavailable(what: string, cause?: unknown): GatewrightError<'ERR_STORE_UNAVAILABLE'> {
  return new GatewrightError(
    'ERR_STORE_UNAVAILABLE',
    `${what} Nothing was executed on it.`,
    cause === undefined ? {} : { cause: bareCause(cause) },
  )
}

/** The server's own details quote rows: they stay out of it. */
function bareCause(error: unknown): Error {
  const { code, message } = problemOf(error)
  const cause = new Error(message)
  if (code !== '') Object.defineProperty(cause, 'code', { value: code, enumerable: true })
  return cause
}

const EXPLAINED: readonly (readonly [RegExp, string])[] = [
  [/^28/, 'PostgreSQL refused the user or the password. Check the user, the password and pg_hba.conf.'],
  [/^3D000/, 'the database does not exist. Create it, or name another in the connection string.'],
  [/^3F000/, 'the schema does not exist. Let the store migrate, or run what postgresSchema() lists.'],
  [/^42P01/, 'a table of the store is missing. Let the store migrate, or run what postgresSchema() lists.'],
  [
    /^42501/,
    'PostgreSQL does not permit it to this user. Grant what is missing, or run what postgresSchema() lists as another user and open the store with migrate: false.',
  ],
  [/^53100/, 'the disk of the PostgreSQL server is full. Free some space; what was recorded is kept.'],
  [
    /^53300/,
    'PostgreSQL has too many connections. Lower maxConnections, raise the server’s max_connections, or put a pooler between.',
  ],
  [/^53/, 'the PostgreSQL server lacks resources. Look at its log.'],
  [
    /^25006/,
    'this PostgreSQL server only reads: a replica, or one that gave up its place. Connect to the primary.',
  ],
  [
    /^57014|^Query read timeout/,
    'PostgreSQL did not answer in time, and it is not known whether the last change was applied. Call again with the same key.',
  ],
  [/^57P03/, 'the PostgreSQL server is starting up or shutting down. Call again with the same key.'],
  [/^ENOTFOUND|^EAI_/, 'the name of the PostgreSQL server cannot be resolved. Check the connection string.'],
  [
    /^ECONNREFUSED|^EHOSTUNREACH|^ENETUNREACH|^ENOENT/,
    'no PostgreSQL server answers at this address. Check the connection string and that the server runs.',
  ],
  [/^40/, 'other transactions came between again and again. Call again with the same key.'],
]

function explain(code: string, message: string): string {
  for (const [pattern, words] of EXPLAINED) if (pattern.test(code) || pattern.test(message)) return words
  if (/timeout exceeded when trying to connect/.test(message))
    return 'no connection to PostgreSQL came about in time. Check the address, the network and maxConnections.'
  if (isLost({ code, message }))
    return 'the connection to PostgreSQL was lost, and it is not known whether the last change was applied. Call again with the same key.'
  if (/certificate|SSL|TLS/i.test(message))
    return 'no secure connection to PostgreSQL came about. Check the certificate and sslmode.'
  return `PostgreSQL failed${code === '' ? '' : ` (${code})`}. Look at the cause and at the server’s log.`
}

function problemOf(error: unknown): Problem {
  if (typeof error !== 'object' || error === null) return { code: '', message: String(error) }
  const inner = error instanceof AggregateError ? error.errors[0] : undefined
  if (inner !== undefined) return problemOf(inner)
  if (GatewrightError.isInstance(error))
    return error.cause === undefined ? { code: '', message: '' } : problemOf(error.cause)
  const { code, message } = error as { code?: unknown; message?: unknown }
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' ? message : '',
  }
}
