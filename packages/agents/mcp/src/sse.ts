import type { Readable } from 'node:stream'

/** One event of a stream, as it came, and the data in it. */
export interface ServerEvent {
  readonly raw: Buffer
  /** `null` where it has none: a comment, or an id alone. */
  readonly data: string | null
}

/** What an event may have at most. */
const MAX_EVENT = 64 * 2 ** 20

/**
 * The events of a `text/event-stream` (HTML Living Standard, 9.2), with their bytes. An event that is cut off is none.
 *
 * @throws Error for an event that is too long
 */
export async function* eventsOf(stream: Readable): AsyncGenerator<ServerEvent> {
  // What came of an event, and the last bytes of that: a large one is not read again for each piece of it.
  let parts: Buffer[] = []
  let tail = NOTHING
  let size = 0
  for await (const chunk of stream) {
    let rest = chunk as Buffer
    if (size > 0) {
      const seam = Buffer.concat([tail, rest])
      const end = endOf(seam)
      if (end === -1) {
        parts.push(rest)
        size += rest.length
        tail = seam.subarray(-SEAM)
        if (size > MAX_EVENT) throw new Error(`an event of more than ${MAX_EVENT} bytes`)
        continue
      }
      const raw = Buffer.concat([...parts, rest.subarray(0, end - tail.length)])
      rest = rest.subarray(end - tail.length)
      yield { raw, data: dataOf(raw) }
    }
    for (let end = endOf(rest); end !== -1; end = endOf(rest)) {
      const raw = rest.subarray(0, end)
      rest = rest.subarray(end)
      yield { raw, data: dataOf(raw) }
    }
    parts = [rest]
    tail = rest.subarray(-SEAM)
    size = rest.length
    if (size > MAX_EVENT) throw new Error(`an event of more than ${MAX_EVENT} bytes`)
  }
}

const NOTHING: Buffer = Buffer.alloc(0)
/** An end of an event that is cut in two begins within as many bytes. */
const SEAM = 3

/** Where the first event ends: behind its empty line. */
function endOf(buffer: Buffer): number {
  const ends = ['\n\n', '\r\n\r\n']
    .map((mark) => ({ mark, at: buffer.indexOf(mark) }))
    .filter(({ at }) => at !== -1)
    .map(({ at, mark }) => at + mark.length)
  return ends.length === 0 ? -1 : Math.min(...ends)
}

function dataOf(raw: Buffer): string | null {
  const lines = raw
    .toString()
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
  return lines.length === 0 ? null : lines.map((line) => line.slice(5).replace(/^ /, '')).join('\n')
}

/** An event that says a message. */
export function eventOf(message: unknown): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`
}
