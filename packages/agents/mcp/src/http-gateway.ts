import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Duration, OptionError, parseDuration } from '@gatewright/core'
import type { ElicitationApprover } from './elicitation/approver'
import { mounted } from './elicitation/mount'
import { gatedCalls } from './gated-calls'
import { type HttpExchange, httpExchange, textOf } from './http-exchange'
import { type Posted, readPost } from './http-post'
import { httpSessions } from './http-sessions'
import { failure, INVALID_REQUEST, isRequestId, type Message, NO_ANSWER, responseTo } from './messages'
import type { McpOptions } from './options'
import { batchResponder, type Responder, responderOf } from './responder'
import { resumableStreams } from './resumable'
import { upstreamOf } from './upstream'

/** A server that speaks Streamable HTTP, and where its clients find the gateway. */
export interface HttpGatewayOptions extends McpOptions {
  /** The server's address: `https://files.example/mcp`. */
  readonly url: string
  /** @default '127.0.0.1' */
  readonly host?: string
  /** @default one that is free */
  readonly port?: number
  /**
   * The host names that clients may use for the gateway, and that pages in browsers may come from. Others are refused, so
   * that no page gets at it by a name that it points here.
   *
   * @default `localhost`, `127.0.0.1` and `[::1]`
   */
  readonly hosts?: readonly string[]
  /** What the body of one request may have, in bytes: larger ones are answered with status 413. @default 16777216 (16 MiB) */
  readonly maxBytes?: number
  /**
   * How long a client whose stream broke may take to come back to it (`Last-Event-ID`). Until then its call goes on waiting
   * or running; then it is given up.
   *
   * @default '1m'
   */
  readonly resumeWithin?: Duration
  /**
   * The approver of this gate that asks people at MCP clients of their own, which connect to `reviewUrl`, each with that
   * person's token. The clients that call tools are never asked, and none of these may call any.
   *
   * @default nobody is asked by elicitation
   */
  readonly reviewers?: ElicitationApprover
}

/** A gateway that listens. */
export interface HttpGateway {
  /** Where clients find it. */
  readonly url: string
  /** Where reviewers' clients connect, with their own tokens; `null` without `reviewers`. */
  readonly reviewUrl: string | null
  /** Gives up what waits, and closes. */
  close(): Promise<void>
}

const OPTIONS = ['url', 'host', 'port', 'hosts', 'maxBytes', 'resumeWithin', 'reviewers'] as const
/** Where reviewers' clients connect. */
const REVIEW_PATH = '/gatewright/review'
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST'])
const MAX_BYTES = 16 * 2 ** 20
const MAX_NAMES = 100
/** Clients of older protocols may take an event without data for a broken message. */
const PRIMES_SINCE = '2025-11-25'

/**
 * Stands before an MCP server that speaks Streamable HTTP: its clients use the gateway's address in place of the server's.
 * Tool calls are gated, by what their bodies say; everything else passes: sessions, streams, sign-ins.
 *
 * @throws OptionError naming what is wrong with the options
 * @example
 * ```ts
 * import { createGate, group } from 'gatewright'
 * import { httpGateway } from '@gatewright/mcp'
 *
 * const gate = createGate({ agent: { id: 'desk-agent', owner: null }, reviewers: group('ops') })
 * await gate.start()
 * const gateway = await httpGateway({ gate, url: 'https://files.example/mcp', port: 8123 })
 * console.log(gateway.url)
 * ```
 */
