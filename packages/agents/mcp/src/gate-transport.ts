import { gateConnection } from './connection'
import { type GatedCalls, gatedCallsOf } from './gated-calls'
import { type Message, ownId, type RequestId } from './messages'
import type { McpOptions } from './options'
import { ownerBy } from './owner'

/** A transport of an MCP SDK, as far as the gate needs it: those of versions 1 and 2 are. */
export interface McpTransport {
  start(): Promise<void>
  send(message: never, options?: never): Promise<void>
  close(): Promise<void>
  onmessage?: ((message: never, extra?: never) => void) | undefined
  onclose?: (() => void) | undefined
  readonly sessionId?: string | undefined
}

/** The same, for whoever calls it. */
interface Handlers {
  onmessage?: ((message: Message, extra?: unknown) => void) | undefined
  onclose?: (() => void) | undefined
}

/**
 * Gates the tool calls that come in by a server's transport, before its server sees them. Everything else passes as it is.
 *
 * Transports of one server share one options object, as with {@link gateServer}.
 *
 * @returns the transport to connect the server to, in place of the one given
 * @throws OptionError naming what is wrong with the options
 */
export function gateTransport<Transport extends McpTransport>(
  transport: Transport,
  options: McpOptions = {},
): Transport {
  return gatedTransport(transport, gatedCallsOf(options, 'gateTransport'))
}

/** The same, with a gate that other transports of the server share. */
export function gatedTransport<Transport extends McpTransport>(
  inner: Transport,
  gate: GatedCalls,
): Transport {
  const theirs = inner as unknown as Handlers & {
    start(): Promise<void>
    send(message: Message, options?: unknown): Promise<void>
  }
  const handlers: Handlers = {}
  const connectionId = ownId()
  let owner = connectionId
  const connection = gateConnection(gate, {
    toServer: (message) => handlers.onmessage?.(message),
    toClient: (message, about) => void send(message, about),
    session: () => inner.sessionId,
    // Servers share one gate: their clients are others, and so are their rounds.
    owner: () => owner,
  })

  async function send(message: Message, about: RequestId | undefined): Promise<void> {
    try {
      await theirs.send(message, about === undefined ? undefined : { relatedRequestId: about })
    } catch {
      // The client is gone; the transport tells its server of that itself.
    }
  }

  const own: Record<string, unknown> = {
    start() {
      theirs.onmessage = (message, extra) => {
        owner = ownerBy(extra, connectionId)
        connection.fromClient(message, (forwarded) => handlers.onmessage?.(forwarded, extra))
      }
      theirs.onclose = () => {
        connection.closed(new Error('the connection was closed'))
        handlers.onclose?.()
      }
      return theirs.start()
    },
    send: async (message: Message, options?: unknown) => {
      if (!connection.fromServer(message)) await theirs.send(message, options)
    },
  }

  return new Proxy(inner, {
    get(target, name) {
      if (name === 'onmessage' || name === 'onclose') return handlers[name]
      if (typeof name === 'string' && Object.hasOwn(own, name)) return own[name]
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' && name !== 'onerror' ? value.bind(target) : value
    },
    set(target, name, value) {
      if (name !== 'onmessage' && name !== 'onclose') return Reflect.set(target, name, value, target)
      handlers[name] = value
      return true
    },
  })
}
