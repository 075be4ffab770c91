import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener, serve as serveHono } from '@hono/node-server'
import type { ReviewServer } from './review-server'

/** A server that listens. */
export interface Listening {
  readonly port: number
  readonly address: string
  /** Takes no more connections, lets answers under way end, and cuts those off that take longer than 10 seconds. */
  close(): Promise<void>
}

/** Options of {@link serve}. */
export interface ServeOptions {
  /** 0: any that is free. @default 8443 */
  readonly port?: number
  /** @default '127.0.0.1': behind a proxy that ends TLS */
  readonly hostname?: string
}

const GRACE_MS = 10_000

/**
 * A server as a listener of Node's `http`, for Express, Fastify and whatever else is made of it. Mount it where no body is
 * parsed before: approvers check signatures over the raw body. Never rejects.
 */
export function nodeListener(
  server: ReviewServer,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  return getRequestListener((request, env) => server.fetch(request, env), {
    // A host's own Request and Response stay as they are.
    overrideGlobalObjects: false,
  })
}

/** Listens on a port of this machine. Rejects when the port is taken. */
export function serve(
  server: ReviewServer,
  { port = 8443, hostname = '127.0.0.1' }: ServeOptions = {},
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const listener = serveHono({ fetch: (request, env) => server.fetch(request, env), port, hostname })
    listener.once('error', reject)
    listener.once('listening', () => {
      const { address, port: taken } = listener.address() as AddressInfo
      resolve({
        address,
        port: taken,
        close: () => {
          server.close()
          return closeGently(listener)
        },
      })
    })
  })
}

function closeGently(listener: ReturnType<typeof serveHono>): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(
      () => 'closeAllConnections' in listener && listener.closeAllConnections(),
      GRACE_MS,
    )
    listener.close(() => {
      clearTimeout(cut)
      resolve()
    })
    if ('closeIdleConnections' in listener) listener.closeIdleConnections()
  })
}
