import type { Clock } from './contracts/clock'
import type { ApprovalRequest } from './contracts/request'
import type { ApprovalStore, KeyTombstone, Transition, TransitionRefusal } from './contracts/store'
import { GatewrightError, OptionError } from './errors'
import { createCounters } from './memory/counters'
import { createCredentials } from './memory/credentials'
import { createDeliveries } from './memory/deliveries'
import { findDue } from './memory/due'
import { createFeed } from './memory/feed'
import { createGrants } from './memory/grants'
import { keepRequest } from './memory/keep-request'
import { createLeases } from './memory/leases'
import { checkCreation, checkTransition, illegalMove, isDecided, isFinished } from './memory/legality'
import { createLingering } from './memory/lingering'
import { createLinks } from './memory/links'
import { createListing, type Entry } from './memory/listing'
import { createOutbox } from './memory/outbox'
import { createSimilarIndex } from './memory/similar'
import { systemClock } from './system-clock'
import { checkOptions } from './values/options'

/** Options of {@link memoryStore}. */
export interface MemoryStoreOptions {
  /** What the store judges time by. @default systemClock */
  readonly clock?: Clock
  /**
   * How many finished requests are kept. Older ones are deleted, leaving the tombstones of their keys. Requests with
   * events that no log has acknowledged are kept beside them. @default 10,000
   */
  readonly maxFinished?: number
}

const DEFAULT_MAX_FINISHED = 10_000
const DEFAULT_PAGE = 100

/**
 * A store that lives and dies with the program: for tests, trials and ephemeral gates. Several gates of one program may
 * share it. What it holds is frozen, all the way down, and handed out as it is; so are events and
 * rows that are handed in.
 *
 * A request's events are held until it is finished, some log has acknowledged each of them, and every log that acknowledged
 * any has acknowledged all; then `unpublished` answers nothing for it, to any log. For logs that never catch up, and where
 * the outcome is unknown, the events of the newest 1,000 such requests are held. Events of other subjects are held until
 * some log has acknowledged them. Once closed, every method fails with `ERR_STORE_UNAVAILABLE`.
 *
 * @throws OptionError for an option that is wrong or unknown
 */
