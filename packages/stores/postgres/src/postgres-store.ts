import { randomUUID } from 'node:crypto'
import type { ApprovalStore } from '@gatewright/core'
import { createCounters } from './counters'
import { createDatabase } from './database'
import { createDeliveries } from './deliveries'
import { unavailable } from './errors'
import { createFeed } from './feed'
import { createGrants } from './grants'
import { createChangeListener } from './listener'
import { namesOf } from './names'
import { type PostgresStoreOptions, readOptions } from './options'
import { createOutbox } from './outbox'
import type { Parts } from './parts'
import { createCreating } from './requests/create'
import { createForgetting } from './requests/forget'
import { createListing } from './requests/list'
import { createReading } from './requests/read'
import { createTransitions } from './requests/transition'
import { createRows } from './rows'
import { createSideRows } from './side-rows'

/** A store on PostgreSQL. */
export interface PostgresStore extends ApprovalStore {
  /**
   * Resolves once the tables are there and the server's time is known; every method waits for it by itself. To be awaited
   * at the start by a program that would rather not start without its store.
   *
   * @throws GatewrightError `ERR_STORE_UNAVAILABLE`, saying why
   */
  ready(): Promise<void>
}

/**
 * A store on PostgreSQL, for any number of gates on any number of machines. Nothing is connected before the first use.
 *
 * A method that rejects with `ERR_STORE_UNAVAILABLE` answers "not known": where the connection was lost in the middle, the
 * change may have been made. Reads are tried again by themselves, and so are changes that the server refused for the sake
 * of other transactions. Time is the server's.
 *
 * The events of a request are kept until it is forgotten, those of other subjects until some
 * log has acknowledged each of them.
 *
 * @throws OptionError for an option that is wrong or unknown
 * @example
 * ```ts
 * const store = postgresStore({ connectionString: 'postgres://gatewright:secret@db.internal/gatewright' })
 * ```
 */
export function postgresStore(options: PostgresStoreOptions): PostgresStore {
  const settings = readOptions(options)
  const database = createDatabase(settings, namesOf(settings.schema, settings.tablePrefix))
  const sender = randomUUID()
  const feed = createFeed(sender, settings.listen ? database : null)
  const rows = createRows(settings.cipher)
  const listener = createChangeListener(database, feed, rows, { ...settings, sender })
  const parts: Parts = { database, rows, announce: feed.announce }
  const underWay = new Set<Promise<unknown>>()
  let closing: Promise<void> | null = null

  function checkOpen(): void {
    if (closing !== null) throw unavailable('the store was closed. Nothing was read or changed.')
  }

  /** A method that fails once the store was closed, and that closing waits for. */
  function open<Arguments extends unknown[], Result>(
    method: (...values: Arguments) => Result | PromiseLike<Result>,
  ): (...values: Arguments) => Promise<Result> {
    return async (...values) => {
      checkOpen()
      const work = Promise.resolve(method(...values))
      underWay.add(work)
      try {
        return await work
      } finally {
        underWay.delete(work)
      }
    }
  }

  const { create, getByKey } = createCreating(parts)
  const reading = createReading(parts)
  const outbox = createOutbox(parts)
  const deliveries = createDeliveries(parts)
  const grants = createGrants(parts)
  const counters = createCounters(parts)
  const { leases, credentials, links } = createSideRows(parts)

  async function close(): Promise<void> {
    feed.close()
    listener.stop()
    await Promise.allSettled([...underWay])
    await database.end()
  }

  return {
    now: database.clock.now,
    ready: open(database.ready),
    create: open(create),
    transition: open(createTransitions(parts)),
    get: open(reading.get),
    getMany: open(reading.getMany),
    getByKey: open(getByKey),
    list: open(createListing(parts)),
    similar: open(reading.similar),
    due: open(reading.due),
    forget: open(createForgetting(parts)),
    changes(listenerOf, signal) {
      checkOpen()
      if (signal.aborted) return
      const unsubscribe = feed.subscribe(listenerOf)
      listener.start()
      const stop = (): void => {
        unsubscribe()
        if (feed.listeners === 0) listener.stop()
      }
      signal.addEventListener('abort', stop, { once: true })
    },
    outbox: {
      record: open(outbox.record),
      unpublished: open(outbox.unpublished),
      published: open(outbox.published),
    },
    deliveries: { put: open(deliveries.put), of: open(deliveries.of), due: open(deliveries.due) },
    leases: { renew: open(leases.renew), release: open(leases.release), live: open(leases.live) },
    credentials: {
      put: open(credentials.put),
      remove: open(credentials.remove),
      list: open(credentials.list),
    },
    grants: { put: open(grants.put), get: open(grants.get), active: open(grants.active) },
    links: { put: open(links.put), get: open(links.get), remove: open(links.remove) },
    counters: { hit: open(counters.hit), mark: open(counters.mark) },
    close() {
      closing ??= close()
      return closing
    },
  }
}
