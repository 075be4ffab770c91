import type { ApprovalRequest } from '../contracts/request'
import type { Engine } from '../engine/engine'
import { storeCall } from '../engine/store-call'

/** Following requests as the store holds them, whichever process moves them (T42). */
export interface Following {
  /**
   * The request once it is no longer pending; as it stands when `waitMs` are over or the signal aborts, where that comes
   * first. `null`: there is none, or retention deleted it meanwhile.
   *
   * @throws GatewrightError `ERR_STORE_UNAVAILABLE` when it cannot be read at first; later failures only delay the answer
   */
  decided(requestId: string, waitMs: number, signal: AbortSignal): Promise<ApprovalRequest | null>
  /**
   * Tells of every move of one request, beginning with how it stands, until it is stopped. Steps that follow each other
   * closely may be told as one; versions only grow. `null`: it is gone, and nothing more is told.
   */
  each(requestId: string, listener: (request: ApprovalRequest | null) => void): () => void
  /**
   * Tells of requests that moved, whichever they are, until it is stopped. The store's feed is a hint that may be lost or
   * repeated: who must not miss one lists them from time to time.
   */
  all(listener: (request: ApprovalRequest) => void): () => void
}

interface Watch {
  version: number
  readonly tell: (request: ApprovalRequest | null) => void
}

const PAGE = 500

/** Makes the following of one gate. It listens to the store while somebody follows, and not otherwise. */
export function createFollowing(engine: Engine, ready: () => Promise<void> | null): Following {
  const { store, clock, logger } = engine
  const watches = new Map<string, Set<Watch>>()
  const everywhere = new Set<(request: ApprovalRequest) => void>()
  /** What to read, and whether it moved: who only begins to follow is no news to those who follow all. */
  const hinted = new Map<string, boolean>()
  let feed: AbortController | null = null
  let reading = false

  function hint(ids: readonly string[], moved: boolean): void {
    for (const id of ids)
      if ((moved && everywhere.size > 0) || watches.has(id)) hinted.set(id, moved || hinted.get(id) === true)
    if (!reading && hinted.size > 0) void readHinted()
  }

  /** One read after the other: of two that overlap, the older answer could come last. */
  async function readHinted(): Promise<void> {
    reading = true
    // What moves in the same instant is read together.
    await Promise.resolve()
    try {
      while (hinted.size > 0) {
        const batch = new Map([...hinted].slice(0, PAGE))
        for (const id of batch.keys()) hinted.delete(id)
        const found = await store.getMany([...batch.keys()])
        for (const request of found) tell(request, batch.get(request.id) === true)
        for (const id of batch.keys()) if (!found.some((request) => request.id === id)) gone(id)
      }
    } catch (error) {
      logger.warn('the store cannot be read; who follows requests goes on waiting', { error })
    } finally {
      reading = false
    }
  }

  function tell(request: ApprovalRequest, moved: boolean): void {
    for (const watch of [...(watches.get(request.id) ?? [])]) {
      if (request.version <= watch.version) continue
      watch.version = request.version
      watch.tell(request)
    }
    if (moved) for (const listener of [...everywhere]) listener(request)
  }

  function gone(id: string): void {
    const watching = [...(watches.get(id) ?? [])]
    watches.delete(id)
    for (const { tell: say } of watching) say(null)
  }

  /** Listens while somebody follows. The feed may lose a hint: what is watched is also read at every sweep's pace. */
  function listen(): void {
    if (feed !== null) return
    const listening = new AbortController()
    feed = listening
    store.changes((ids) => hint(ids, true), listening.signal)
    const again = (): void => {
      if (listening.signal.aborted) return
      hint([...watches.keys()], false)
      clock.setTimer(engine.settings.sweepMs, again, { background: true })
    }
    clock.setTimer(engine.settings.sweepMs, again, { background: true })
  }

  function rest(): void {
    if (watches.size > 0 || everywhere.size > 0) return
    feed?.abort()
    feed = null
  }

  function each(id: string, listener: (request: ApprovalRequest | null) => void): () => void {
    const watch: Watch = { version: 0, tell: listener }
    const watching = watches.get(id) ?? new Set()
    watches.set(id, watching.add(watch))
    listen()
    hint([id], false)
    return () => {
      watching.delete(watch)
      if (watching.size === 0 && watches.get(id) === watching) watches.delete(id)
      rest()
    }
  }

  return {
    each,
    all(listener) {
      const own = (request: ApprovalRequest): void => listener(request)
      everywhere.add(own)
      listen()
      return () => {
        everywhere.delete(own)
        rest()
      }
    },
    async decided(id, waitMs, signal) {
      const starting = ready()
      if (starting !== null) await starting
      let latest = await storeCall(() => store.get(id))
      if (latest?.status !== 'pending' || waitMs <= 0 || signal.aborted) return latest
      return new Promise((resolve) => {
        const end = (): void => {
          stop()
          timer.cancel()
          signal.removeEventListener('abort', end)
          resolve(latest)
        }
        const stop = each(id, (request) => {
          latest = request
          if (request?.status !== 'pending') end()
        })
        const timer = clock.setTimer(waitMs, end, { background: true })
        signal.addEventListener('abort', end, { once: true })
      })
    },
  }
}
