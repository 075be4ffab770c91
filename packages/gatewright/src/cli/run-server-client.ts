import type { Json } from '@gatewright/core'

/** The server refused: trying again will not help. */
export class ServerRefusal extends Error {
  override readonly name = 'ServerRefusal'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, detail: string) {
    super(detail)
    this.status = status
    this.code = code
  }
}

/** The server did not answer for too long, or in a way that is none. */
export class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable'
}

/** A call of the API. */
export interface ApiCall {
  readonly method: 'GET' | 'POST'
  /** Below `/api`. */
  readonly path: string
  readonly body?: Json
  readonly headers?: Readonly<Record<string, string>>
  /** For so long it is tried again, in milliseconds: 0 tries once. @default 5 minutes */
  readonly patienceMs?: number
  /** How long one try may take, in milliseconds. @default 30 s */
  readonly tryMs?: number
  /** Ends it at once. */
  readonly signal?: AbortSignal
}

/** What a client is made of. */
export interface ServerClientOptions {
  /** The server's address, without `/api`. */
  readonly url: URL
  /** Asked for each try: some are good for minutes only. */
  readonly credential: () => Promise<string>
  /** Told once, each time that the server begins not to answer. */
  readonly trouble: (problem: string) => void
  /** @default a timer */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

type Body = Readonly<Record<string, unknown>>

const PATIENCE_MS = 300_000
const TRY_MS = 30_000
const LONGEST_WAIT_MS = 30_000
const AGAIN = new Set([408, 425, 429, 500, 502, 503, 504])
/** Answered with 429, and yet an answer: an equal call was rejected a moment ago. */
const DECIDED = 'ERR_APPROVAL_COOLING_DOWN'

/**
 * Calls the API of a review server, and tries again what may be tried again: all that it is used for is idempotent.
 *
 * Rejects with ServerRefusal, with ServerUnreachable, or with the signal's reason.
 */
export function createServerClient({
  url,
  credential,
  trouble,
  sleep = pause,
}: ServerClientOptions): (call: ApiCall) => Promise<Body> {
  return async ({ method, path, body, headers, patienceMs = PATIENCE_MS, tryMs = TRY_MS, signal }) => {
    const until = performance.now() + patienceMs
    let told = false
    for (let tries = 0; ; tries += 1) {
      signal?.throwIfAborted()
      const answer = await once()
      if ('body' in answer) return answer.body
      signal?.throwIfAborted()
      const backOff = Math.min(LONGEST_WAIT_MS, 250 * 2 ** Math.min(tries, 10)) * (0.5 + Math.random() / 2)
      const wait = Math.max(backOff, answer.retryAfterMs)
      if (performance.now() + wait > until)
        throw new ServerUnreachable(`${url.origin} does not answer: ${answer.problem}`)
      if (!told) trouble(`${url.origin} does not answer (${answer.problem}): it is tried again`)
      told = true
      await sleep(wait, signal)
    }

    async function once(): Promise<
      { readonly body: Body } | { readonly problem: string; readonly retryAfterMs: number }
    > {
      let bearer: string
      let response: Response
      let text: string
      try {
        bearer = await credential()
      } catch (error) {
        return { problem: (error as Error).message, retryAfterMs: 0 }
      }
      try {
        response = await fetch(`${url.href.replace(/\/+$/, '')}/api${path}`, {
          method,
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${bearer}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          // The key is for this address alone.
          redirect: 'error',
          signal: AbortSignal.any([AbortSignal.timeout(tryMs), ...(signal === undefined ? [] : [signal])]),
        })
        text = await response.text()
      } catch (error) {
        const { cause, name } = error as {
          readonly cause?: { readonly code?: string }
          readonly name: string
        }
        return {
          problem: cause?.code ?? (name === 'TimeoutError' ? 'it took too long' : 'no connection'),
          retryAfterMs: 0,
        }
      }
      const answered = parse(text)
      if (response.ok && answered !== null) return { body: answered }
      const { code, detail } = answered ?? {}
      const known = typeof code === 'string'
      if ((AGAIN.has(response.status) && code !== DECIDED) || response.ok)
        return { problem: known ? code : `status ${response.status}`, retryAfterMs: retryAfter(response) }
      throw new ServerRefusal(
        response.status,
        known ? code : `status ${response.status}`,
        typeof detail === 'string' ? detail : `the server answered ${response.status}`,
      )
    }
  }
}

function parse(text: string): Body | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Body) : null
  } catch {
    return null
  }
}

/** Seconds, or a date. */
function retryAfter({ headers }: Response): number {
  const value = headers.get('retry-after') ?? ''
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}

/** Ends early, and rejects with the signal's reason, when the signal aborts. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
