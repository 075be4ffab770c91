import { type ApprovalRequest, isFinished } from '@gatewright/core'
import { createAudience } from '../http/audience'
import type { Ctx, Site } from '../http/environment'
import { createEventStreams } from '../http/event-streams'
import type { Slots } from '../http/slots'
import { shown } from './api'
import { type Caller, countedCaller } from './caller'
import { seen, sightOf } from './sight'

/** Requests as they move, to those who may know of them. */
export interface RequestEvents {
  /** Of one request, beginning with how it stands, until nothing more follows. @throws HttpProblem 404 */
  one(c: Ctx, caller: Caller, id: string): Promise<Response>
  /** Of all that the caller may see, from now on. @throws HttpProblem 429, 503 */
  all(c: Ctx, caller: Caller): Response
}

const LONGEST_MS = 15 * 60_000
/** A client that leaves more than this unread is cut off, and finds out when it connects again. */
const MOST_UNREAD = 256

const encoder = new TextEncoder()
const READY = encoder.encode('retry: 2000\n\n')

/** Makes the events of one server. */
export function createRequestEvents(site: Site, slots: Slots): RequestEvents {
  const { access, gate, settings } = site
  const streams = createEventStreams({
    now: settings.now,
    slots,
    longestMs: LONGEST_MS,
    mostUnread: MOST_UNREAD,
  })
  const audience = createAudience(access.following, 0)
  /** Thousands hear of the same. */
  const encoded = new WeakMap<ApprovalRequest, Uint8Array>()

  function chunkOf(request: ApprovalRequest): Uint8Array {
    const chunk = encoded.get(request) ?? encode(site, request)
    encoded.set(request, chunk)
    return chunk
  }

  return {
    async one(c, caller, id) {
      const sight = sightOf(site, caller)
      await seen(sight, await gate.requests.get(id))
      return streams.open(c, countedCaller(caller), {
        start(stream) {
          stream.send(READY)
          let order = Promise.resolve()
          return access.following.each(id, (request) => {
            order = order.then(async () => {
              if (request === null) return stream.end()
              try {
                await seen(sight, request)
              } catch {
                return stream.end()
              }
              stream.send(chunkOf(request))
              if (isFinished(request)) stream.end()
            })
          })
        },
      })
    },
    all(c, caller) {
      const sight = sightOf(site, caller)
      return streams.open(c, countedCaller(caller), {
        start(stream) {
          stream.send(READY)
          return audience.join({
            sight,
            tell(requests) {
              for (const request of requests) stream.send(chunkOf(request))
            },
            // Who cannot be identified connects again.
            missed: stream.end,
          })
        },
      })
    },
  }
}

function encode(site: Site, request: ApprovalRequest): Uint8Array {
  const data = JSON.stringify(shown(site, request))
  return encoder.encode(`event: request\nid: ${request.id}/${request.version}\ndata: ${data}\n\n`)
}
