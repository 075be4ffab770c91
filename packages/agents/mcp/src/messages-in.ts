import type { IncomingMessage } from 'node:http'
import { collect } from './collect'
import { isRecord, type Message } from './messages'
import { eventsOf } from './sse'

/** What an answer of a server may have. */
const MAX_ANSWER = 64 * 2 ** 20

/** Whether an answer of the server is a stream. */
export function isStream(answer: IncomingMessage): boolean {
  return (answer.headers['content-type'] ?? '').startsWith('text/event-stream')
}

/** What is no message for the gate: a comment, or a page. */
const NO_MESSAGE: Message = { method: '' }

/** The messages in an answer of the server, with the bytes that each came as. */
export async function* messagesIn(
  answer: IncomingMessage,
): AsyncGenerator<{ readonly message: Message; readonly raw: Buffer }> {
  if (isStream(answer)) {
    for await (const { data, raw } of eventsOf(answer)) {
      const message = data === null ? null : parsed(data)
      yield { message: isRecord(message) ? message : NO_MESSAGE, raw }
    }
    return
  }
  const raw = await collect(answer, MAX_ANSWER).catch((error) => {
    answer.destroy()
    throw error
  })
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
