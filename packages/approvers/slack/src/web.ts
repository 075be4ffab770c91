import type { Clock, Logger } from '@gatewright/core'
import { WebClient, type WebClientOptions } from '@slack/web-api'
import type { ResolvedOptions } from './options'
import { onAbort, unlessAborted, wait } from './wait'

/** A call to Slack that hangs is given up after so long. */
const TIMEOUT_MS = 10_000
/** How often Slack may ask to wait before a call counts as failed; the gate then tries again later. */
const MOST_WAITS = 5

/** How a call is made. */
export interface CallOptions {
  /** Nobody waits for the answer any more. A message that is on its way is sent nevertheless. */
  readonly signal?: AbortSignal
  /** Whether to wait when Slack asks to. `false` for what must happen within three seconds. @default true */
  readonly patient?: boolean
}

/** Slack's Web API, with the waits that it asks for. */
export interface SlackWeb {
  call<T>(run: (client: WebClient) => Promise<T>, options?: CallOptions): Promise<T>
}

/**
 * Makes the client of one approver. It never sends anything again by itself but what Slack refused with `Retry-After`: a
 * message whose answer was lost may stand in the channel already (T51).
 *
 * @param lifetime - aborted when the approver stops: nothing is sent from then on
 */
export function createWeb(
  options: ResolvedOptions,
  {
    clock,
    logger,
    lifetime,
  }: { readonly clock: Clock; readonly logger: Logger; readonly lifetime: AbortSignal },
): SlackWeb {
  const client =
    options.client ?? new WebClient(options.token ?? '', clientOptions(options, logger, lifetime))
  return {
    async call(run, { signal = lifetime, patient = true } = {}) {
      for (let waits = 0; ; waits += 1) {
        signal.throwIfAborted()
        lifetime.throwIfAborted()
        try {
          return await unlessAborted(run(client), signal, lifetime)
        } catch (error) {
          const seconds = retryAfter(error)
          if (seconds === null || !patient || waits === MOST_WAITS) throw error
          logger.info(`Slack asks to wait ${seconds} seconds`)
          await wait(clock, seconds * 1_000, signal, lifetime)
        }
      }
    },
  }
}

/** The options of every client that the approver makes. */
export function clientOptions(
  { slackApiUrl }: ResolvedOptions,
  logger: Logger,
  lifetime: AbortSignal,
): WebClientOptions {
  return {
    slackApiUrl,
    timeout: TIMEOUT_MS,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    logger: quiet(logger),
    fetch: (url, init) => fetchWhile(lifetime, url, init),
  }
}

/** A request that ends with the approver, and at the client's own time-out. */
async function fetchWhile(lifetime: AbortSignal, url: string | URL, init?: RequestInit): Promise<Response> {
  const controller = new AbortController()
  const timeout = init?.signal
  if (timeout) onAbort([timeout], (reason) => controller.abort(reason))
  const unlisten = onAbort([lifetime], (reason) => controller.abort(reason))
  try {
    return await fetch(url, { ...init, signal: controller.signal })
  } finally {
    unlisten()
  }
}

type SlackLogger = NonNullable<WebClientOptions['logger']>

/** Slack's clients log requests with their contents below `warn`; that stays out of the program's log. */
export function quiet(logger: Logger): SlackLogger {
  const text = (parts: readonly unknown[]): string => `Slack: ${parts.map(String).join(' ')}`.slice(0, 500)
  return {
    debug() {},
    info() {},
    warn: (...parts) => logger.warn(text(parts)),
    error: (...parts) => logger.error(text(parts)),
    setLevel() {},
    getLevel: () => 'warn' as ReturnType<SlackLogger['getLevel']>,
    setName() {},
  }
}

/** The seconds Slack asks to wait, from any copy of its client. */
export function retryAfter(error: unknown): number | null {
  if (!(error instanceof Error) || !('retryAfter' in error) || typeof error.retryAfter !== 'number')
    return null
  return Math.min(Math.max(error.retryAfter, 1), 600)
}

/** Slack's own word for what went wrong (`channel_not_found`), from any copy of its client; `null` for anything else. */
export function slackError(error: unknown): string | null {
  if (!(error instanceof Error) || !('data' in error)) return null
  const { data } = error
  if (typeof data !== 'object' || data === null || !('error' in data)) return null
  return typeof data.error === 'string' ? data.error : null
}

/** What a failed call came down to, for a message: the code of the network (`ENOTFOUND`), or the innermost message. */
export function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return 'for no reason that was given'
  const inner = error.cause ?? ('original' in error ? error.original : undefined)
  if (inner instanceof Error) return failureOf(inner)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
