import { GatewrightError } from '@gatewright/core'
import { AuditLogError } from '../errors'
import type { DetachedBody } from '../event'
import { leafHash } from '../merkle'
import type { Leaf } from './commit-log'
import type { KnownEvents } from './known-events'

/** An event, ready to be written. */
export interface PreparedEvent {
  readonly id: string
  readonly subject: string
  readonly seq: number
  readonly entry: Buffer
  readonly body: DetachedBody | null
  /** What stands behind its commitments. */
  readonly beside: Leaf['beside']
}

/** Where batches go. */
export interface BatchTarget {
  readonly known: KnownEvents
  /** Looks into the log for events that are not among the newest. */
  find(from: number, wanted: ReadonlySet<string>): Promise<ReadonlyMap<string, Uint8Array>>
  /** Resolves when the bodies are durable. */
  storeBodies(bodies: readonly DetachedBody[]): Promise<void>
  /** Resolves when the leaves are durable. */
  commit(leaves: readonly Leaf[]): Promise<void>
}

/** Work that no batch may come between. */
interface Exclusive {
  run(target: BatchTarget): Promise<void>
  reject(error: unknown): void
}

interface Waiting {
  readonly events: readonly PreparedEvent[]
  resolve(): void
  reject(error: unknown): void
}

const MOST_EVENTS = 4_096
const MOST_BYTES = 8 * 1_024 * 1_024

/**
 * Gathers appends while a batch is on its way to the disk, and sends them as the next one: however many wait, they share a
 * write, a signature and a sync. The first failure is the last thing that happens: what waits and whatever comes is
 * rejected with it.
 */
export class GroupCommit {
  readonly #opening: Promise<BatchTarget>
  readonly #name: string
  readonly #stopped: () => void
  #gathered: (Waiting | Exclusive)[] = []
  #sending: Promise<void> | null = null
  #failure: GatewrightError | null = null

  /**
   * @param opening - resolves when the log is open; a rejection is the first failure
   * @param name - of the log, for messages
   * @param stopped - called once, at the first failure
   */
  constructor(opening: Promise<BatchTarget>, name: string, stopped: () => void) {
    this.#opening = opening
    this.#name = name
    this.#stopped = stopped
    opening.catch((error) => this.poison(error))
  }

  /** Why nothing is written any more; `null` while all is well. */
  get failure(): GatewrightError | null {
    return this.#failure
  }

  /** Resolves when the events are durable: all of them, or none was taken. */
  append(events: readonly PreparedEvent[]): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#gathered.push({ events, resolve, reject })
      this.#sending ??= this.#sendAll()
    })
  }

  /**
   * Does work while no batch is on its way, in its turn: after the appends that came before it, before those that come
   * after. When it fails the log takes nothing more: half of it may be done.
   */
  exclusively<T>(work: (target: BatchTarget) => Promise<T>): Promise<T> {
    if (this.#failure !== null) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => {
      this.#gathered.push({ run: async (target) => resolve(await work(target)), reject })
      this.#sending ??= this.#sendAll()
    })
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#sending !== null) await this.#sending
  }

  /** Rejects all that waits and all that comes. Only the first reason counts. */
  poison(cause: unknown): void {
    if (this.#failure !== null) return
    const why = (cause instanceof Error ? cause.message : String(cause)).replace(/\.?$/, '.')
    this.#failure = new GatewrightError(
      'ERR_AUDIT_UNAVAILABLE',
      `the audit log ${this.#name} takes nothing more: ${why} What was not acknowledged may or may not be written. Mend the cause and restart.`,
      { cause },
    )
    const waiting = this.#gathered
    this.#gathered = []
    for (const { reject } of waiting) reject(this.#failure)
    this.#stopped()
  }

  async #sendAll(): Promise<void> {
    let batch: readonly (Waiting | Exclusive)[] = []
    try {
      const target = await this.#opening
      while (this.#gathered.length > 0 && this.#failure === null) {
        const [first] = this.#gathered
        if (first !== undefined && 'run' in first) {
          batch = this.#gathered.splice(0, 1)
          await first.run(target)
          batch = []
          continue
        }
        const appends = this.#takeBatch()
        batch = appends
        const accepted = await send(appends, target)
        // A failure beside the batch (a tile, the files) may have come first: then nobody hears "durable" any more.
        if (this.#failure !== null) throw this.#failure
        for (const { resolve } of accepted) resolve()
        batch = []
      }
    } catch (error) {
      this.poison(error)
      // Whoever was told already stays told.
      for (const { reject } of batch) reject(this.#failure)
    } finally {
      this.#sending = null
    }
  }

  #takeBatch(): readonly Waiting[] {
    let events = 0
    let bytes = 0
    const taken: Waiting[] = []
    for (const waiting of this.#gathered) {
      if ('run' in waiting) break
      events += waiting.events.length
      for (const { entry, body } of waiting.events) bytes += entry.length + (body?.bytes.length ?? 0)
      if (taken.length > 0 && (events > MOST_EVENTS || bytes > MOST_BYTES)) break
      taken.push(waiting)
    }
    this.#gathered.splice(0, taken.length)
    return taken
  }
}

