import type { Principal } from '@gatewright/core'
import { sightOf } from '../api/sight'
import { createAudience } from '../http/audience'
import type { Ctx, Site } from '../http/environment'
import { createEventStreams, type EventStream } from '../http/event-streams'
import { createSlots } from '../http/slots'
import { countedPerson } from '../http/who'

/** Tells open pages which requests moved. A hint: a page that gets none reads again from time to time. */
export interface LiveHints {
  /**
   * A stream of server-sent events: `moved` with the ids of requests that this person may see, `all` where they became too
   * many to name.
   *
   * @throws HttpProblem 503 where too many are open already
   */
  open(c: Ctx, principal: Principal): Response
}

const MOST_PAGES = 10_000
const MOST_OF_ONE_PERSON = 50
const MOST_IDS = 200
/** Chunks that a page may leave unread; what comes meanwhile is gathered. */
const MOST_UNREAD = 4
/** Steps that follow each other closely are told as one. */
const GATHER_MS = 250
/** Its browser opens another one: by then the session is looked at again. */
const LONGEST_MS = 600_000

const encoder = new TextEncoder()
const ALL = encoder.encode('event: all\ndata: {}\n\n')

/** Makes the hints of one server. */
export function createLiveHints(site: Site): LiveHints {
  const { access, closing, settings } = site
  const slots = createSlots(closing, { most: MOST_PAGES, mostEach: MOST_OF_ONE_PERSON, status: 503 })
  const streams = createEventStreams({
    now: settings.now,
    slots,
    longestMs: LONGEST_MS,
    mostUnread: MOST_UNREAD,
  })
  const audience = createAudience(access.following, GATHER_MS)

  return {
    open(c, principal) {
      const sight = sightOf(site, { type: 'person', principal })
      /** Ids that were not sent yet; `null`: too many. */
      let waiting: Set<string> | null = new Set()
      const send = (stream: EventStream): void => {
        const told = waiting
        if (told?.size === 0 || !stream.hasRoom()) return
        // First: sending may ask at once for what follows.
        waiting = new Set()
        stream.send(
          told === null ? ALL : encoder.encode(`event: moved\ndata: ${JSON.stringify([...told])}\n\n`),
        )
      }
      return streams.open(c, countedPerson(principal), {
        start(stream) {
          stream.send(hello())
          return audience.join({
            sight,
            tell(requests) {
              if (waiting !== null) for (const { id } of requests) waiting.add(id)
              if (waiting !== null && waiting.size > MOST_IDS) waiting = null
              send(stream)
            },
            // The page reads again by itself.
            missed() {},
          })
        },
        drained: send,
      })
    },
  }
}

/** When to come again, should the stream be cut: not all pages in one instant after a restart. */
function hello(): Uint8Array {
  return encoder.encode(`retry: ${2_000 + Math.floor(Math.random() * 3_000)}\nevent: hello\ndata: {}\n\n`)
}
