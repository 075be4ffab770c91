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
import { OutboundError } from '../errors'
import { type Answer, exchange, type Question } from './attempt'
import { type JudgedAgents, judgedAgents, type Resolve, systemResolve } from './judged-agents'
import { linkedSignal } from './linked-signal'
import { wholeNumber } from './outbound-options'

/** Options of {@link createClient}. */
export interface ClientOptions {
  /**
   * Host names, addresses and CIDR ranges that may be reached although they are not on the internet. A name is meant
   * exactly, and whatever it resolves to is then allowed. @default none
   */
  readonly allow?: readonly string[]
  /** Whether `http://` will do. @default false */
  readonly allowHttp?: boolean
  /** Certificates to trust instead of those that Node knows, in PEM. */
  readonly ca?: string
  /** For one request: from looking up the name to the last byte of the answer. @default '15s' */
  readonly timeout?: Duration
  /** The largest answer that is read; a larger one is a failure. @default 1 MiB */
  readonly maxResponseBytes?: number
  /** What the deadline and `Retry-After` are judged by. @default systemClock */
  readonly clock?: Clock
}

/** One request to a service. */
export interface ClientRequest {
  readonly method: Question['method']
  /** Its path and query appear in no message of ours. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Ends the request; whether the service got it is then not known. */
  readonly signal?: AbortSignal
}

/** What a service answered, whatever its status. */
export interface ClientAnswer {
  readonly status: number
  readonly body: Buffer
  /** What `Retry-After` asked for, in milliseconds; `null` when it did not. */
  readonly retryAfterMs: number | null
}

/** The way to the services of one party: requests are not signed, and their answers are read. */
export interface OutboundClient {
  /**
   * One attempt. Resolves with any answer that arrived whole; a redirect is an answer, and is not followed.
   *
   * @throws OptionError for what is no URL
   * @throws OutboundError `ERR_OUTBOUND_FORBIDDEN` (T36), `ERR_OUTBOUND_FAILED`, `ERR_OUTBOUND_ABORTED`,
   *   `ERR_OUTBOUND_CLOSED`
   */
  request(request: ClientRequest): Promise<ClientAnswer>
  /**
   * Judges an address as far as it can be without asking the name server, so that a wrong one is told when it is given.
   *
   * @param option - where the address comes from, for messages
   * @throws OptionError for what is no URL
   * @throws OutboundError `ERR_OUTBOUND_FORBIDDEN`
   */
  judge(url: string, option: string): void
  /** Ends every connection; what is under way fails. Idempotent. */
  close(): void
}

const KNOWN = ['allow', 'allowHttp', 'ca', 'timeout', 'maxResponseBytes', 'clock'] as const

/**
 * A client for the HTTP API of a service, by the rules of every outbound request: only to addresses on the internet unless
 * `allow` says otherwise, to an address that was judged, without redirects and proxies, TLS certificates checked (T36).
 *
 * @throws OptionError `ERR_OPTION_INVALID` for an option that is wrong or unknown
 * @example
 * ```ts
 * import { createClient } from '@gatewright/outbound'
 *
 * const client = createClient({ timeout: '5s' })
 * const { status, body } = await client.request({ method: 'get', url: 'https://api.example.com/v1/status' })
 * console.log(status, JSON.parse(body.toString()))
 * client.close()
 * ```
 */
export function createClient(options: ClientOptions = {}): OutboundClient {
  return clientOver(systemResolve, options)
}

/** {@link createClient} over another resolver, for tests. */
export function clientOver(resolve: Resolve, options: ClientOptions): OutboundClient {
  checkOptions(options, KNOWN, 'createClient')
  const { allowHttp = false, ca, clock = systemClock } = options
  const allow = parseAllowList(options.allow ?? [], 'createClient.allow')
  const timeoutMs = parseDuration(options.timeout ?? '15s', 'createClient.timeout')
  if (timeoutMs < 1) throw new OptionError('createClient.timeout', 'must be longer than nothing')
  const maxResponseBytes = wholeNumber(
    options.maxResponseBytes ?? 1_024 * 1_024,
    'createClient.maxResponseBytes',
  )
  const origins = new Map<string, JudgedAgents>()
  const closing = new AbortController()

  return {
    async request({ method, url, headers = {}, body, signal }) {
      const target = parseTarget(url, allow, allowHttp, 'request.url')
      const refuse = (): void => {
        if (closing.signal.aborted)
          throw new OutboundError('ERR_OUTBOUND_CLOSED', `the way to ${target.name} was closed.`)
        if (signal?.aborted)
          throw new OutboundError('ERR_OUTBOUND_ABORTED', `asking ${target.name} was aborted.`, {
            cause: signal.reason,
          })
      }
      refuse()
      const agents = origins.get(target.url.origin) ?? judgedAgents(target, resolve, ca)
      origins.set(target.url.origin, agents)
      const question: Question = {
        method,
        headers: { 'user-agent': 'gatewright', 'accept-encoding': 'identity', ...headers },
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
      }
      const linked = linkedSignal([closing.signal, signal])
      const parts = { target, agents, clock, timeoutMs, maxResponseBytes }
      const answer = await exchange(parts, question, linked.signal).finally(() => linked.unlink())
      refuse()
      return answered(target.name, answer)
    },
    judge(url, option) {
      parseTarget(url, allow, allowHttp, option)
    },
    close() {
      closing.abort()
      for (const agents of origins.values()) agents.destroy()
      origins.clear()
    },
  }
}

function answered(name: string, answer: Awaited<ReturnType<typeof exchange>>): Answer {
  if (answer.type === 'answered') return answer
  if (answer.type === 'forbidden') throw answer.error
  const { status, problem } = answer
  throw new OutboundError('ERR_OUTBOUND_FAILED', `${name} gave no answer: ${problem}.`, {
    status,
    attempts: 1,
  })
}