export async function httpGateway(options: HttpGatewayOptions): Promise<HttpGateway> {
  const { host = '127.0.0.1', hosts = LOOPBACK, maxBytes = MAX_BYTES, port = 0, url, ...more } = options
  const { resumeWithin = '1m', reviewers, ...rest } = more
  if (reviewers !== undefined && typeof reviewers?.isReviewer !== 'function')
    throw new OptionError(
      'httpGateway.reviewers',
      'must be an elicitationApprover, one of the gate’s approvers',
    )
  const target = checkUrl(url)
  if (!Array.isArray(hosts) || hosts.length === 0 || hosts.some((one) => typeof one !== 'string'))
    throw new OptionError('httpGateway.hosts', 'must be a list of host names')
  const resumeMs = parseDuration(resumeWithin, 'httpGateway.resumeWithin')
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1)
    throw new OptionError('httpGateway.maxBytes', 'must be a whole number above 0')
  const gate = gatedCalls(rest, 'httpGateway', OPTIONS)
  const upstream = upstreamOf(target)
  const sessions = httpSessions()
  const streams = resumableStreams(resumeMs)
  const isAllowed = hostCheck(hosts)

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, method = 'GET', url: path = '/' } = request
    if (!isAllowed(request)) return refuse(response, 403, 'this host or origin may not use the gateway')
    if (reviewers !== undefined && path.split('?')[0] === REVIEW_PATH)
      return mounted(request, response, (one) => reviewers.handle(one))
    // Whoever decides calls nothing: a client with both would be the requester's own.
    if (reviewers?.isReviewer(headers.authorization))
      return refuse(response, 403, 'a reviewer’s credentials call no tools')
    if (!METHODS.has(method)) return refuse(response, 405, 'there is no such method here')
    const to = path === target.pathname ? target : targetOf(path, method)
    if (to === null) return refuse(response, 404, 'there is nothing here')
    if (method === 'GET' && streams.resume(response, headers)) return
    const sessionId = textOf(headers['mcp-session-id'])
    const isPost = method === 'POST'
    const stream = isPost && sessionId !== undefined ? streams.open(response, headers) : null
    const whole = responderOf(
      response,
      stream,
      (textOf(headers['mcp-protocol-version']) ?? '') >= PRIMES_SINCE,
    )
    const exchanges: HttpExchange[] = []
    const exchange = (responder: Responder): HttpExchange => {
      const made = httpExchange({ gate, headers, responder, sessionId, sessions, to, upstream })
      exchanges.push(made)
      return made
    }
    response.on('close', () => {
      if (response.writableFinished) return
      const giveUp = () => {
        for (const one of exchanges) one.closed(new Error('the client closed the connection'))
      }
      if (stream?.cutOff(giveUp) !== true) giveUp()
    })
    if (!isPost) return exchange(whole).pass(method)
    const posted = await readPost(request, maxBytes)
    if ('error' in posted) return refuseBody(response, posted)
    if ('message' in posted) return exchange(whole).post(posted.message)
    await postBatch(posted.batch, whole, exchange)
  }

  /** Where a request is for: the server, or its metadata for sign-ins (RFC 9728). `null`: neither. */
  function targetOf(path: string, method: string): URL | null {
    const { pathname, search } = new URL(path, 'http://gateway')
    const isMetadata = pathname.startsWith('/.well-known/') && method !== 'POST'
    if (pathname !== target.pathname && !isMetadata) return null
    const to = new URL(target)
    to.pathname = pathname
    if (search !== '') to.search = search
    return to
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      // The client hears no details of what lies behind.
      if (!response.headersSent) refuse(response, 502, 'the server cannot be reached')
      else response.destroy()
    })
  })
  // A call waits for people, and a stream for whatever comes.
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { address, family, port: bound } = server.address() as AddressInfo
  const origin = `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`
  return {
    url: `${origin}${target.pathname}`,
    reviewUrl: reviewers === undefined ? null : `${origin}${REVIEW_PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
        streams.close()
        upstream.close()
      }),
  }
}

function checkUrl(url: unknown): URL {
  const read = typeof url === 'string' && URL.canParse(url) ? new URL(url) : null
  if (read === null || !['http:', 'https:'].includes(read.protocol))
    throw new OptionError('httpGateway.url', 'must be the http: or https: address of an MCP server')
  return read
}

/** Takes each message of a batch by itself, in their order. */
async function postBatch(
  messages: readonly unknown[],
  whole: Responder,
  exchange: (responder: Responder) => HttpExchange,
): Promise<void> {
  const { complete, part } = batchResponder(whole)
  const posts = messages.map((message) => {
    const { id, method } = message as Message
    const asks = method !== undefined && isRequestId(id) ? id : undefined
    const responder = part(asks)
    return exchange(responder)
      .post(message)
      .catch(() => {
        if (asks === undefined) responder.end()
        else responder.answer(responseTo(asks, NO_ANSWER))
      })
  })
  complete()
  await Promise.all(posts)
}

/**
 * Whether a request uses the gateway by one of its names, and comes from no page of another. Names are read once: clients
 * repeat them in every request.
 */
function hostCheck(hosts: readonly string[]): (request: IncomingMessage) => boolean {
  const found = new Set<string>()
  const isOne = (name: string) => {
    if (found.has(name)) return true
    const is = URL.canParse(name) && hosts.includes(new URL(name).hostname)
    if (is && found.size < MAX_NAMES) found.add(name)
    return is
  }
  return ({ headers: { host = '', origin } }) =>
    isOne(`http://${host}`) && (origin === undefined || isOne(origin))
}

/** What was not read of a body is not: its connection ends. */
function refuseBody(response: ServerResponse, { error, status }: Extract<Posted, { error: unknown }>): void {
  const ends = status === 413 ? { connection: 'close' } : {}
  response
    .writeHead(status, { ...ends, 'content-type': 'application/json' })
    .end(JSON.stringify(responseTo(null, { error })))
}

function refuse(response: ServerResponse, status: number, why: string): void {
  const message = responseTo(null, failure(INVALID_REQUEST, `${why}. Nothing was executed.`))
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(message))
}
