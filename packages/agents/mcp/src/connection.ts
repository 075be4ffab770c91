import type { GatedCalls } from './gated-calls'
import {
  clientName,
  disguise,
  failure,
  INVALID_REQUEST,
  isRecord,
  isRequestId,
  type Message,
  type Outcome,
  outcomeOf,
  ownId,
  protocolMeta,
  type RequestId,
  readCall,
  responseTo,
} from './messages'
import { withoutState } from './suspended'

/** Both ends of one connection. */
export interface Ends {
  toServer(message: Message): void
  /**
   * @param about - the request that the message belongs to
   * @param raw - the message as it came from the server, where it is that
   */
  toClient(message: Message, about: RequestId | undefined, raw?: Buffer): void
  /** Tells a client that cannot be told of progress that its call waits. */
  waiting?(): void
  /** Nobody waits for the answer to this request any more. */
  unanswered?(about: RequestId): void
  /** The session, where the transport has one. */
  session?(): string | undefined
  /** The name of the client, where the connection did not begin with it. */
  client?(): string | undefined
  /** Whose credentials the connection has, where the transport knows. */
  owner?(): string
  /** The connection carries one request alone, so that its id tells no call from another. @default false */
  readonly once?: boolean
}

/** One connection between a client and a server, with the gate in between. */
export interface Connection {
  /** Takes a message of the client: tool calls are held, everything else goes on. */
  fromClient(message: unknown, forward?: (message: Message) => void): void
  /**
   * Takes a message of the server. `true`: it answers a request that the gate sent, and goes nowhere else from here.
   *
   * @param raw - the bytes it came as: a call's answer that nothing is added to goes on as them
   */
  fromServer(message: Message, raw?: Buffer): boolean
  /** Gives up what waits and what runs. */
  closed(reason: Error): void
}

/** A call on its way. */
export interface Call {
  readonly gaveUp: AbortController
  /** Whether the server has it. */
  sent: boolean
  /** Whether the client itself tells the server that it gave the call up. */
  told: boolean
}

/**
 * Puts the gate between the two ends of one connection.
 *
 * @param calls - those under way in the session, by their ids, where it has several connections
 */
export function gateConnection(
  gate: GatedCalls,
  { client: clientOfSession, once = false, owner, session, toClient, toServer, unanswered, waiting }: Ends,
  calls: Map<RequestId, Call> = new Map(),
): Connection {
  const answers = new Map<RequestId, { resolve(outcome: Outcome): void; reject(reason: Error): void }>()
  const own = new Map<RequestId, Call>()
  /** Other requests of the client that the server has not answered. */
  const others = new Set<RequestId>()
  const raws = new WeakMap<Outcome, { readonly id: unknown; readonly raw: Buffer }>()
  const connectionId = ownId()
  let client: string | undefined

  /** Sends a request to the server, and resolves with its answer. */
  function exchange(message: Message, send: (message: Message) => void): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      answers.set(message.id as RequestId, { resolve, reject })
      send(message)
    })
  }

  /** Whether an answer under this id would be another request's: what it says must stand for no call. */
  function isTaken(id: unknown): boolean {
    return isRequestId(id) && (own.has(id) || others.has(id))
  }

  function holdCall(message: Message, forward: (message: Message) => void): void {
    const inUse = calls.has(message.id as RequestId) || isTaken(message.id)
    const read = inUse ? ID_IN_USE : readCall(message)
    if ('error' in read) {
      const about = isRequestId(message.id) ? message.id : null
      toClient(responseTo(about, read), about ?? undefined)
      return
    }
    const { id, params } = read
    const call: Call = { gaveUp: new AbortController(), sent: false, told: false }
    own.set(id, call)
    calls.set(id, call)
    const progressToken = params._meta?.progressToken
    let beats = 0
    const turn = {
      id: once ? undefined : id,
      params,
      gaveUp: call.gaveUp,
      exchange(args: unknown) {
        call.sent = true
        return exchange({ ...message, params: { ...withoutState(params), arguments: args } }, forward)
      },
      stop(reason: string) {
        answers.delete(id)
        if (!call.told) toServer(notice('cancelled', { requestId: id, reason }))
      },
      beat() {
        if (!isRequestId(progressToken)) return waiting?.()
        beats += 1
        // Small, so that the server's own progress, which comes later, is more.
        const progress = beats / 1_000_000
        toClient(notice('progress', { progressToken, progress, message: 'Waiting for approval' }), id)
      },
    }
    void gate
      .call(turn, {
        runId: session?.() ?? connectionId,
        client: clientOfSession?.() ?? client,
        owner: owner?.(),
        async readTools(cursor) {
          const outcome = await exchange(
            {
              jsonrpc: '2.0',
              id: ownId(),
              method: 'tools/list',
              params: { ...protocolMeta(params), ...(cursor === undefined ? {} : { cursor }) },
            },
            toServer,
          )
          if ('error' in outcome) throw new Error(outcome.error.message)
          return outcome.result
        },
      })
      .then((outcome) => {
        calls.delete(id)
        own.delete(id)
        if (outcome === null) return unanswered?.(id)
        const came = raws.get(outcome)
        toClient(responseTo(id, outcome), id, came?.id === id ? came.raw : undefined)
      })
  }

  /** Whether the client gave up a call that the server knows nothing of. */
  function giveUp(params: unknown): boolean {
    const { requestId, reason } = isRecord(params) ? params : {}
    const call = isRequestId(requestId) ? calls.get(requestId) : undefined
    if (call === undefined) return false
    call.told = true
    call.gaveUp.abort(new Error(typeof reason === 'string' ? reason : 'the client gave the call up'))
    return !call.sent
  }

  return {
    fromClient(message, forward = toServer) {
      if (!isRecord(message) || (message.method !== undefined && typeof message.method !== 'string'))
        return toClient(responseTo(null, NO_MESSAGE), undefined)
      const disguised = disguise(message)
      if (disguised !== null) return toClient(responseTo(null, disguised), undefined)
      if (message.method === 'tools/call') return holdCall(message, forward)
      if (message.method === 'notifications/cancelled' && giveUp(message.params)) return
      if (message.method === 'initialize' && isRecord(message.params))
        client = clientName(message.params.clientInfo)
      const { id, method } = message
      if (method !== undefined && isRequestId(id)) {
        if (isTaken(id)) return toClient(responseTo(id, ID_IN_USE), id)
        others.add(id)
      }
      forward(message)
    },
    fromServer(message, raw) {
      if (message.method !== undefined) {
        if (message.method === 'notifications/tools/list_changed') gate.toolsChanged()
        return false
      }
      const asked = isRequestId(message.id) ? answers.get(message.id) : undefined
      if (asked === undefined) {
        others.delete(message.id as RequestId)
        return false
      }
      answers.delete(message.id as RequestId)
      const outcome = outcomeOf(message)
      if (raw !== undefined) raws.set(outcome, { id: message.id, raw })
      asked.resolve(outcome)
      return true
    },
    closed(reason) {
      for (const { gaveUp } of own.values()) gaveUp.abort(reason)
      for (const { reject } of answers.values()) reject(reason)
      answers.clear()
    },
  }
}

const NO_MESSAGE = failure(INVALID_REQUEST, 'that is no JSON-RPC message. Nothing was executed.')
const ID_IN_USE = failure(INVALID_REQUEST, 'a request with this id is still under way. Nothing was executed.')

function notice(name: string, params: object): Message {
  return { jsonrpc: '2.0', method: `notifications/${name}`, params }
}
