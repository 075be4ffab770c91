import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { ownerOf } from './owner'

/** The stream that answers one POST, which its client can come back to where it was cut off. */
export interface ResumableStream {
  /** A place of its own in the stream, for an event that the gateway says: `id: …` and a newline. */
  place(): string
  /** Says an event, or a comment. */
  say(text: string | Buffer): void
  /** Says the last one. */
  end(text?: string | Buffer): void
  /** The client is cut off. `true`: it knows a place to come back to, and has time to; then `late` is called if it does not. */
  cutOff(late: () => void): boolean
}

/** The streams of a gateway that can be resumed. */
export interface ResumableStreams {
  open(response: ServerResponse, headers: IncomingHttpHeaders): ResumableStream
  /** Goes on with the stream that a GET names by `Last-Event-ID`. `false`: it is none of these, or somebody else's. */
  resume(response: ServerResponse, headers: IncomingHttpHeaders): boolean
  close(): void
}

interface Kept {
  readonly id: string | null
  readonly raw: Buffer
}

/** How it stands with one stream. */
interface Stream {
  readonly owner: string
  readonly kept: Kept[]
  size: number
  /** Where it goes now; `null` while the client is cut off. */
  to: ServerResponse | null
  over: boolean
  late: (() => void) | null
  timer: NodeJS.Timeout | undefined
}

/** What is kept of one stream: older events go first, and progress is what there is most of. */
const MAX_EVENTS = 1_000
const MAX_BYTES = 8 * 2 ** 20
/** What is kept over all streams. */
const MAX_KEPT = 128 * 2 ** 20
/** Places that are remembered, over all streams. */
const MAX_PLACES = 100_000

/**
 * Keeps what is said in streams with places (`id:` of an event), so that a client whose connection breaks hears the rest
 * (Streamable HTTP, "Resumability"). A stream is its session's, and the one's whose credentials opened it.
 *
 * @param withinMs - how long a client may take to come back
 */
export function resumableStreams(withinMs: number): ResumableStreams {
  const places = new Map<string, Stream>()
  /** Those of which something is kept, the oldest first. */
  const holding = new Set<Stream>()
  let total = 0

  function keep(stream: Stream, raw: Buffer): void {
    if (raw[0] === COLON) return
    const id = placeIn(raw)
    if (id === null && stream.kept.length === 0) return
    stream.kept.push({ id, raw })
    stream.size += raw.length
    total += raw.length
    holding.add(stream)
    if (id !== null) places.set(keyOf(stream.owner, id), stream)
    while (stream.kept.length > MAX_EVENTS || (stream.size > MAX_BYTES && stream.kept.length > 1))
      drop(stream)
    makeRoom(stream)
    for (const [place, { over, to }] of places) {
      if (places.size <= MAX_PLACES) break
      if (over || to !== null) places.delete(place)
    }
  }

  function drop(stream: Stream): void {
    const first = stream.kept.shift()
    const size = first?.raw.length ?? 0
    stream.size -= size
    total -= size
    if (stream.kept.length === 0) holding.delete(stream)
    if (first?.id != null) places.delete(keyOf(stream.owner, first.id))
  }

  function empty(stream: Stream): void {
    while (stream.kept.length > 0) drop(stream)
  }

  /** Streams that ended go first: most clients have heard all of those. No call is given up for it. */
  function makeRoom(own: Stream): void {
    for (const isLast of [false, true])
      for (const stream of holding) {
        if (total <= MAX_KEPT) return
        if (stream !== own && (stream.over || isLast)) empty(stream)
      }
  }

  function forget(stream: Stream): void {
    empty(stream)
    stream.late?.()
    stream.late = null
  }

  function waitFor(stream: Stream): void {
    clearTimeout(stream.timer)
    stream.timer = setTimeout(forget, withinMs, stream)
    stream.timer.unref()
  }

  function write(stream: Stream, raw: Buffer): void {
    if (stream.to?.writable) stream.to.write(raw)
  }

  return {
    open(response, headers) {
      const owner = ownerOf(headers)
      const [name, stream]: [string, Stream] = [
        randomUUID(),
        { owner, kept: [], size: 0, to: response, over: false, late: null, timer: undefined },
      ]
      let said = 0
      return {
        place() {
          said += 1
          return `id: ${PREFIX}${name}/${said}\n`
        },
        say(text) {
          const raw = Buffer.from(text as string)
          keep(stream, raw)
          write(stream, raw)
        },
        end(text) {
          if (text !== undefined) this.say(text)
          stream.over = true
          stream.late = null
          stream.to?.end()
          // The end may be what gets lost.
          if (stream.kept.length > 0) waitFor(stream)
        },
        cutOff(late) {
          if (!stream.kept.some(({ id }) => id !== null)) return false
          stream.late ??= late
          // Who came back already has another connection.
          if (stream.to === response) {
            stream.to = null
            waitFor(stream)
          }
          return true
        },
      }
    },
    resume(response, headers) {
      const after = headers['last-event-id']
      const stream = typeof after === 'string' ? places.get(keyOf(ownerOf(headers), after)) : undefined
      if (stream === undefined) return false
      clearTimeout(stream.timer)
      // Whoever comes back takes the stream over: the old connection may not know yet that it is dead.
      if (stream.to !== response) stream.to?.destroy()
      stream.to = response
      response.on('close', () => {
        if (stream.to !== response) return
        stream.to = null
        waitFor(stream)
      })
      response.writeHead(200, {
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
        'content-type': 'text/event-stream',
      })
      response.flushHeaders()
      const from = stream.kept.map(({ id }) => id).lastIndexOf(after as string)
      for (const { raw } of stream.kept.slice(from + 1)) response.write(raw)
      if (stream.over) {
        response.end()
        waitFor(stream)
      }
      return true
    },
    close() {
      for (const stream of new Set(places.values())) {
        clearTimeout(stream.timer)
        forget(stream)
      }
    },
  }
}

const COLON = 58
const PREFIX = 'gatewright/'

function keyOf(owner: string, id: string): string {
  return `${owner} ${id}`
}

/** The place that an event names (HTML Living Standard, 9.2.6). */
function placeIn(raw: Buffer): string | null {
  const [, id = ''] = /^id: ?(.*?)\r?$/m.exec(raw.toString()) ?? []
  return id === '' || id.includes('\0') ? null : id
}
