import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { when } from '@gatewright/core'
import { type HttpGatewayOptions, httpGateway } from '../src'
import type { GateScene } from './gateway-scene'
import { listen } from './http-servers'

const ends: (() => unknown)[] = []

/** Closes what the last test opened. */
export async function endAll(): Promise<void> {
  for (const end of ends.splice(0).reverse()) await end()
}

/** A request that reached the server behind. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** How the server behind answers a call. */
export type Answer = (response: ServerResponse, message: { id?: unknown; params?: { name?: string } }) => void

export const TOOLS = '{"tools" : [{"name":"note","inputSchema":{"type":"object"}} ]}'
export const json = (
  response: ServerResponse,
  body: string,
  status = 200,
  more: Record<string, string> = {},
) => response.writeHead(status, { 'content-type': 'application/json', ...more }).end(body)
/** Answers with an empty result. */
export const noted: Answer = (response, { id }) =>
  json(response, `{"jsonrpc":"2.0", "id":${JSON.stringify(id)},"result":{"content":[ ]}}`)

/** A gateway before a server of a few lines, which keeps what it was sent. */
export async function gateway(
  scene: GateScene,
  onCall: Answer = noted,
  more: Partial<HttpGatewayOptions> = {},
) {
  const seen: Seen[] = []
  const behind = await listen(async (request, response) => {
    const body = await text(request)
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
    if (body === '') return json(response, '{"got":true}', 200, { 'x-from': 'server' })
    const message = JSON.parse(body)
    if (message.method === 'tools/call') return onCall(response, message)
    if (message.id === undefined) return response.writeHead(202).end()
    json(response, `{"jsonrpc":"2.0","id":${JSON.stringify(message.id)},"result" :${TOOLS}}`, 200, {
      'mcp-session-id': 's-1',
    })
  })
  const front = await httpGateway({ gate: scene.gate, url: behind.url, ...more })
  ends.push(
    () => behind.close(),
    () => front.close(),
    () => scene.gate.close(),
  )
  const post = (body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(front.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal && { signal }),
    })
  const calls = () => seen.filter(({ body }) => body.includes('tools/call'))
  return { behind, front, seen, post, calls }
}

export const call = (id: unknown, args: object = { id: 'x' }, more: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'note', arguments: args, ...more },
})
export const allow = { policy: [when('tool.*').allow()] }
export const IN_SESSION = { 'mcp-session-id': 's-1' }
