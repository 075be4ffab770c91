import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { gateConnection } from './connection'
import type { GatedCalls } from './gated-calls'
import type { HttpSessions } from './http-sessions'
import { clientName, failure, INTERNAL_ERROR, isRecord, type Message, NO_ANSWER } from './messages'
import { isStream, messagesIn } from './messages-in'
import { ownerOf } from './owner'
import type { Responder } from './responder'
import { type Asked, passedOn, type Upstream } from './upstream'

/** One message of a client, and the gateway around it. */
export interface ExchangeParts {
  readonly gate: GatedCalls
  readonly headers: IncomingHttpHeaders
  readonly responder: Responder
  readonly sessionId: string | undefined
  readonly sessions: HttpSessions
  /** Where the server is. */
  readonly to: URL
  readonly upstream: Upstream
}

/** How one message is taken to the server, and answered. */
export interface HttpExchange {
  /** A request without a message: a stream is opened, or a session ended. */
  pass(method: string): Promise<void>
  /** A message, in JSON. Rejects when the server cannot be reached. */
  post(message: unknown): Promise<void>
  /** Nobody waits for the answer. */
  closed(reason: Error): void
}

/** Takes one message of a client to the server. */
export function httpExchange({
  gate,
  headers,
  responder,
  sessionId,
  sessions,
  to,
  upstream,
}: ExchangeParts): HttpExchange {
  const session = sessions.of(sessionId)
  /** What is asked of the server for this client: it ends when nobody waits for it. */
  let asked: Asked | undefined
  const connection = gateConnection(
    gate,
    {
      toServer: (message) => void tell(message),
      toClient(message, about, raw) {
        if (message.method !== undefined) responder.say(message)
        else if (about === undefined) responder.plain(400, message)
        else responder.answer(message, raw)
      },
      waiting: () => responder.waiting(),
      unanswered: () => responder.end(),
      session: () => sessionId,
      client: () => session.client,
      owner: () => ownerOf(headers),
      // Without a session the next request is of another connection, and its ids are others.
      once: sessionId === undefined,
    },
    session.calls,
  )

  const post = (message: unknown, given: IncomingHttpHeaders): Asked =>
    upstream.ask({
      method: 'POST',
      url: to,
      headers: { ...given, 'content-type': 'application/json' },
      body: JSON.stringify(message),
    })

  /** Sends what the gate itself has to say, and takes the answer. */
  async function tell(message: Message): Promise<void> {
    const own = passedOn(headers, 'mcp-name', 'accept-encoding', ...paramsIn(headers))
    const said = headers['mcp-method'] === undefined ? {} : { 'mcp-method': String(message.method) }
    // Without a session a server hears by the end of its answer that nobody waits for it.
    if (message.id === undefined) asked?.end()
    if (message.id === undefined && sessionId === undefined) return
    try {
      const answer = await post(message, { ...own, ...said }).answer
      for await (const { message: found } of messagesIn(answer)) connection.fromServer(found)
    } catch {
      // Said below, where an answer was waited for.
    }
    connection.fromServer({ id: message.id, ...NO_ANSWER })
  }

  /** Sends a call that may run, and takes its answer. */
  async function run(message: Message, original: Message): Promise<void> {
    let answered = false
    try {
      asked = post(message, passedOn(headers, 'accept-encoding', ...outdated(message, original)))
      const answer = await asked.answer
      responder.from(answer)
      const { statusCode = 500 } = answer
      lookAt(statusCode)
      const failed =
        statusCode < 400 ? null : failure(INTERNAL_ERROR, `the server answered with status ${statusCode}`)
      for await (const { message: found, raw } of messagesIn(answer)) {
        const isAnswer = found.id === message.id && found.method === undefined
        if (isAnswer || failed !== null)
          answered = connection.fromServer(isAnswer ? found : { id: message.id, ...failed }, raw)
        else if (!answered) responder.meanwhile(raw)
      }
    } catch {
      // An answer that came stands; else it is missing.
    }
    if (!answered) connection.fromServer({ id: message.id, ...NO_ANSWER })
  }

  /** Headers that repeat arguments say what was asked for, and not what a reviewer made of it. */
  function outdated(message: Message, original: Message): readonly string[] {
    const repeated = paramsIn(headers)
    const changed = repeated.length > 0 && JSON.stringify(message.params) !== JSON.stringify(original.params)
    return changed ? repeated : []
  }

  async function forward(message: Message): Promise<void> {
    asked = post(message, headers)
    const answer = await asked.answer
    const began = textOf(answer.headers['mcp-session-id'])
    if (message.method === 'initialize' && began !== undefined && isRecord(message.params))
      sessions.began(began, clientName(message.params.clientInfo))
    lookAt(answer.statusCode)
    watch(answer)
    await responder.pipe(answer)
  }

  /** A session that the server knows no more is over. */
  function lookAt(status: number | undefined): void {
    if (status === 404 && sessionId !== undefined) sessions.expired(sessionId)
  }

  /** Hears of changed lists. What is overheard costs a look at the list more, and no more. */
  function watch(answer: IncomingMessage): void {
    if (!isStream(answer)) return
    answer.on('data', (chunk: Buffer) => {
      if (chunk.includes('tools/list_changed')) gate.toolsChanged()
    })
  }

  return {
    async pass(method) {
      asked = upstream.ask({ method, url: to, headers })
      const answer = await asked.answer
      // A server may refuse to end a session, which then goes on.
      const ended = method === 'DELETE' && (answer.statusCode ?? 500) < 300
      if (ended && sessionId !== undefined) sessions.ended(sessionId)
      else lookAt(answer.statusCode)
      watch(answer)
      await responder.pipe(answer)
    },
    async post(message) {
      let passed: Promise<void> | undefined
      connection.fromClient(message, (approved) => {
        passed = approved.method === 'tools/call' ? run(approved, message as Message) : forward(approved)
        // Awaited below where it came at once.
        passed.catch(() => {})
      })
      await passed
      // A notice that went no further.
      if (isRecord(message) && message.id === undefined && !responder.begun) responder.plain(202)
    },
    closed(reason) {
      asked?.end()
      connection.closed(reason)
    },
  }
}

function paramsIn(headers: IncomingHttpHeaders): readonly string[] {
  return Object.keys(headers).filter((name) => name.startsWith('mcp-param-'))
}

/** A header's text; `undefined` where it has none. */
export function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
