import { checkOptions } from '@gatewright/core'
import { OutboundError } from '../errors'
import { attempt } from './attempt'
import { judgedAgents, type Resolve, systemResolve } from './judged-agents'
import { linkedSignal } from './linked-signal'
import { CONNECTION_OPTIONS, type ConnectionOptions, parseConnectionOptions } from './outbound-options'

/** One document on the network, such as an issuer's keys. */
export interface OutboundReader {
  /** The host and port, for messages: no path, no query. */
  readonly target: string
  /**
   * Gets the document anew, in one attempt. Resolves when a 2xx arrived whole, within the deadline and the size.
   *
   * @throws OutboundError `ERR_OUTBOUND_FAILED`, `ERR_OUTBOUND_FORBIDDEN` (T36), `ERR_OUTBOUND_ABORTED`,
   *   `ERR_OUTBOUND_CLOSED`
   */
  read(signal?: AbortSignal): Promise<Buffer>
  /** Ends every connection; what is being read fails. Idempotent. */
  close(): void
}

/**
 * Reads a document with GET, by the rules of `createOutbound`: only from addresses on the internet unless `allow` says
 * otherwise, to an address that was judged, without redirects and proxies, with TLS certificates checked (T36).
 *
 * @throws OptionError `ERR_OPTION_INVALID` for an option that is wrong or unknown
 * @throws OutboundError `ERR_OUTBOUND_FORBIDDEN` when the URL holds an address that may not be reached
 * @example
 * ```ts
 * import { createReader } from '@gatewright/outbound'
 *
 * const keys = createReader({ url: 'https://idp.example.com/.well-known/jwks.json' })
 * console.log(JSON.parse((await keys.read()).toString()))
 * keys.close()
 * ```
 */
export function createReader(options: ConnectionOptions): OutboundReader {
  return readerOver(systemResolve, options, 'createReader')
}

/** {@link createReader} over another resolver, for tests. */
export function readerOver(resolve: Resolve, options: ConnectionOptions, where: string): OutboundReader {
  checkOptions(options, CONNECTION_OPTIONS, where)
  const settings = parseConnectionOptions(options, where)
  const { target } = settings
  const parts = { ...settings, agents: judgedAgents(target, resolve, settings.ca) }
  const headers = { 'user-agent': 'gatewright', 'accept-encoding': 'identity', ...settings.headers }
  const closing = new AbortController()

  return {
    target: target.name,
    async read(signal) {
      const linked = linkedSignal([closing.signal, signal])
      try {
        const outcome = linked.signal.aborted
          ? null
          : await attempt(parts, { method: 'get', headers }, linked.signal)
        if (closing.signal.aborted)
          throw new OutboundError('ERR_OUTBOUND_CLOSED', `the way to ${target.name} was closed.`)
        if (signal?.aborted || outcome === null)
          throw new OutboundError('ERR_OUTBOUND_ABORTED', `reading from ${target.name} was aborted.`)
        if (outcome.type === 'delivered') return outcome.body
        if (outcome.type === 'forbidden') throw outcome.error
        const { status, problem } = outcome
        throw new OutboundError('ERR_OUTBOUND_FAILED', `${target.name} gave no document: ${problem}.`, {
          status,
          attempts: 1,
        })
      } finally {
        linked.unlink()
      }
    },
    close() {
      closing.abort()
      parts.agents.destroy()
    },
  }
}
