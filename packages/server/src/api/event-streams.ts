import { type ApprovalRequest, isFinished } from '@gatewright/core'
import type { Ctx, Site } from '../http/environment'
import { shown } from './api'
import type { Caller } from './caller'
import { type Sight, seen, sightOf } from './sight'
import type { Slots } from './slots'

/** Server-sent events (WHATWG): requests as they move, to those who may know of them. */
export interface EventStreams {
  /** Of one request, beginning with how it stands, until nothing more follows. @throws HttpProblem 404 */
  one(c: Ctx, caller: Caller, id: string): Promise<Response>
  /** Of all that the caller may see, from now on. @throws HttpProblem 429, 503 */
  all(c: Ctx, caller: Caller): Response
}

/** A sign of life, so that nothing between takes the connection for dead. */
const BEAT_MS = 15_000
/** A stream is no longer sign-in than this: whoever connects again proves again who they are. */
const LONGEST_MS = 15 * 60_000
/** A client that leaves more than this unread is cut off, and finds out when it connects again. */
const MOST_UNREAD = 256

const encoder = new TextEncoder()
const BEAT = encoder.encode(':\n\n')
const READY = encoder.encode('retry: 2000\n\n')

interface Stream {
  readonly sight: Sight
  readonly until: number
  send(chunk: Uint8Array): void
  close(): void
}

/** Makes the streams of one server. One follower and one timer serve all, while there are any. */
export function createEventStreams(site: Site, slots: Slots): EventStreams {
  const { access, gate, settings } = site
  const streams = new Set<Stream>()
  const everywhere = new Set<Stream>()
  let beating: NodeJS.Timeout | null = null
  let unfollow: (() => void) | null = null
  let telling: Promise<void> = Promise.resolve()

  function beat(): void {
    const now = settings.now()
    for (const stream of [...streams]) {
      if (now >= stream.until) stream.close()
      else stream.send(BEAT)
    }
  }

  function open(c: Ctx, caller: Caller, sight: Sight, start: (stream: Stream) => () => void): Response {
    const headers = {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    }
    // Nobody would read the stream of a HEAD, or end it.
    if (c.req.raw.method !== 'GET') return c.body(null, 200, headers)
    let stop = (): void => {}
    let stream: Stream | null = null
    const leave = slots.take(caller, () => stream?.close())
    const readable = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          stream = add(sight, controller, () => {
            stop()
            leave()
          })
          stop = start(stream)
          c.req.raw.signal.addEventListener('abort', stream.close, { once: true })
        },
        cancel: () => stream?.close(),
      },
      { highWaterMark: MOST_UNREAD },
    )
    return c.body(readable, 200, headers)
  }

  function add(
    sight: Sight,
    controller: ReadableStreamDefaultController<Uint8Array>,
    ended: () => void,
  ): Stream {
    const end = (finish: () => void): void => {
      if (!streams.delete(stream)) return
      everywhere.delete(stream)
      ended()
      rest()
      try {
        finish()
      } catch {
        // Its reader ended it before.
      }
    }
    const stream: Stream = {
      sight,
      until: settings.now() + LONGEST_MS,
      send(chunk) {
        if (!streams.has(stream)) return
        if ((controller.desiredSize ?? 0) > 0) controller.enqueue(chunk)
        else end(() => controller.error(new Error('the client does not read')))
      },
      close: () => end(() => controller.close()),
    }
    streams.add(stream)
    beating ??= setInterval(beat, BEAT_MS).unref()
    stream.send(READY)
    return stream
  }

  function rest(): void {
    if (everywhere.size === 0) {
      unfollow?.()
      unfollow = null
    }
    if (streams.size > 0 || beating === null) return
    clearInterval(beating)
    beating = null
  }

  /** Those who see the same are asked about once. */
  async function tellAll(request: ApprovalRequest): Promise<void> {
    const chunk = encode(site, request)
    const asked = new Map<string, Promise<readonly boolean[]>>()
    for (const stream of [...everywhere]) {
      const { name, sees } = stream.sight
      const answer = asked.get(name) ?? sees([request])
      asked.set(name, answer)
      try {
        if ((await answer)[0] === true) stream.send(chunk)
      } catch {
        // Fails closed: who cannot be identified sees nothing, and connects again.
        stream.close()
      }
    }
  }

  return {
    async one(c, caller, id) {
      const sight = sightOf(site, caller)
      await seen(sight, await gate.requests.get(id))
      return open(c, caller, sight, (stream) => {
        let order = Promise.resolve()
        return access.following.each(id, (request) => {
          order = order.then(async () => {
            if (request === null) return stream.close()
            try {
              await seen(sight, request)
            } catch {
              return stream.close()
            }
            stream.send(encode(site, request))
            if (isFinished(request)) stream.close()
          })
        })
      })
    },
    all(c, caller) {
      return open(c, caller, sightOf(site, caller), (stream) => {
        everywhere.add(stream)
        unfollow ??= access.following.all((request) => {
          telling = telling.then(() => tellAll(request))
        })
        return () => {}
      })
    },
  }
}

function encode(site: Site, request: ApprovalRequest): Uint8Array {
  const data = JSON.stringify(shown(site, request))
  return encoder.encode(`event: request\nid: ${request.id}/${request.version}\ndata: ${data}\n\n`)
}
