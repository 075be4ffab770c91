import { randomUUID } from 'node:crypto'
import type { Principal } from '@gatewright/core'
import { failure, INVALID_PARAMS, INVALID_REQUEST, isRecord, type Message, PARSE_ERROR } from '../messages'
import { eventOf } from '../sse'

/** A session of a reviewer's client. */
export interface Seat {
  readonly person: Principal
  /** Whether the client shows forms, and whether it opens addresses. */
  readonly shows: { readonly form: boolean; readonly url: boolean }
  /** Whether the client listens now. */
  readonly listens: boolean
  say(message: Message): void
}

/** Told of what reviewers' clients do. */
export interface SeatEvents {
  /** A client listens, from now on or again. */
  listens(seat: Seat): void
  /** A client answers a request. `false`: there is no such request. */
  answers(seat: Seat, id: string, message: Message): boolean
  left(seat: Seat): void
}

/** An MCP server without tools, for clients of reviewers. */
export interface Seats {
  /** Those who listen. */
  all(): readonly Seat[]
  handle(request: Request, person: Principal): Promise<Response>
  close(): void
}

interface Session extends Seat {
  readonly id: string
  to: ReadableStreamDefaultController<Uint8Array> | null
}

const MAX_BODY = 64 * 2 ** 10
const MAX_SESSIONS = 20
/** The protocols in which a server can ask a client; later ones have no such request. */
const VERSIONS = ['2025-06-18', '2025-11-25']
const METHOD_NOT_FOUND = -32_601

/** The sessions of reviewers, over Streamable HTTP. */
export function reviewerSeats(events: SeatEvents): Seats {
  const sessions = new Map<string, Session>()

  function end(session: Session): void {
    sessions.delete(session.id)
    hangUp(session)
    events.left(session)
  }

  function begin(message: Message, person: Principal): Response {
    const { capabilities, protocolVersion } = isRecord(message.params) ? message.params : {}
    const shows = shownBy(isRecord(capabilities) ? capabilities.elicitation : undefined)
    if (shows === null)
      return answer(400, {
        id: message.id,
        ...failure(
          INVALID_PARAMS,
          'reviewers are asked by elicitation here, and this client has no such capability. Decide in the inbox instead.',
        ),
      })
    const own = [...sessions.values()].filter((one) => isSame(one.person, person))
    if (own.length >= MAX_SESSIONS && own[0] !== undefined) end(own[0])
    const session: Session = {
      id: randomUUID(),
      person,
      shows,
      to: null,
      get listens() {
        return this.to !== null
      },
      say(said) {
        this.to?.enqueue(new TextEncoder().encode(eventOf(said)))
      },
    }
    sessions.set(session.id, session)
    const result = {
      protocolVersion: VERSIONS.includes(String(protocolVersion)) ? protocolVersion : VERSIONS.at(-1),
      capabilities: { logging: {} },
      serverInfo: { name: 'gatewright-review', version: '1' },
      instructions: 'Asks the person at this client to decide on calls of agents. It has no tools.',
    }
    return answer(200, { id: message.id, result }, { 'mcp-session-id': session.id })
  }

  function take(message: Message, session: Session): Response {
    const { id, method } = message
    if (method === undefined)
      return typeof id === 'string' && events.answers(session, id, message)
        ? new Response(null, { status: 202 })
        : answer(400, { id: null, ...failure(INVALID_REQUEST, 'that was answered before, or never asked') })
    if (id === undefined) return new Response(null, { status: 202 })
    if (method === 'ping' || method === 'logging/setLevel') return answer(200, { id, result: {} })
    return answer(200, { id, ...failure(METHOD_NOT_FOUND, 'reviewers decide here: there are no tools') })
  }

  function listen(session: Session): Response {
    hangUp(session)
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        session.to = controller
        // Its headers are worth nothing to a client that waits for the first byte.
        controller.enqueue(new TextEncoder().encode(': listening\n\n'))
      },
      cancel() {
        session.to = null
      },
    })
    events.listens(session)
    return new Response(body, {
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
      },
    })
  }

  async function post(request: Request, person: Principal): Promise<Response> {
    const read = await readMessage(request)
    if ('error' in read) return answer(400, { id: null, ...read })
    const { message } = read
    if (message.method === 'initialize') return begin(message, person)
    const session = sessionOf(request, person)
    return session === null ? answer(404, { id: null, ...NO_SESSION }) : take(message, session)
  }

  /** A session is its reviewer's alone. */
  function sessionOf({ headers }: Request, person: Principal): Session | null {
    const session = sessions.get(headers.get('mcp-session-id') ?? '')
    return session !== undefined && isSame(session.person, person) ? session : null
  }

  return {
    all: () => [...sessions.values()].filter(({ listens }) => listens),
    async handle(request, person) {
      if (request.method === 'POST') return post(request, person)
      if (request.method !== 'GET' && request.method !== 'DELETE') return new Response(null, { status: 405 })
      const session = sessionOf(request, person)
      if (session === null) return answer(404, { id: null, ...NO_SESSION })
      if (request.method === 'GET') return listen(session)
      end(session)
      return new Response(null, { status: 204 })
    },
    close() {
      for (const session of [...sessions.values()]) end(session)
    },
  }
}

const NO_SESSION = failure(INVALID_REQUEST, 'there is no such session: initialize one')

function hangUp(session: Session): void {
  try {
    session.to?.close()
  } catch {
    // The client hung up first.
  }
  session.to = null
}

/** What a client offers: an empty capability means forms (2025-11-25, "Capabilities"). */
function shownBy(elicitation: unknown): Seat['shows'] | null {
  if (!isRecord(elicitation)) return null
  const url = isRecord(elicitation.url)
  const form = isRecord(elicitation.form) || !url
  return { form, url }
}

function isSame(one: Principal, other: Principal): boolean {
  return one.issuer === other.issuer && one.subject === other.subject
}

function answer(status: number, message: Message, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ jsonrpc: '2.0', ...message }), {
    status,
    headers: { ...headers, 'content-type': 'application/json' },
  })
}

async function readMessage(
  request: Request,
): Promise<{ readonly message: Message } | ReturnType<typeof failure>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > MAX_BODY) return failure(INVALID_REQUEST, `the body is larger than ${MAX_BODY} bytes`)
    chunks.push(chunk)
  }
  try {
    const message: unknown = JSON.parse(Buffer.concat(chunks).toString())
    const isOne = isRecord(message) && (message.method === undefined || typeof message.method === 'string')
    return isOne
      ? { message }
      : failure(INVALID_REQUEST, 'that is no JSON-RPC message; batches are not taken')
  } catch {
    return failure(PARSE_ERROR, 'that is no JSON')
  }
}

/** A line that a client may show beside its dialogues. */
export function lineFor(data: string, level: 'info' | 'warning' = 'info'): Message {
  return responseless('notifications/message', { level, logger: 'gatewright', data })
}

/** A message without an answer. */
export function responseless(method: string, params: object): Message {
  return { jsonrpc: '2.0', method, params }
}
