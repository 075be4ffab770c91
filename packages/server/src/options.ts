import { type Action, checkOptions, type Duration, OptionError, parseDuration } from '@gatewright/core'
import { type BaseLogger, pino } from 'pino'
import { type ApiKey, checkApiKeys } from './api/api-keys'
import { checkJobTokens, type JobTokens } from './api/job-tokens'
import { isLoopback, privateServiceUrl } from './http/loopback'
import { type ClientAddress, connectionAddress } from './http/who'
import type { SignIn } from './sign-in/sign-in'

/** Options of {@link createReviewServer}. */
export interface ReviewServerOptions {
  /**
   * The address under which people reach this server, `https://approvals.example.com`, perhaps with a path. http only on this
   * computer.
   */
  readonly url: string
  /** How people sign in: `oidc(...)`, `okta(...)`, `entra(...)`, `google(...)`, `devSignIn()`; several are offered side by side. */
  readonly signIn: SignIn | readonly SignIn[]
  /** Seal the cookies, newest first, each at least 32 characters. The same in every process behind one address. */
  readonly secrets: readonly string[]
  /** Groups whose members see every request, without voting on those that do not ask them: auditors. @default none */
  readonly viewers?: readonly string[]
  /** Programs that may use the API by themselves. Votes always need a person's own token or session. @default none */
  readonly apiKeys?: readonly ApiKey[]
  /** Jobs of CI systems that may ask with their own ID tokens, without a key. @default none */
  readonly jobTokens?: readonly JobTokens[]
  /** Actions of remote agents: their schemas, lookups and pins count here, where the claim is given. @default none */
  readonly actions?: readonly Action[]
  /** How long somebody stays signed in. A requirement may ask for a fresher sign-in. @default '8h' */
  readonly sessionFor?: Duration
  /** Requests one person, API key or address may make in a time. @default { max: 600, per: '1m' } */
  readonly rateLimit?: { readonly max: number; readonly per: Duration } | false
  /**
   * Where a request came from: by this those are counted who prove nothing, and nothing else. Behind a proxy, the header that
   * your proxy sets itself, whatever a client sends, and only where nobody reaches this server past it.
   *
   * @default the address of the connection, where the host passes it; `null`, or a function that throws: all together
   */
  readonly clientAddress?: ClientAddress
  /** Gets what happened, without arguments, tokens or addresses' queries. @default pino at level "warn" on stderr */
  readonly logger?: Pick<BaseLogger, 'info' | 'warn' | 'error'>
  /** Milliseconds since the epoch: for tests. @default Date.now */
  readonly now?: () => number
}

/** The options as the server uses them: complete and checked. */
export interface ServerSettings {
  /** Without a slash at its end. */
  readonly url: URL
  /** The path of `url`, without a slash at its end: `''` for none. */
  readonly base: string
  readonly secure: boolean
  readonly signIns: readonly SignIn[]
  readonly secrets: readonly [string, ...string[]]
  readonly viewers: readonly string[]
  readonly apiKeys: readonly ApiKey[]
  readonly jobTokens: readonly JobTokens[]
  readonly actions: readonly Action[]
  readonly sessionSeconds: number
  readonly rateLimit: { readonly max: number; readonly perMs: number } | null
  readonly clientAddress: ClientAddress
  readonly logger: Pick<BaseLogger, 'info' | 'warn' | 'error'>
  readonly now: () => number
}

const KNOWN: readonly (keyof ReviewServerOptions)[] = [
  'url',
  'signIn',
  'secrets',
  'viewers',
  'apiKeys',
  'jobTokens',
  'actions',
  'sessionFor',
  'rateLimit',
  'clientAddress',
  'logger',
  'now',
]

/**
 * Checks the options and fills in what is left out.
 *
 * @throws OptionError naming the option that is wrong, unknown or missing
 */
export function parseServerOptions(options: ReviewServerOptions): ServerSettings {
  checkOptions(options, KNOWN, 'createReviewServer')
  const url = parseServerUrl(options.url, 'createReviewServer.url')
  const { rateLimit = { max: 600, per: '1m' } } = options
  return {
    url,
    base: url.pathname.replace(/\/+$/, ''),
    secure: url.protocol === 'https:',
    signIns: parseSignIns(options.signIn, url),
    secrets: parseSecrets(options.secrets),
    viewers: parseTexts(options.viewers, 'createReviewServer.viewers'),
    apiKeys: checkApiKeys(options.apiKeys ?? []),
    jobTokens: checkJobTokens(options.jobTokens ?? []),
    actions: options.actions ?? [],
    sessionSeconds: Math.ceil(
      parseDuration(options.sessionFor ?? '8h', 'createReviewServer.sessionFor') / 1_000,
    ),
    rateLimit: rateLimit === false ? null : parseRateLimit(rateLimit),
    clientAddress: parseClientAddress(options.clientAddress),
    logger: options.logger ?? pino({ name: 'gatewright', level: 'warn' }, pino.destination(2)),
    now: options.now ?? Date.now,
  }
}

/** An address that people can trust: https, or this computer. @throws OptionError */
export function parseServerUrl(value: unknown, option: string): URL {
  const url = privateServiceUrl(value)
  if (url === null)
    throw new OptionError(
      option,
      'is the address under which people reach the server: https, without query or user (http only on this computer)',
    )
  return url
}

function parseSignIns(given: SignIn | readonly SignIn[], url: URL): readonly SignIn[] {
  const list: readonly SignIn[] = Array.isArray(given) ? given : [given as SignIn]
  if (
    list.length === 0 ||
    !list.every((one) => typeof one?.begin === 'function' && typeof one.id === 'string')
  )
    throw new OptionError(
      'createReviewServer.signIn',
      'says how people sign in: oidc(...), okta(...), entra(...), google(...), or devSignIn() on this computer',
    )
  if (new Set(list.map(({ id }) => id)).size < list.length)
    throw new OptionError('createReviewServer.signIn', 'two of them have one id: give one of them another')
  if (list.some(({ demo }) => demo) && !isLoopback(url.hostname))
    throw new OptionError(
      'createReviewServer.signIn',
      'devSignIn lets anybody be anybody: it works only where "url" is this computer (localhost, 127.0.0.1)',
    )
  return list
}

function parseSecrets(secrets: unknown): readonly [string, ...string[]] {
  const good =
    Array.isArray(secrets) &&
    secrets.length > 0 &&
    secrets.every((secret) => typeof secret === 'string' && secret.trim().length >= 32)
  // T18: no secret means no start.
  if (!good)
    throw new OptionError(
      'createReviewServer.secrets',
      'is a list of secrets of 32 characters or more: openssl rand -base64 32',
    )
  return secrets as [string, ...string[]]
}

function parseTexts(given: unknown, option: string): readonly string[] {
  if (given === undefined) return []
  if (Array.isArray(given) && given.every((one) => typeof one === 'string' && one !== '')) return given
  throw new OptionError(option, 'is a list of names of groups')
}

function parseClientAddress(given: unknown): ClientAddress {
  if (given === undefined) return connectionAddress
  if (typeof given === 'function') return given as ClientAddress
  throw new OptionError(
    'createReviewServer.clientAddress',
    "is a function that says where a request came from, as (request) => request.headers.get('x-real-ip')",
  )
}

function parseRateLimit({ max, per }: { readonly max: number; readonly per: Duration }) {
  if (!Number.isSafeInteger(max) || max < 1)
    throw new OptionError('createReviewServer.rateLimit.max', 'is a whole number of at least 1')
  return { max, perMs: parseDuration(per, 'createReviewServer.rateLimit.per') }
}
