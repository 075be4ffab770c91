import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OptionError } from '@gatewright/core'
import { gatedCalls } from './gated-calls'
import { httpExchange } from './http-exchange'
import { httpSessions } from './http-sessions'
import { failure, INVALID_REQUEST, responseTo } from './messages'
import type { McpOptions } from './options'
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
}

/** A gateway that listens. */
export interface HttpGateway {
  /** Where clients find it. */
  readonly url: string
  /** Gives up what waits, and closes. */
  close(): Promise<void>
}

const OPTIONS = ['url', 'host', 'port', 'hosts'] as const
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

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
  const { host = '127.0.0.1', hosts = LOOPBACK, port = 0, url, ...rest } = options
  const target = checkUrl(url)
  if (!Array.isArray(hosts) || hosts.length === 0 || hosts.some((one) => typeof one !== 'string'))
    throw new OptionError('httpGateway.hosts', 'must be a list of host names')
  const gate = gatedCalls(rest, 'httpGateway', OPTIONS)
  const upstream = upstreamOf(target)
  const sessions = httpSessions()

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '/', 'http://gateway')
    const method = request.method ?? 'GET'
    const known = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST'].includes(method)
    const isServer = pathname === target.pathname
    // Where the server's metadata for sign-ins lies (RFC 9728).
    const isMetadata = pathname.startsWith('/.well-known/') && method !== 'POST'
    if (!isAllowed(request, hosts))
      return refuse(response, 403, 'this host or origin may not use the gateway')
    if (!known) return refuse(response, 405, 'there is no such method here')
    if (!isServer && !isMetadata) return refuse(response, 404, 'there is nothing here')
    const to = new URL(target)
    to.pathname = pathname
    if (search !== '') to.search = search
    const { headers } = request
    const exchange = httpExchange({ gate, headers, response, sessions, to, upstream })
    return method === 'POST' ? exchange.post(request) : exchange.pass(method)
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
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}${target.pathname}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
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

/** Whether a request uses the gateway by one of its names, and comes from no page of another. */
function isAllowed({ headers }: IncomingMessage, hosts: readonly string[]): boolean {
  const names = [`http://${headers.host ?? ''}`, ...(headers.origin === undefined ? [] : [headers.origin])]
  return names.every((name) => URL.canParse(name) && hosts.includes(new URL(name).hostname))
}

function refuse(response: ServerResponse, status: number, why: string): void {
  const message = responseTo(null, failure(INVALID_REQUEST, `${why}. Nothing was executed.`))
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(message))
}
