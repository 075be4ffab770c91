import { resolve } from 'node:path'
import type { ApprovalStore, Awaitable } from '@gatewright/core'
import { type OpenedDatabase, openDatabase } from './database/open'
import { deferred } from './deferred'
import { createVault } from './documents/vault'
import { storeError, unavailable } from './errors'
import { assembleStore, type OpenStore } from './open-store'
import { readOptions, type Settings, type SqliteStoreOptions } from './options'
import type { Parts } from './rows/parts'

/** A store in an SQLite file. */
export interface SqliteStore extends ApprovalStore {
  /**
   * Resolves when the file is open and its schema is the newest. Await it at the start of a program to learn of a file that
   * cannot be used there; left alone, it is each method that rejects.
   *
   * Rejects with `ERR_STORE_UNAVAILABLE`, saying what to do.
   */
  readonly opened: Promise<void>
  /**
   * Seals every document with the first key that is not sealed with it yet, also what is in clear, in batches beside other
   * work. Answers how many it rewrote. Cut short, it is called again. Without `encryption` it rewrites nothing.
   */
  rewrite(): Promise<number>
}

/**
 * A store in an SQLite file: durable, for the processes of one machine. Writes that come together share one transaction and
 * one sync, and are answered after it. The file is opened at once and in the background; no method waits in the program's
 * own thread for a lock or for the disk.
 *
 * @example
 * ```ts
 * const store = sqliteStore({ file: '.gatewright/requests.db' })
 * await store.opened
 * ```
 * @throws OptionError for an option that is wrong or unknown
 */
export function sqliteStore(options: SqliteStoreOptions): SqliteStore {
  const settings = readOptions(options)
  const path = resolve(settings.file)
  const vault = createVault(settings.cipher)
  let closed = false
  let closing: Promise<void> | null = null
  let store: OpenStore | null = null

  const opening = open(settings, vault, path).then((opened) => {
    store = opened
    return opened
  })
  const opened = opening.then(() => {})
  // Whoever does not await it hears of it from each method.
  opened.catch(() => {})

  function checkOpen(): void {
    if (closed) throw unavailable('the store was closed.')
  }

  /** Calls at once what is open; else once it is. What was called before `close` still ends. */
  function call<T>(method: (opened: OpenStore) => Awaitable<T>): Awaitable<T> {
    checkOpen()
    return store === null ? opening.then(method) : method(store)
  }

  return {
    ...deferred(call, (value) => (store === null ? structuredClone(value) : value)),
    opened,
    now: () => settings.clock.now(),
    changes(listener, signal) {
      checkOpen()
      if (store !== null) return store.feed.subscribe(listener, signal)
      opening.then(
        ({ feed }) => {
          if (!closed) feed.subscribe(listener, signal, true)
        },
        () => {},
      )
    },
    rewrite: async () => call(({ rewrite }) => (settings.cipher.sealingKeyId() === null ? 0 : rewrite())),
    close() {
      closed = true
      closing ??= opening.then(
        (opened) => opened.close(),
        () => {},
      )
      return closing
    },
  }
}

async function open(settings: Settings, vault: Parts['vault'], path: string): Promise<OpenStore> {
  let database: OpenedDatabase | null = null
  try {
    database = await openDatabase(settings)
    return await assembleStore(database, settings, vault, path)
  } catch (error) {
    database?.reader.close()
    database?.writing.close()
    throw storeError(error, path)
  }
}
