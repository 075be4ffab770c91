import { validateHeaderName, validateHeaderValue } from 'node:http'
import {
  type Clock,
  checkOptions,
  type Duration,
  OptionError,
  parseDuration,
  systemClock,
} from '@gatewright/core'
import { parseAllowList } from '../address/allow-list'
import { parseTarget } from '../address/target'
import type { RetryPlan } from './retry'
import { messageSigner } from './signing'

/** How a message that could not be delivered is tried again. */
export interface RetryOptions {
  /** How often a message is tried, the first time included. @default 5 */
  readonly attempts?: number
  /** The pause after the first attempt; it doubles from then on, and half of it is chance. @default '500ms' */
  readonly firstPause?: Duration
  /** No pause is longer, whatever the receiver asks for in `Retry-After`. @default '30s' */
  readonly longestPause?: Duration
}

/** How one host on the network is reached. */
export interface ConnectionOptions {
  /** `https://…`, without user name or fragment. Its path and query appear in no message of ours. */
  readonly url: string
  /**
   * Host names, addresses and CIDR ranges that may be reached although they are not on the internet: `hooks.corp.example`,
   * `10.1.0.0/16`. A name is meant exactly, and whatever it resolves to is then allowed. @default none
   */
  readonly allow?: readonly string[]
  /** Whether `http://` will do. What is sent and read can then be read on the way. @default false */
  readonly allowHttp?: boolean
  /** Sent with every request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Certificates to trust instead of those that Node knows, in PEM. */
  readonly ca?: string
  /** For one attempt: from looking up the name to the last byte of the answer. @default '15s' */
  readonly timeout?: Duration
  /** The largest answer that is read; a larger one counts as none. @default 64 KiB */
  readonly maxResponseBytes?: number
  /** What deadlines, pauses and timestamps are judged by. @default systemClock */
  readonly clock?: Clock
}

/** Options of `createOutbound`. */
export interface OutboundOptions extends ConnectionOptions {
  /**
   * Signs each message: `whsec_` (HMAC-SHA256, 24 to 64 bytes in base64) or `whsk_` (Ed25519). Of several, each signs: so a
   * secret is replaced without a gap.
   */
  readonly secret: string | readonly string[]
  readonly retry?: RetryOptions
  /** The largest body that is sent. @default 16 MiB */
  readonly maxBodyBytes?: number
  /** From 0 to 1, for the pauses. @default Math.random */
  readonly random?: () => number
}

/** The names of {@link ConnectionOptions}. */
export const CONNECTION_OPTIONS = [
  'url',
  'allow',
  'allowHttp',
  'headers',
  'ca',
  'timeout',
  'maxResponseBytes',
  'clock',
] as const

/** The names of {@link OutboundOptions}. */
export const OUTBOUND_OPTIONS = [...CONNECTION_OPTIONS, 'secret', 'retry', 'maxBodyBytes', 'random'] as const

/** What a message brings itself, or what the connection is made with. */
const OWN_HEADERS =
  /^(webhook-.*|content-.*|host|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|proxy-.*)$/i

/** @param where - the function that took the options, for messages */
export function parseOutboundOptions(options: OutboundOptions, where: string) {
  const { random = Math.random } = options
  if (typeof random !== 'function') throw new OptionError(`${where}.random`, 'must be a function')
  return {
    signer: messageSigner(options.secret, `${where}.secret`),
    ...parseConnectionOptions(options, where),
    random,
    retry: parseRetry(options.retry ?? {}, `${where}.retry`),
    maxBodyBytes: wholeNumber(options.maxBodyBytes ?? 16 * 1_024 * 1_024, `${where}.maxBodyBytes`),
  }
}

/** @param where - the function that took the options, for messages */
export function parseConnectionOptions(options: ConnectionOptions, where: string) {
  const { allow = [], allowHttp = false, headers = {}, ca, clock = systemClock } = options
  if (typeof allowHttp !== 'boolean') throw new OptionError(`${where}.allowHttp`, 'must be true or false')
  if (ca !== undefined && (typeof ca !== 'string' || !ca.includes('-----BEGIN CERTIFICATE-----')))
    throw new OptionError(`${where}.ca`, 'must be certificates in PEM')
  return {
    target: parseTarget(options.url, parseAllowList(allow, `${where}.allow`), allowHttp, `${where}.url`),
    headers: parseHeaders(headers, `${where}.headers`),
    ca,
    clock,
    timeoutMs: atLeast(parseDuration(options.timeout ?? '15s', `${where}.timeout`), `${where}.timeout`),
    maxResponseBytes: wholeNumber(options.maxResponseBytes ?? 64 * 1_024, `${where}.maxResponseBytes`),
  }
}

/** Refuses all but whole numbers from 1. */
export function wholeNumber(value: number, option: string): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new OptionError(option, 'must be a whole number, 1 or more')
  return value
}

function atLeast(ms: number, option: string): number {
  if (ms < 1) throw new OptionError(option, 'must be longer than nothing')
  return ms
}

function parseRetry(options: RetryOptions, where: string): RetryPlan {
  checkOptions(options, ['attempts', 'firstPause', 'longestPause'], where)
  return {
    attempts: wholeNumber(options.attempts ?? 5, `${where}.attempts`),
    firstPauseMs: parseDuration(options.firstPause ?? '500ms', `${where}.firstPause`),
    longestPauseMs: parseDuration(options.longestPause ?? '30s', `${where}.longestPause`),
  }
}

function parseHeaders(
  headers: Readonly<Record<string, string>>,
  where: string,
): Readonly<Record<string, string>> {
  if (typeof headers !== 'object' || headers === null) throw new OptionError(where, 'must be an object')
  for (const [name, value] of Object.entries(headers)) {
    if (OWN_HEADERS.test(name)) throw new OptionError(`${where}.${name}`, 'is set by every message itself')
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch {
      // What Node says of it may quote the value, which may be a secret.
      throw new OptionError(`${where}.${name.slice(0, 60)}`, 'is no header of HTTP')
    }
    if (typeof value !== 'string') throw new OptionError(`${where}.${name}`, 'must be a string')
  }
  return { ...headers }
}
