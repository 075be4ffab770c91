import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createMcpHandler, type McpServer } from '@modelcontextprotocol/server'

/** A server on this computer. */
export interface Listening {
  readonly url: string
  close(): Promise<void>
}

export async function listen(listener: RequestListener): Promise<Listening> {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A server with sessions, of version 1 of the SDK. */
export function listenWithSessions(make: () => McpServer1): Promise<Listening> {
  const sessions = new Map<string, StreamableHTTPServerTransport>()
  return listen(async (request, response) => {
    const id = request.headers['mcp-session-id']
    const known = typeof id === 'string' ? sessions.get(id) : undefined
    if (known !== undefined) return known.handleRequest(request, response)
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (session) => void sessions.set(session, transport),
    })
    await make().connect(transport as Parameters<McpServer1['connect']>[0])
    await transport.handleRequest(request, response)
  })
}

/** A server without sessions, of version 2 of the SDK. */
export function listenStateless(make: () => McpServer): Promise<Listening> {
  const handler = createMcpHandler(make)
  return listen(async (request, response) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const body = request.method === 'POST' ? { body: await buffer(request) } : {}
    const answer = await handler.fetch(
      new Request(`http://${request.headers.host}/mcp`, {
        method: request.method ?? 'GET',
        headers: headersOf(request),
        signal: gone.signal,
        ...body,
      }),
    )
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    for await (const chunk of answer.body ?? []) response.write(chunk)
    response.end()
  })
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