/** Writes what is new of a batch. @returns the appends that are durable; the others were rejected */
async function send(batch: readonly Waiting[], target: BatchTarget): Promise<readonly Waiting[]> {
  const { known } = target
  const unsure = unsureOf(batch, known)
  const elsewhere = unsure === null ? NOWHERE : await target.find(unsure.from, unsure.ids)
  const leaves: Leaf[] = []
  const bodies: DetachedBody[] = []
  const accepted: Waiting[] = []
  for (const waiting of batch) {
    const fresh = freshOf(waiting.events, known, elsewhere)
    if (typeof fresh === 'string') {
      waiting.reject(conflict(fresh))
      continue
    }
    accepted.push(waiting)
    for (const { event, hash } of fresh) {
      known.add(event.id, event.subject, event.seq, hash)
      leaves.push({ entry: event.entry, hash, beside: event.beside })
      if (event.body !== null) bodies.push(event.body)
    }
  }
  // The log must not speak of a body that a crash can take away.
  if (bodies.length > 0) await target.storeBodies(bodies)
  if (leaves.length > 0) await target.commit(leaves)
  return accepted
}

interface FreshEvent {
  readonly event: PreparedEvent
  readonly hash: Uint8Array
}

/** Of one append, what the log lacks; or the id of an event that it holds with other content. */
function freshOf(
  events: readonly PreparedEvent[],
  known: KnownEvents,
  elsewhere: ReadonlyMap<string, Uint8Array>,
): readonly FreshEvent[] | string {
  const [only] = events
  if (only !== undefined && events.length === 1) {
    const { id, subject, seq, entry } = only
    const hash = leafHash(entry)
    const knowledge = known.look(id, subject, seq)
    const held = knowledge.status === 'held' ? knowledge.hash : elsewhere.get(id)
    if (held === undefined) return [{ event: only, hash }]
    return isEqual(held, hash) ? [] : id
  }
  const fresh = new Map<string, FreshEvent>()
  for (const event of events) {
    const { id, subject, seq } = event
    const hash = leafHash(event.entry)
    const knowledge = known.look(id, subject, seq)
    const held = knowledge.status === 'held' ? knowledge.hash : (elsewhere.get(id) ?? fresh.get(id)?.hash)
    if (held === undefined) fresh.set(id, { event, hash })
    else if (!isEqual(held, hash)) return id
  }
  return [...fresh.values()]
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.from(one.buffer, one.byteOffset, one.length).equals(other)
}

const NOWHERE: ReadonlyMap<string, Uint8Array> = new Map()

/** Events that only a look into the log can tell of, and from where on it must look; usually there are none. */
function unsureOf(
  batch: readonly Waiting[],
  known: KnownEvents,
): { readonly ids: ReadonlySet<string>; readonly from: number } | null {
  let ids: Set<string> | null = null
  let from = Number.POSITIVE_INFINITY
  for (const { events } of batch) {
    for (const { id, subject, seq } of events) {
      const knowledge = known.look(id, subject, seq)
      if (knowledge.status !== 'unsure') continue
      ids ??= new Set()
      ids.add(id)
      from = Math.min(from, knowledge.from)
    }
  }
  return ids === null ? null : { ids, from }
}

function conflict(id: string): AuditLogError<'ERR_LOG_ENTRY_INVALID'> {
  return new AuditLogError(
    'ERR_LOG_ENTRY_INVALID',
    `the log holds an event ${id} with other content. None of the events that were handed in with it was written.`,
  )
}
