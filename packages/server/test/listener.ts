import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A port of this computer, taken before anybody answers there: an address has to be known first, and must not be lost again. */
export interface Listener {
  readonly port: number
  /** Who answers from now on. Not before it is told to anybody. */
  answer(listener: RequestListener): void
  /** Cuts off whoever is connected. */
  close(): Promise<void>
}

/** Takes one. */
export async function openListener(hostname = '127.0.0.1'): Promise<Listener> {
  const server = createServer().listen(0, hostname)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    answer: (listener) => void server.on('request', listener),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
