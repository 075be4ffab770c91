import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Message } from './messages'
import { eventOf } from './sse'
import { passedOn } from './upstream'

/** Answers one POST of a client: with one message, or with a stream of them once more than one must be said. */
export interface Responder {
  /** Says something before the answer: a stream begins. */
  meanwhile(text: string | Buffer): void
  /** The answer. `raw`: as it came, in a body or an event of that upstream answer. */
  answer(message: Message, raw?: Buffer): void
  /** Where the answer of the server comes from: its status and headers are kept where nothing was said before. */
  from(answer: IncomingMessage): void
  /** Hands on a whole answer of the server. */
  pipe(answer: IncomingMessage): Promise<void>
  /** An answer without a message. */
  plain(status: number, message?: Message): void
  /** Ends without an answer: nobody waits for one. */
  end(): void
  /** Whether it was answered, or is being. */
  readonly begun: boolean
}

/** Whether an answer of the server is a stream. */
export function isStream(answer: IncomingMessage): boolean {
  return (answer.headers['content-type'] ?? '').startsWith('text/event-stream')
}

/** Answers by this response. */
export function responderOf(response: ServerResponse): Responder {
  let source: IncomingMessage | null = null

  function stream(): void {
    if (response.headersSent) return
    const kept = source !== null && isStream(source) ? passedOn(source.headers, 'content-length') : {}
    response.writeHead(200, {
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      ...kept,
      'content-type': 'text/event-stream',
    })
  }

  return {
    get begun() {
      return response.headersSent
    },
    from(answer) {
      source = answer
    },
    meanwhile(text) {
      stream()
      response.write(text)
    },
    answer(message, raw) {
      const fromStream = source !== null && isStream(source)
      if (response.headersSent || (raw !== undefined && fromStream)) {
        stream()
        response.end(raw !== undefined && fromStream ? raw : eventOf(message))
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
      response.end()
    },
    plain(status, message) {
      if (message === undefined) response.writeHead(status).end()
      else response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(message))
    },
  }
}
