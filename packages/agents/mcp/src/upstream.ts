import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'

/** A request to the server behind. */
export interface UpstreamRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body?: string
}

/** A request that was sent. */
export interface Asked {
  /** Resolves once the headers of the answer are there. Rejects for a redirect: who followed it would go past the gate. */
  readonly answer: Promise<IncomingMessage>
  /** Ends it: nobody waits for the answer, or for the rest of it. */
  end(): void
}

/** The server behind a gateway. */
export interface Upstream {
  ask(request: UpstreamRequest): Asked
  /** Closes the connections that wait. */
  close(): void
}

/** Belongs to one connection, and not to what is sent over it (RFC 9110, 7.6.1). */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Headers without those of the connection, and without `others`. */
export function passedOn(headers: IncomingHttpHeaders, ...others: readonly string[]): IncomingHttpHeaders {
  const kept: IncomingHttpHeaders = {}
  for (const name in headers) {
    if (!OF_THE_CONNECTION.has(name) && !others.includes(name)) kept[name] = headers[name]
  }
  return kept
}

/** Connects to a server, and keeps the connections. */
export function upstreamOf({ protocol }: URL): Upstream {
  const tls = protocol === 'https:'
  const agent = tls ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true })
  const send = tls ? tlsRequest : request
  return {
    ask({ body, headers, method, url }) {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const sent = send(url, {
        method,
        agent: agent as Agent,
        headers: { ...passedOn(headers, 'content-length', 'expect'), ...length },
      })
      const answer = new Promise<IncomingMessage>((resolve, reject) => {
        let came = false
        sent.once('response', (found) => {
          came = true
          if (found.headers.location === undefined) return resolve(found)
          found.resume()
          reject(new Error('the server redirects'))
        })
        sent.on('error', reject)
        // An error is dear: its stack is written down, though nobody hears of it once an answer came.
        sent.once('close', () => came || reject(new Error('the server gave no answer')))
      })
      sent.end(body)
      return { answer, end: () => void sent.destroy() }
    },
    close: () => agent.destroy(),
  }
}
