import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { type Message, NO_ANSWER, type RequestId, responseTo } from './messages'
import { isStream, messagesIn } from './messages-in'
import type { ResumableStream } from './resumable'
import { eventOf } from './sse'
import { passedOn } from './upstream'

/** Answers one message of a client: with one message, or with a stream of them once more than one must be said. */
export interface Responder {
  /** Says something of the gate's own before the answer: a stream begins. */
  say(message: Message): void
  /** Says that the answer waits: a stream begins. */
  waiting(): void
  /** Hands on what the server says before its answer, as it came. */
  meanwhile(raw: Buffer): void
  /** The answer. `raw`: as it came, in a body or an event of that upstream answer. */
  answer(message: Message, raw?: Buffer): void
  /** Where the answer of the server comes from: its status and headers are kept where nothing was said before. */
  from(answer: IncomingMessage): void
  /** Hands on a whole answer of the server. */
  pipe(answer: IncomingMessage): Promise<void>
  /** An answer without a message, or an error. */
  plain(status: number, message?: Message): void
  /** Ends without an answer: nobody waits for one. */
  end(): void
  /** Whether it was answered, or is being. */
  readonly begun: boolean
}

/**
 * Answers by this response.
 *
 * @param stream - what it says as a stream, where its client can come back to that
 * @param primes - whether the client takes events without data, which say where to come back to (2025-11-25)
 */
export function responderOf(
  response: ServerResponse,
  stream: ResumableStream | null,
  primes: boolean,
): Responder {
  let source: IncomingMessage | null = null

  function begin(): void {
    if (response.headersSent) return
    const kept = source !== null && isStream(source) ? passedOn(source.headers, 'content-length') : {}
    response.writeHead(200, {
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      ...kept,
      'content-type': 'text/event-stream',
    })
  }

  function write(text: string | Buffer): void {
    begin()
    if (stream === null) response.write(text)
    else stream.say(text)
  }

  return {
    get begun() {
      return response.headersSent
    },
    from(answer) {
      source = answer
    },
    say: (message) => write((stream?.place() ?? '') + eventOf(message)),
    waiting() {
      const begins = !response.headersSent
      if (begins && stream !== null) write(`${stream.place()}${primes ? 'data: \n' : ''}\n`)
      write(': waiting\n\n')
    },
    meanwhile: write,
    answer(message, raw) {
      const fromStream = source !== null && isStream(source)
      if (response.headersSent || (raw !== undefined && fromStream)) {
        begin()
        const last = raw !== undefined && fromStream ? raw : (stream?.place() ?? '') + eventOf(message)
        if (stream === null) response.end(last)
        else stream.end(last)
      } else if (raw !== undefined && source !== null) {
        response.writeHead(source.statusCode ?? 502, passedOn(source.headers)).end(raw)
      } else {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message))
      }
    },
    async pipe(answer) {
      response.writeHead(answer.statusCode ?? 502, passedOn(answer.headers))
      response.flushHeaders()
      await pipeline(answer, response)
    },
    end() {
      if (!response.headersSent) response.writeHead(202)
      if (stream === null) response.end()
      else stream.end()
    },
    plain(status, message) {
      if (message === undefined) response.writeHead(status).end()
      else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(message))
    },
  }
}

/** The messages of one batch, each answered by itself: as a list, or as events once one must wait. */
export interface BatchResponder {
  /** One for each message; `id` where that is a request. */
  part(id: RequestId | undefined): Responder
  /** All are taken: ends when all are answered. */
  complete(): void
}

/** Answers a batch (protocol 2025-03-26) by the responder of its request. */
export function batchResponder(whole: Responder): BatchResponder {
  const answers: Message[] = []
  let open = 1

  function streaming(begin: () => void): void {
    begin()
    for (const message of answers.splice(0)) whole.say(message)
  }

  function done(): void {
    open -= 1
    if (open > 0) return
    if (whole.begun) whole.end()
    else if (answers.length === 0) whole.plain(202)
    else whole.answer(answers as Message)
  }

  return {
    complete: done,
    part(id) {
      open += 1
      let ended = false
      const end = () => {
        if (!ended) done()
        ended = true
      }
      const add = (message: Message) => {
        if (ended) return
        if (whole.begun) whole.say(message)
        else answers.push(message)
        end()
      }
      return {
        get begun() {
          return ended
        },
        from() {},
        say: (message) => streaming(() => whole.say(message)),
        waiting: () => streaming(() => whole.waiting()),
        meanwhile: (raw) => streaming(() => whole.meanwhile(raw)),
        answer: add,
        async pipe(answer) {
          for await (const { message, raw } of messagesIn(answer)) {
            if (message.id !== undefined && message.method === undefined)
              add(id === undefined ? message : { ...message, id })
            else if (isStream(answer)) streaming(() => whole.meanwhile(raw))
          }
          if (id === undefined) end()
          else add(responseTo(id, NO_ANSWER))
        },
        plain: (_status, message) => (message === undefined ? end() : add(message)),
        end,
      }
    },
  }
}