export function memoryStore(options: MemoryStoreOptions = {}): ApprovalStore {
  checkOptions(options, ['clock', 'maxFinished'], 'memoryStore')
  const clock = options.clock ?? systemClock
  if (typeof clock.now !== 'function') throw new OptionError('memoryStore.clock', 'must be a Clock')
  const maxFinished = options.maxFinished ?? DEFAULT_MAX_FINISHED
  if (!Number.isSafeInteger(maxFinished) || maxFinished < 0) {
    throw new OptionError('memoryStore.maxFinished', 'must be a whole number, 0 or more')
  }

  const requests = new Map<string, Entry>()
  const keys = new Map<string, Entry>()
  const tombstones = new Map<string, KeyTombstone>()
  // Finished and published, in the order of becoming so.
  const forgettable = new Set<string>()
  const listing = createListing()
  const similar = createSimilarIndex()
  const lingering = createLingering()
  const outbox = createOutbox((id) => requests.get(id)?.chain, retireIfDone)
  const feed = createFeed()
  const deliveries = createDeliveries(open, (id) => requests.has(id))
  const grants = createGrants(open, outbox.record)
  const counters = createCounters(open)
  let closed = false

  function checkOpen(): void {
    if (closed)
      throw new GatewrightError('ERR_STORE_UNAVAILABLE', 'the store was closed. Nothing was read or changed.')
  }

  function open(): number {
    checkOpen()
    return clock.now()
  }

  /** Drops the events of a request that is done with, once no log needs them; keeps at most so many of those requests. */
  function retireIfDone(id: string): void {
    const entry = requests.get(id)
    if (entry === undefined || !isForgettable(entry)) return
    lingering.finished(entry)
    forgettable.add(id)
    for (const oldest of forgettable) {
      if (forgettable.size <= maxFinished) return
      remove(oldest)
    }
  }

  function remove(id: string): void {
    const entry = requests.get(id)
    if (entry === undefined) return
    const { key, argumentsDigest, status } = entry.request
    // I3: the key is refused for as long as the store lives.
    if (key !== null) {
      keys.delete(key)
      tombstones.set(key, Object.freeze({ key, requestId: id, argumentsDigest, status }))
    }
    requests.delete(id)
    forgettable.delete(id)
    lingering.forget(entry)
    similar.remove(entry)
    deliveries.forget(id)
    entry.gone = true
    listing.removed()
  }

  function refusal(entry: Entry, transition: Transition, now: number): TransitionRefusal | null {
    const { fromVersion, notAfter, notBefore } = transition
    const { request } = entry
    if (request.version !== fromVersion) return { applied: false, reason: 'conflict', request }
    if (notAfter !== undefined && now > notAfter) return { applied: false, reason: 'late', request }
    if (notBefore !== undefined && now < notBefore) return { applied: false, reason: 'early', request }
    return null
  }

  function apply(entry: Entry, { next, events, mark }: Transition): void {
    const previous = entry.request
    outbox.append(entry.chain, events)
    entry.request = keepRequest(next, previous)
    if (mark !== undefined) counters.set(mark)
    if (isDecided(next) && !isDecided(previous)) similar.decided(entry)
    forgettable.delete(next.id)
    lingering.forget(entry)
    retireIfDone(next.id)
    feed.announce(next.id)
  }

  return {
    now: () => clock.now(),

    create(request, events) {
      checkOpen()
      checkCreation(request, events)
      if (request.key !== null) {
        const holder = keys.get(request.key)
        if (holder !== undefined) return { created: false, request: holder.request }
        const tombstone = tombstones.get(request.key)
        if (tombstone !== undefined) return { created: false, request: null, tombstone }
      }
      if (requests.has(request.id)) throw illegalMove(request.id, 'there is a request with this id')
      const entry = listing.add(keepRequest(request, null))
      requests.set(request.id, entry)
      outbox.append(entry.chain, events)
      if (request.key !== null) keys.set(request.key, entry)
      if (isDecided(request)) similar.decided(entry)
      retireIfDone(request.id)
      feed.announce(request.id)
      return { created: true, request: entry.request }
    },

    transition(transition) {
      checkOpen()
      const { next, useGrant } = transition
      const entry = requests.get(next.id)
      if (entry === undefined) return { applied: false, reason: 'missing', request: null }
      const now = clock.now()
      const refused = refusal(entry, transition, now)
      if (refused !== null) return refused
      checkTransition(transition, entry.request)
      if (useGrant !== undefined) {
        const grant = grants.usable(useGrant, now)
        if (grant === null) return { applied: false, reason: 'grant', request: entry.request }
        grants.use(grant)
      }
      apply(entry, transition)
      return { applied: true, request: entry.request }
    },

    get(id) {
      checkOpen()
      return requests.get(id)?.request ?? null
    },

    getMany(ids) {
      checkOpen()
      const found: ApprovalRequest[] = []
      for (const id of ids) {
        const entry = requests.get(id)
        if (entry !== undefined) found.push(entry.request)
      }
      return found
    },

    getByKey(key) {
      checkOpen()
      return keys.get(key)?.request ?? tombstones.get(key) ?? null
    },

    list(filter, page = {}) {
      checkOpen()
      return listing.page(filter, page.cursor ?? null, checkLimit(page.limit ?? DEFAULT_PAGE, 'list.limit'))
    },

    similar(action, argumentShape, limit) {
      checkOpen()
      return similar.newest(action, argumentShape, limit).map(({ request }) => request)
    },

    due(limit) {
      checkOpen()
      return findDue(requests.values(), clock.now(), limit)
    },

    changes(listener, signal) {
      checkOpen()
      feed.subscribe(listener, signal)
    },

    forget(id) {
      checkOpen()
      const entry = requests.get(id)
      if (entry === undefined || !isForgettable(entry)) return false
      remove(id)
      return true
    },

    outbox: {
      record(events) {
        checkOpen()
        outbox.record(events)
      },
      unpublished({ logId, subject, limit }) {
        checkOpen()
        return subject === undefined ? outbox.unpublished(limit) : outbox.unpublishedOf(subject, logId, limit)
      },
      published(logId, eventIds) {
        checkOpen()
        outbox.published(logId, eventIds)
      },
    },

    deliveries: deliveries.rows,
    leases: createLeases(open),
    credentials: createCredentials(open),
    grants: grants.rows,
    links: createLinks(open),
    counters: counters.rows,

    close() {
      closed = true
      feed.close()
    },
  }
}

/** I7: what no log holds yet is not deleted. */
function isForgettable({ request, chain }: Entry): boolean {
  return chain.unpublished === 0 && isFinished(request)
}

function checkLimit(limit: number, option: string): number {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new OptionError(option, 'must be a whole number, 1 or more')
  return limit
}
