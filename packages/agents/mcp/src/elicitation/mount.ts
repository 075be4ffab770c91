import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { collect } from '../collect'

const MAX_BODY = 128 * 2 ** 10

/** Hands a request of a node server to a handler of web requests, and its answer back. */
export async function mounted(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: Request) => Promise<Response>,
): Promise<void> {
  const { method = 'GET', url = '/' } = request
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, String(value))
  const body = method === 'POST' ? await collect(request, MAX_BODY) : null
  const answer = await handle(
    new Request(new URL(url, 'http://gateway'), {
      method,
      headers,
      ...(body === null ? {} : { body: new Uint8Array(body) }),
    }),
  )
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  if (answer.body === null) return void response.end()
  response.flushHeaders()
  // Whoever hangs up ends the stream.
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), response).catch(() => {})
}
