import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer as createPlainServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A request as it arrived. */
export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly path: string
  readonly body: Buffer
}

/** Answers one request. */
export type Answer = (response: ServerResponse, received: Received, count: number) => void

/** A server on the loopback, for one test. */
export interface Receiver {
  readonly port: number
  readonly url: string
  readonly received: readonly Received[]
  /** Resolves once so many requests have arrived whole. */
  arrived(count: number): Promise<void>
  close(): Promise<void>
}

/** Answers with a status and nothing else. */
export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end()

/** A receiver that keeps what arrives; closed after the test. */
export function receiver(answer: Answer = status(204)): Promise<Receiver> {
  return serve((listener) => createServer(listener), 'http', answer)
}

/** One that speaks TLS. */
export function secureReceiver(
  tls: { readonly key: string; readonly cert: string },
  answer: Answer = status(204),
): Promise<Receiver> {
  return serve((listener) => createSecureServer(tls, listener), 'https', answer)
}

async function serve(
  create: (listener: RequestListener) => Server,
  scheme: string,
  answer: Answer,
): Promise<Receiver> {
  const received: Received[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const server = create(async (request, response) => {
    const whole = { headers: request.headers, path: request.url ?? '', body: await bodyOf(request) }
    received.push(whole)
    for (const { count, resolve } of waiting) if (received.length >= count) resolve()
    answer(response, whole, received.length)
  })
  const port = await listen(server)
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(close)
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}/hook`,
    received,
    arrived: (count) =>
      new Promise((resolve) => {
        if (received.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
    close,
  }
}

/** A server that speaks TCP alone: what it does with a connection is the test's. */
export async function plainReceiver(connected: (socket: Socket) => void): Promise<{ readonly url: string }> {
  const sockets = new Set<Socket>()
  const server = createPlainServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    connected(socket)
  })
  const port = await listen(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { url: `http://127.0.0.1:${port}/hook` }
}

function listen(server: {
  listen(port: number, host: string, done: () => void): unknown
  address(): unknown
}): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
