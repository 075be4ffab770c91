import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { collect } from './collect'
import { gateConnection } from './connection'
import type { GatedCalls } from './gated-calls'
import type { HttpSessions } from './http-sessions'
import {
  clientName,
  failure,
  INTERNAL_ERROR,
  INVALID_REQUEST,
  isRecord,
  type Message,
  PARSE_ERROR,
  responseTo,
} from './messages'
import { isStream, responderOf } from './responder'
import { eventOf, eventsOf } from './sse'
import { type Asked, passedOn, type Upstream } from './upstream'

/** One request of a client, and the gateway around it. */
export interface ExchangeParts {
  readonly gate: GatedCalls
  readonly headers: IncomingHttpHeaders
  readonly response: ServerResponse
  readonly sessions: HttpSessions
  /** Where the server is. */
  readonly to: URL
  readonly upstream: Upstream
}

/** What one body may have. */
const MAX_BODY = 64 * 2 ** 20

/** Answers one request of a client. */
export function httpExchange({ gate, headers, response, sessions, to, upstream }: ExchangeParts) {
  const sessionId = textOf(headers['mcp-session-id'])
  const session = sessions.of(sessionId)
  const responder = responderOf(response)
  /** What is asked of the server for this client: it ends when nobody waits for it. */
  let asked: Asked | undefined
  response.on('close', () => {
    if (response.writableFinished) return
    asked?.end()
    connection.closed(new Error('the client closed the connection'))
  })

  const connection = gateConnection(
    gate,
    {
      toServer: (message) => void tell(message),
      toClient(message, about, raw) {
        if (message.method !== undefined) responder.meanwhile(eventOf(message))
        else if (about === undefined) responder.plain(400, message)
        else responder.answer(message, raw)
      },
      waiting: () => responder.meanwhile(': waiting\n\n'),
      unanswered: () => responder.end(),
      session: () => sessionId,
      client: () => session.client,
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
    // Headers that repeat arguments say what was asked for, and not what a reviewer made of it.
    const changed = JSON.stringify(message.params) !== JSON.stringify(original.params)
    const kept = passedOn(headers, 'accept-encoding', ...(changed ? paramsIn(headers) : []))
    let answered = false
    try {
      asked = post(message, kept)
      const answer = await asked.answer
      responder.from(answer)
      const { statusCode = 500 } = answer
      for await (const { message: found, raw } of messagesIn(answer)) {
        const isAnswer = found.id === message.id && found.method === undefined
        const failed =
          statusCode < 400 ? null : failure(INTERNAL_ERROR, `the server answered with status ${statusCode}`)
        if (isAnswer || failed !== null)
          answered = connection.fromServer(isAnswer ? found : { id: message.id, ...failed }, raw)
        else if (!answered) responder.meanwhile(raw)
      }
    } catch {
      // An answer that came stands; else it is missing.
    }
    if (!answered) connection.fromServer({ id: message.id, ...NO_ANSWER })
  }

  async function forward(message: Message): Promise<void> {
    asked = post(message, headers)
    const answer = await asked.answer
    const began = textOf(answer.headers['mcp-session-id'])
    if (message.method === 'initialize' && began !== undefined && isRecord(message.params))
      sessions.began(began, clientName(message.params.clientInfo))
    watch(answer)
    await responder.pipe(answer)
  }

  /** Hears of changed lists. What is overheard costs a look at the list more, and no more. */
  function watch(answer: IncomingMessage): void {
    if (!isStream(answer)) return
    answer.on('data', (chunk: Buffer) => {
      if (chunk.includes('tools/list_changed')) gate.toolsChanged()
    })
  }

  return {
    /** A request without messages: a stream is opened, or a session ended. */
    async pass(method: string): Promise<void> {
      if (method === 'DELETE' && sessionId !== undefined) sessions.ended(sessionId)
      asked = upstream.ask({ method, url: to, headers })
      const answer = await asked.answer
      watch(answer)
      await responder.pipe(answer)
    },
    async post(request: IncomingMessage): Promise<void> {
      const read = await readBody(request)
      if ('error' in read) return responder.plain(400, responseTo(null, read))
      const { message } = read
      const wrong = Array.isArray(message) ? wrongBatch(message) : wrongHeaders(headers, message)
      if (wrong !== null) return responder.plain(400, responseTo(null, wrong))
      if (Array.isArray(message)) return forward(message as Message)
      let passed: Promise<void> | undefined
      connection.fromClient(message, (approved) => {
        passed = approved.method === 'tools/call' ? run(approved, message as Message) : forward(approved)
        // Awaited below where it came at once.
        passed.catch(() => {})
      })
      await passed
      if (isRecord(message) && message.id === undefined && !responder.begun) responder.plain(202)
    },
  }
}

/** What is no message for the gate: a comment, or a page. */
const NO_MESSAGE: Message = { method: '' }
const NO_ANSWER = failure(INTERNAL_ERROR, 'the server gave no answer')

async function readBody(
  request: IncomingMessage,
): Promise<{ readonly message: unknown } | ReturnType<typeof failure>> {
  try {
    return { message: JSON.parse((await collect(request, MAX_BODY)).toString()) as unknown }
  } catch {
    return failure(PARSE_ERROR, 'that is no JSON. Nothing was executed.')
  }
}

/** What is wrong with a batch: calls, and giving them up, are judged one by one. */
function wrongBatch(messages: readonly unknown[]): ReturnType<typeof failure> | null {
  const plain = messages.every(
    (one) => isRecord(one) && one.method !== 'tools/call' && one.method !== 'notifications/cancelled',
  )
  return plain
    ? null
    : failure(INVALID_REQUEST, 'send calls one by one, and not as a batch. Nothing was executed.')
}

/** What is wrong where headers say something else than the body: some servers believe one, some the other. */
function wrongHeaders(headers: IncomingHttpHeaders, message: unknown): ReturnType<typeof failure> | null {
  if (!isRecord(message)) return null
  const [method, name] = [textOf(headers['mcp-method']), textOf(headers['mcp-name'])]
  const said = isRecord(message.params) ? (message.params.name ?? message.params.uri) : undefined
  const differs =
    (method !== undefined && method !== message.method) ||
    (message.method === 'tools/call' && name !== undefined && decoded(name) !== said)
  return differs
    ? failure(HEADER_MISMATCH, 'the headers say something else than the body. Nothing was executed.')
    : null
}

const HEADER_MISMATCH = -32_020

/** Names that are no plain ASCII come as `=?base64?…?=`. */
function decoded(name: string): string {
  const [, encoded] = /^=\?base64\?(.*)\?=$/.exec(name) ?? []
  return encoded === undefined ? name : Buffer.from(encoded, 'base64').toString()
}

function paramsIn(headers: IncomingHttpHeaders): readonly string[] {
  return Object.keys(headers).filter((name) => name.startsWith('mcp-param-'))
}

/** The messages in an answer, with the bytes that each came as. */
async function* messagesIn(
  answer: IncomingMessage,
): AsyncGenerator<{ readonly message: Message; readonly raw: Buffer }> {
  if (isStream(answer)) {
    for await (const { data, raw } of eventsOf(answer)) {
      const message = data === null ? null : parsed(data)
      yield { message: isRecord(message) ? message : NO_MESSAGE, raw }
    }
    return
  }
  const raw = await collect(answer, MAX_BODY)
  const message = parsed(raw.toString())
  yield { message: isRecord(message) ? message : NO_MESSAGE, raw }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
