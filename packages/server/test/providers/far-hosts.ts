import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Agent, buildConnector, fetch as fetchThrough } from 'undici'
import { certificateFor } from './certificate'

/**
 * Hosts of the world that stand on this computer for a while, under their own names and over TLS. Nothing of what is tested
 * knows of it: names lead elsewhere, as another DNS and one more root certificate would have it.
 */
export interface FarHosts {
  /** Who answers for a host from now on. */
  answer(host: string, listener: RequestListener): void
  /** In the place of `globalThis.fetch`: these hosts as they stand here, this computer, and nothing else. */
  readonly fetch: typeof fetch
  /** With these, a browser finds them here, and trusts their certificate alone. */
  readonly browserArguments: readonly string[]
  close(): Promise<void>
}

/** Opens them. Until somebody answers for it, a host says 502. */
export async function openFarHosts(hosts: readonly string[]): Promise<FarHosts> {
  const { key, cert, publicKeyHash } = certificateFor(hosts)
  const listeners = new Map<string, RequestListener>()
  const server = createServer({ key, cert }, (request: IncomingMessage, response: ServerResponse) => {
    const listener = listeners.get(request.headers.host ?? '')
    if (listener !== undefined) return listener(request, response)
    response.writeHead(502).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const connect = buildConnector({ ca: cert })
  const agent = new Agent({
    connect: (options, done) =>
      connect({ ...options, hostname: '127.0.0.1', port: String(port), servername: options.hostname }, done),
  })
  const inPlace = globalThis.fetch

  return {
    answer: (host, listener) => void listeners.set(host, listener),
    fetch: (async (input: string | URL, init?: RequestInit) => {
      const { hostname } = new URL(input)
      if (['localhost', '127.0.0.1'].includes(hostname)) return inPlace(input, init)
      if (!hosts.includes(hostname)) throw new TypeError(`nothing here stands for ${hostname}`)
      return fetchThrough(input, { ...init, dispatcher: agent } as Parameters<typeof fetchThrough>[1])
    }) as typeof fetch,
    browserArguments: [
      `--host-resolver-rules=${hosts.map((host) => `MAP ${host}:443 127.0.0.1:${port}`).join(',')}`,
      `--ignore-certificate-errors-spki-list=${publicKeyHash}`,
      '--no-proxy-server',
    ],
    async close() {
      await agent.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
