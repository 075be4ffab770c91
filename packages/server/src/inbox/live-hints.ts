import type { ApprovalRequest, Principal } from '@gatewright/core'
import type { Site } from '../http/environment'
import { HttpProblem } from '../http/problems'
import { visibleOf } from './visible-requests'

/** Tells open pages which requests moved. A hint: a page that gets none reads again from time to time. */
export interface LiveHints {
  /**
   * A stream of server-sent events: `moved` with the ids of requests that this person may see, `all` where they became too
   * many to name.
   *
   * @throws HttpProblem 503 where too many are open already
   */
  open(actor: Principal, request: Request): ReadableStream<Uint8Array>
  /** How many streams are open. */
  readonly size: number
}

interface Client {
  readonly actor: Principal
  /** Kept as long as the stream is: of a request that nobody holds, the signal may never abort. */
  readonly request: Request
  readonly openedAt: number
  /** Ids that were not sent yet; `null`: too many. */
  waiting: Set<string> | null
  readonly stream: ReadableStreamDefaultController<Uint8Array>
}

const MOST_CLIENTS = 10_000
const MOST_OF_ONE_PERSON = 50
const MOST_IDS = 200
/** Steps that follow each other closely are told as one. */
const GATHER_MS = 250
const BEAT_MS = 25_000
/** A stream ends after this time, and its browser opens another one: by then the session is looked at again. */
const LONGEST_MS = 600_000
const AT_ONCE = 32
const BATCH = 500

const encoder = new TextEncoder()
const BEAT = encoder.encode(': still here\n\n')
const ALL = encoder.encode('event: all\ndata: {}\n\n')

/** Makes the hints of one server: one subscription to the gate however many pages are open, and none while there is none. */
export function createLiveHints(site: Site): LiveHints {
  const { access, closing, settings } = site
  const people = new Map<string, Set<Client>>()
  const moved = new Map<string, ApprovalRequest>()
  let size = 0
  let telling = false
  let stop: (() => void) | null = null

  closing.addEventListener('abort', () => {
    for (const client of clients()) end(client)
  })

  function* clients(): Generator<Client> {
    for (const of of people.values()) yield* of
  }

  function listen(): void {
    if (stop !== null) return
    const unfollow = access.following.all((request) => {
      moved.set(request.id, request)
      if (!telling) void tellSoon()
    })
    const beat = setInterval(() => {
      const now = settings.now()
      for (const client of clients()) {
        if (now - client.openedAt > LONGEST_MS) end(client)
        else if (hasRoom(client)) client.stream.enqueue(BEAT)
      }
    }, BEAT_MS)
    beat.unref()
    stop = () => {
      unfollow()
      clearInterval(beat)
      moved.clear()
    }
  }

  async function tellSoon(): Promise<void> {
    telling = true
    try {
      while (moved.size > 0 && size > 0) {
        await new Promise((resolve) => setTimeout(resolve, GATHER_MS).unref())
        const batch = [...moved.values()].slice(0, BATCH)
        for (const { id } of batch) moved.delete(id)
        await tellAll(batch)
      }
    } finally {
      telling = false
    }
  }

  /** So many people at once, that a directory is not asked for all of them in one instant. */
  async function tellAll(batch: readonly ApprovalRequest[]): Promise<void> {
    const left = [...people.values()]
    const work = async (): Promise<void> => {
      for (let pages = left.pop(); pages !== undefined; pages = left.pop()) await tellPerson(pages, batch)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }

  async function tellPerson(pages: ReadonlySet<Client>, batch: readonly ApprovalRequest[]): Promise<void> {
    const [first] = pages
    if (first === undefined) return
    try {
      const found = await visibleOf(site, batch, first.actor)
      const ids = found.map(({ request }) => request.id)
      if (ids.length > 0) for (const client of pages) tell(client, ids)
    } catch {
      // Fails closed: who cannot be identified is told nothing, and the page reads again by itself.
    }
  }

  function tell(client: Client, ids: readonly string[]): void {
    if (client.waiting !== null) for (const id of ids) client.waiting.add(id)
    if (client.waiting !== null && client.waiting.size > MOST_IDS) client.waiting = null
    if (hasRoom(client)) send(client)
  }

  function send(client: Client): void {
    const { waiting } = client
    if (waiting?.size === 0) return
    client.waiting = new Set()
    client.stream.enqueue(
      waiting === null ? ALL : encoder.encode(`event: moved\ndata: ${JSON.stringify([...waiting])}\n\n`),
    )
  }

  function hasRoom({ stream }: Client): boolean {
    return (stream.desiredSize ?? 0) > 0
  }

  function end(client: Client): void {
    forget(client)
    try {
      client.stream.close()
    } catch {
      // It was closed or cancelled from the other side.
    }
  }

  function forget(client: Client): void {
    const key = keyOf(client.actor)
    const pages = people.get(key)
    if (pages?.delete(client) !== true) return
    size -= 1
    if (pages.size === 0) people.delete(key)
    if (size > 0) return
    stop?.()
    stop = null
  }

  return {
    get size() {
      return size
    },
    open(actor, request) {
      const key = keyOf(actor)
      const pages = people.get(key) ?? new Set()
      if (closing.aborted || size >= MOST_CLIENTS || pages.size >= MOST_OF_ONE_PERSON)
        throw new HttpProblem(
          503,
          'too-many-streams',
          'Too many pages are open: this one reads from time to time instead.',
        )
      let client: Client | null = null
      return new ReadableStream<Uint8Array>(
        {
          start(stream) {
            client = { actor, request, openedAt: settings.now(), waiting: new Set(), stream }
            people.set(key, pages.add(client))
            size += 1
            listen()
            stream.enqueue(hello())
            const opened = client
            request.signal.addEventListener('abort', () => end(opened), { once: true })
            if (request.signal.aborted) end(opened)
          },
          pull() {
            if (client !== null) send(client)
          },
          cancel() {
            if (client !== null) forget(client)
          },
        },
        { highWaterMark: 4 },
      )
    },
  }
}

/** When to come again, should the stream be cut: not all pages in one instant after a restart. */
function hello(): Uint8Array {
  return encoder.encode(`retry: ${2_000 + Math.floor(Math.random() * 3_000)}\nevent: hello\ndata: {}\n\n`)
}

/** Pages of one person with the same groups see the same, and are asked about once. */
function keyOf({ issuer, subject, groups }: Principal): string {
  return JSON.stringify([issuer, subject, groups])
}
