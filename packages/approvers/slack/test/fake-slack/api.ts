import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type MethodAnswer, type MethodContext, methods } from './methods'

/** What a call is met with instead of an answer. */
export type Trouble =
  | 'hang'
  | 'lose'
  | { readonly status: number }
  | { readonly retryAfter: number }
  | { readonly error: string }
  /** Slack is slow: nothing is done before this is. */
  | { readonly after: Promise<unknown> }

/** How the fake API is set up. */
export interface ApiOptions extends MethodContext {
  readonly token: string
  readonly appToken: string
  /** Answers to `apps.connections.open`. */
  socketUrl(): string
}

/** Slack's Web API over loopback HTTP. */
export interface Api {
  readonly url: string
  /** The next calls of a method meet this trouble. `lose`: it is done, and the connection breaks before the answer. */
  trouble(method: string, ...next: readonly Trouble[]): void
  /** Calls of any method are accepted and never answered. */
  stall(): void
  readonly server: Server
  close(): Promise<void>
}

/** One message a second and channel, with bursts; what Slack asks to wait must be waited. */
const BURST = 12

/** Starts the API. Rules that are broken are noted as breaches. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { state, now } = options
  const troubles = new Map<string, Trouble[]>()
  const notBefore = new Map<string, number>()
  const workedOff = new Map<string, number>()
  let stalled = false

  function limited(method: string, channel: string | undefined): number | null {
    const key = `${method} ${channel ?? ''}`
    const until = notBefore.get(key) ?? 0
    if (now() < until) state.breaches.push(`${key} was called before its Retry-After had passed`)
    if (method !== 'chat.postMessage' || channel === undefined) return null
    const at = Math.max(now(), workedOff.get(channel) ?? now()) + 1_000
    if (at - now() > BURST * 1_000) return 1
    workedOff.set(channel, at)
    return null
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const method = (request.url ?? '').replace(/^\/api\//, '')
    state.calls.push(method)
    const { token: _token, ...args } = Object.fromEntries(new URLSearchParams(body))
    if (stalled) return
    const trouble = troubles.get(method)?.shift()
    if (trouble === 'hang') return
    const wait =
      typeof trouble === 'object' && 'retryAfter' in trouble
        ? trouble.retryAfter
        : limited(method, args.channel)
    if (wait !== null) {
      notBefore.set(`${method} ${args.channel ?? ''}`, now() + wait * 1_000)
      return send(response, 429, { ok: false, error: 'ratelimited' }, { 'retry-after': `${wait}` })
    }
    if (typeof trouble === 'object' && 'status' in trouble) return send(response, trouble.status, {})
    if (typeof trouble === 'object' && 'error' in trouble)
      return send(response, 200, { ok: false, error: trouble.error })
    if (typeof trouble === 'object' && 'after' in trouble) await trouble.after
    const result = run(method, args, request.headers.authorization ?? '')
    if (trouble === 'lose') return void response.destroy()
    const known = request.headers.authorization === `Bearer ${options.token}`
    const scopes = known ? { 'x-oauth-scopes': state.scopes.join(',') } : {}
    send(response, 200, 'error' in result ? { ok: false, ...result } : { ok: true, ...result }, scopes)
  }

  function run(method: string, args: Record<string, string>, authorization: string): MethodAnswer {
    if (method === 'apps.connections.open') {
      if (authorization !== `Bearer ${options.appToken}`) return { error: 'invalid_auth' }
      return { url: options.socketUrl() }
    }
    if (authorization !== `Bearer ${options.token}`) return { error: 'invalid_auth' }
    const known = methods[method]
    if (known === undefined) return breach(`${method} is not a method`, 'unknown_method')
    if (known.scopes.length > 0 && !known.scopes.some((scope) => state.scopes.includes(scope)))
      return breach(
        `${method} needs ${known.scopes.join(' or ')}, which the manifest does not ask for`,
        'missing_scope',
      )
    const parsed = known.args.safeParse(args)
    if (!parsed.success)
      return breach(`${method}: ${parsed.error.message.slice(0, 2_000)}`, 'invalid_arguments')
    return known.run(parsed.data as never, options)
  }

  function breach(what: string, error: string): MethodAnswer {
    state.breaches.push(what)
    return { error }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      state.breaches.push(`the fake failed: ${String(error)}`)
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    trouble: (method, ...next) => void troubles.set(method, [...(troubles.get(method) ?? []), ...next]),
    stall() {
      stalled = true
    },
    server,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
