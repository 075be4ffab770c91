import type { Ctx } from './environment'
import type { Slots } from './slots'

/** One connection of server-sent events (WHATWG). */
export interface EventStream {
  /** Whether what is sent now is read before long, as far as can be told. */
  hasRoom(): boolean
  /** Sends bytes: nothing once it has ended. A client that leaves too much unread is cut off, and finds out when it reads. */
  send(chunk: Uint8Array): void
  /** Ends it; once. */
  end(): void
}

/** How the streams of one kind are. */
export interface EventStreamsOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly slots: Slots
  /** A stream is no longer sign-in than this: whoever connects again proves again who they are. */
  readonly longestMs: number
  /** Chunks that a client may leave unread. */
  readonly mostUnread: number
}

/** What one stream is for. */
export interface Streaming {
  /** Begins to send; the function stops it, and is called once, whoever ends the stream. */
  start(stream: EventStream): () => void
  /**
   * The client has read on. A stream that has this is not cut off: it sends while there is room, and goes on here.
   *
   * @default none: what does not fit cuts the client off
   */
  readonly drained?: (stream: EventStream) => void
}

/** Opens streams. One timer gives signs of life on all, while there are any. */
export interface EventStreams {
  /**
   * Answers with a stream, of which HEAD gets the headers alone: nobody would read it, or end it.
   *
   * @param who - whom it counts for
   * @throws HttpProblem what the slots refuse
   */
  open(c: Ctx, who: string, streaming: Streaming): Response
}

/** So that nothing between takes the connection for dead. */
const BEAT_MS = 15_000
const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // Proxies that gather answers would hold events back.
  'X-Accel-Buffering': 'no',
}

const encoder = new TextEncoder()
const BEAT = encoder.encode(':\n\n')

interface Open extends EventStream {
  readonly until: number
  readonly isPatient: boolean
  /** Kept as long as the stream is: of a request that nobody holds, the signal may never abort. */
  readonly request: Request
}

/** Makes the streams of one kind in one server. */
export function createEventStreams({ now, slots, longestMs, mostUnread }: EventStreamsOptions): EventStreams {
  const open = new Set<Open>()
  let beating: NodeJS.Timeout | null = null

  function beat(): void {
    const time = now()
    for (const stream of [...open]) {
      if (time >= stream.until) stream.end()
      else if (stream.hasRoom() || !stream.isPatient) stream.send(BEAT)
    }
  }

  function add(
    request: Request,
    isPatient: boolean,
    controller: ReadableStreamDefaultController<Uint8Array>,
    ended: () => void,
  ): Open {
    const end = (finish: () => void): void => {
      if (!open.delete(stream)) return
      ended()
      if (open.size === 0 && beating !== null) {
        clearInterval(beating)
        beating = null
      }
      try {
        finish()
      } catch {
        // Its reader ended it before.
      }
    }
    const hasRoom = (): boolean => (controller.desiredSize ?? 0) > 0
    const stream: Open = {
      request,
      isPatient,
      until: now() + longestMs,
      hasRoom,
      send(chunk) {
        if (!open.has(stream)) return
        if (hasRoom()) controller.enqueue(chunk)
        else end(() => controller.error(new Error('the client does not read')))
      },
      end: () => end(() => controller.close()),
    }
    open.add(stream)
    beating ??= setInterval(beat, BEAT_MS).unref()
    return stream
  }

  return {
    open(c, who, { start, drained }) {
      const { raw } = c.req
      if (raw.method !== 'GET') return c.body(null, 200, HEADERS)
      let stream: Open | null = null
      let stop = (): void => {}
      const leave = slots.take(who, () => stream?.end())
      const ended = (): void => {
        stop()
        leave()
      }
      const readable = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            stream = add(raw, drained !== undefined, controller, ended)
            stop = start(stream)
            raw.signal.addEventListener('abort', stream.end, { once: true })
            if (raw.signal.aborted) stream.end()
          },
          pull() {
            if (stream !== null) drained?.(stream)
          },
          cancel: () => stream?.end(),
        },
        { highWaterMark: mostUnread },
      )
      return c.body(readable, 200, HEADERS)
    },
  }
}
