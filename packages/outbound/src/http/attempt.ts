import type { Readable } from 'node:stream'
import type { Clock } from '@gatewright/core'
import type { Axios } from 'axios'
import type { Target } from '../address/target'
import { isOutboundError, type OutboundError } from '../errors'
import type { JudgedAgents } from './judged-agents'
import { linkedSignal } from './linked-signal'
import { parseRetryAfter } from './retry'

/** What one attempt came to. */
export type Outcome = { readonly type: 'delivered'; readonly status: number; readonly body: Buffer } | Failure

/** Why an attempt delivered nothing. */
export type Failure =
  | {
      /** `retry`: another attempt may succeed. `failed`: none will. `gone`: the receiver wants nothing more, ever. */
      readonly type: 'retry' | 'failed' | 'gone'
      readonly status: number | null
      /** In words, without anything that the receiver wrote. */
      readonly problem: string
      readonly retryAfterMs: number | null
    }
  | { readonly type: 'forbidden'; readonly error: OutboundError }

/** What one attempt asks. */
export interface Question {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  readonly headers: Readonly<Record<string, string>>
  /** Without it, nothing is sent but the headers. */
  readonly body?: Buffer
}

/** An answer that arrived whole, whatever its status. */
export interface Answer {
  readonly type: 'answered'
  readonly status: number
  readonly body: Buffer
  readonly retryAfterMs: number | null
}

/** What attempts to one target have in common. */
export interface AttemptParts {
  readonly target: Target
  readonly agents: JudgedAgents
  readonly clock: Clock
  readonly timeoutMs: number
  readonly maxResponseBytes: number
}

const CERTIFICATE = /^(CERT_|UNABLE_TO_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA)/

let loading: Promise<Axios> | undefined

/**
 * One request. Counts as delivered when a 2xx arrived whole, within the deadline and the size. Never throws: whatever the
 * other side does is an outcome.
 *
 * @param signal - ends the attempt; the outcome is then of no meaning
 */
export async function attempt(
  parts: AttemptParts,
  question: Question,
  signal: AbortSignal,
): Promise<Outcome> {
  const answer = await exchange(parts, question, signal)
  return answer.type === 'answered' ? judgeStatus(answer) : answer
}

/**
 * One request and its answer, by the rules of every outbound request (T36). Never throws: whatever the other side does is an
 * outcome.
 *
 * @param signal - ends the exchange; the outcome is then of no meaning
 */
export async function exchange(
  parts: AttemptParts,
  question: Question,
  signal: AbortSignal,
): Promise<Answer | Failure> {
  const linked = linkedSignal([signal])
  let late = false
  const timer = parts.clock.setTimer(parts.timeoutMs, () => {
    late = true
    linked.abort()
  })
  try {
    return await ask(parts, question, linked.signal)
  } catch (error) {
    if (late) return retry(null, `there was no whole answer within ${parts.timeoutMs} ms`)
    return failure(error)
  } finally {
    timer.cancel()
    linked.unlink()
  }
}

async function ask(
  { target, agents, clock, maxResponseBytes }: AttemptParts,
  { method, headers, body }: Question,
  signal: AbortSignal,
): Promise<Answer | Failure> {
  const client = await loadClient()
  const response = await client.request<Readable>({
    method,
    url: target.url.href,
    headers: { ...headers },
    ...(body === undefined ? {} : { data: body, maxBodyLength: body.length }),
    signal,
    responseType: 'stream',
    adapter: 'http',
    httpAgent: agents.http,
    httpsAgent: agents.https,
    // T36: a redirect leads where nothing was judged, and a proxy of the environment resolves names by itself.
    maxRedirects: 0,
    proxy: false,
    // Unpacking would make little into much.
    decompress: false,
    validateStatus: () => true,
  })
  const whole = await readWhole(response.data, maxResponseBytes)
  const { status } = response
  if (whole === null)
    return { ...retry(status, `it answered with more than ${maxResponseBytes} bytes`), type: 'failed' }
  const retryAfterMs = parseRetryAfter(response.headers['retry-after'], clock.now())
  return { type: 'answered', status, body: whole, retryAfterMs }
}

/**
 * A client of its own, without the defaults and interceptors that the program may have given to axios: a token for another
 * service would go along. Loaded when something is sent first: it costs more to load than the rest of Gatewright.
 */
function loadClient(): Promise<Axios> {
  loading ??= import('axios').then(({ Axios }) => new Axios({}))
  return loading
}

/** The response, or `null` when it is longer than that. Throws when it was cut off. */
async function readWhole(response: Readable, most: number): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // Leaving the loop ends the connection.
    if (bytes > most) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function judgeStatus({ status, body, retryAfterMs }: Answer): Outcome {
  if (status >= 200 && status < 300) return { type: 'delivered', status, body }
  const answered = { status, retryAfterMs, problem: `it answered ${status}` }
  if (status === 410) return { ...answered, type: 'gone' }
  if (status === 408 || status === 429 || status >= 500) return { ...answered, type: 'retry' }
  const redirect = status >= 300 && status < 400
  return {
    ...answered,
    type: 'failed',
    problem: redirect ? `${answered.problem}, and redirects are not followed` : answered.problem,
  }
}

function failure(error: unknown): Failure {
  const { cause, code } = error as { readonly cause?: unknown; readonly code?: unknown }
  const inner = isOutboundError(error) ? error : cause
  if (isOutboundError(inner)) return { type: 'forbidden', error: inner }
  // The code alone: messages of TLS quote what the other side wrote.
  const name = typeof code === 'string' ? code : 'unknown error'
  if (CERTIFICATE.test(name))
    return { ...retry(null, `its TLS certificate is not valid (${name})`), type: 'failed' }
  return retry(null, `the connection failed (${name})`)
}

function retry(status: number | null, problem: string) {
  return { type: 'retry', status, problem, retryAfterMs: null } as const
}
