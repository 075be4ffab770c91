import {
  type ApprovalRequest,
  type ApprovalStore,
  type Clock,
  type CreateResult,
  GatewrightError,
  illegalMove,
  type KeyTombstone,
  OptionError,
  type RequestFilter,
  type RequestPage,
  type TransitionResult,
} from '@gatewright/core'
import type { CrashPoints } from './crash-points'
import { checkKnown } from './known-options'
import { type MemoryDisk, memoryDisk, type Tables } from './memory-disk'
import { checkFirst, checkNext, isFinished } from './serialising-store-legality'
import {
  acknowledge,
  forgetEvents,
  hasUnpublished,
  recordLoose,
  recordMove,
  unpublished,
} from './serialising-store-outbox'
import { type Run, sideRows, usableGrant, writeUse } from './serialising-store-rows'

/** Options of {@link serialisingStore}. */
export interface SerialisingStoreOptions {
  /** What the store judges time by. All stores of one disk should have the same. */
  readonly clock: Clock
  /** Where the rows are. Several stores may share one, as processes share a database. @default a new one */
  readonly disk?: MemoryDisk
  /**
   * Passed before and after each commit, as `store.transition.before` and `store.transition.after`; for a part's method
   * `store.outbox.record.before`. @default the process never dies
   */
  readonly crash?: CrashPoints
}

const IMMORTAL: CrashPoints = { point: () => Promise.resolve() }
const DEFAULT_PAGE = 100

/**
 * A store that keeps nothing but bytes, for simulating processes that share a database and die: everything is serialised
 * on the way in, committed at one instant, and parsed on the way out. It is written as a durable store would be, and
 * behaves like one except for being quick and forgetting all when the program ends. Its rows stay until `forget`.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function serialisingStore(options: SerialisingStoreOptions): ApprovalStore {
  checkKnown(options, ['clock', 'disk', 'crash'], 'serialisingStore')
  if (typeof options.clock?.now !== 'function') throw new OptionError('serialisingStore.clock', 'is needed')
  const { clock, disk = memoryDisk(), crash = IMMORTAL } = options
  const unsubscribe = new Set<() => void>()
  let closed = false

  const run: Run = async (name, work) => {
    if (closed)
      throw new GatewrightError('ERR_STORE_UNAVAILABLE', 'the store was closed. Nothing was read or changed.')
    await crash.point(`store.${name}.before`)
    const result = disk.transact((tables) => work(tables, clock.now()))
    await crash.point(`store.${name}.after`)
    return result
  }

  return {
    now: () => clock.now(),

    create(request, events) {
      const row = copyOf({ request, events })
      return run('create', (tables): CreateResult => {
        const existing = row.request.key === null ? null : holderOf(tables, row.request.key)
        if (existing !== null) return existing
        if (tables.read('requests', row.request.id) !== null)
          throw illegalMove(row.request.id, 'there is such a request')
        checkFirst(row.request, row.events)
        tables.write('requests', row.request.id, row.request)
        if (row.request.key !== null) tables.write('keys', row.request.key, row.request.id)
        recordMove(tables, row.events)
        disk.announce([row.request.id])
        return { created: true, request: row.request }
      })
    },

    transition(transition) {
      const { next, events, fromVersion, notAfter, notBefore, useGrant, mark } = copyOf(transition)
      return run('transition', (tables, now): TransitionResult => {
        if (next.version !== fromVersion + 1) throw illegalMove(next.id, 'a move leads to the next version')
        const request = tables.read<ApprovalRequest>('requests', next.id)
        if (request === null) return { applied: false, reason: 'missing', request }
        if (request.version !== fromVersion) return { applied: false, reason: 'conflict', request }
        if (notAfter !== undefined && now > notAfter) return { applied: false, reason: 'late', request }
        if (notBefore !== undefined && now < notBefore) return { applied: false, reason: 'early', request }
        checkNext(next, events, request.lastEvent.seq)
        if (useGrant !== undefined) {
          const grant = usableGrant(tables, useGrant, now)
          if (grant === null) return { applied: false, reason: 'grant', request }
          writeUse(tables, grant)
        }
        tables.write('requests', next.id, next)
        recordMove(tables, events)
        if (mark !== undefined) tables.write('marks', mark.key, mark)
        disk.announce([next.id])
        return { applied: true, request: next }
      })
    },

    get: (id) => run('get', (tables) => tables.read<ApprovalRequest>('requests', id)),

    getMany: (ids) =>
      run('getMany', (tables) => ids.flatMap((id) => tables.read<ApprovalRequest>('requests', id) ?? [])),

    getByKey: (key) =>
      run('getByKey', (tables) => {
        const holder = holderOf(tables, key)
        if (holder === null) return null
        return holder.request ?? holder.tombstone
      }),

    list: (filter, page = {}) =>
      run('list', (tables) => pageOf(tables, filter, page.cursor ?? null, page.limit ?? DEFAULT_PAGE)),

    similar: (action, argumentShape, limit) =>
      run('similar', (tables) =>
        tables
          .scan<ApprovalRequest>(
            'requests',
            (request) =>
              request.action === action && request.argumentShape === argumentShape && isDecided(request),
          )
          .sort(newestFirst)
          .slice(0, limit),
      ),

    due: (limit) =>
      run('due', (tables, now) => {
        const waiting = tables
          .scan<ApprovalRequest>('requests', ({ dueAt }) => dueAt !== null)
          .sort((one, other) => Number(one.dueAt) - Number(other.dueAt))
        const requests = waiting.filter(({ dueAt }) => Number(dueAt) <= now).slice(0, limit)
        return { requests, nextAt: waiting[requests.length]?.dueAt ?? null }
      }),

    changes(listener, signal) {
      if (signal.aborted || closed) return
      const own = (ids: readonly string[]): void => listener(ids)
      const stop = (): void => disk.unlisten(own)
      disk.listen(own)
      unsubscribe.add(stop)
      signal.addEventListener('abort', stop, { once: true })
    },

    forget: (id) =>
      run('forget', (tables) => {
        const request = tables.read<ApprovalRequest>('requests', id)
        if (request === null || !isFinished(request) || hasUnpublished(tables, request)) return false
        forgetEvents(tables, request)
        for (const row of tables.scan<{ id: string }>(
          'deliveries',
          ({ requestId }: { id: string; requestId?: string }) => requestId === id,
        )) {
          tables.delete('deliveries', row.id)
        }
        tables.delete('requests', id)
        if (request.key === null) return true
        tables.delete('keys', request.key)
        tables.write('tombstones', request.key, tombstoneOf(request, request.key))
        return true
      }),

    outbox: {
      record(events) {
        const rows = copyOf(events)
        return run('outbox.record', (tables) => recordLoose(tables, rows))
      },
      unpublished: (query) => run('outbox.unpublished', (tables) => unpublished(tables, query)),
      published(logId, eventIds) {
        const ids = [...eventIds]
        return run('outbox.published', (tables) => acknowledge(tables, logId, ids))
      },
    },

    ...sideRows(run, copyOf),

    async close() {
      closed = true
      for (const stop of unsubscribe) stop()
    },
  }
}

/** What goes in is serialised when it is handed in: the caller may do with it what it likes. */
function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

type Holder = Exclude<CreateResult, { created: true }>

function holderOf(tables: Tables, key: string): Holder | null {
  const id = tables.read<string>('keys', key)
  const request = id === null ? null : tables.read<ApprovalRequest>('requests', id)
  if (request !== null) return { created: false, request }
  const tombstone = tables.read<KeyTombstone>('tombstones', key)
  return tombstone === null ? null : { created: false, request: null, tombstone }
}

function tombstoneOf({ id, argumentsDigest, status }: ApprovalRequest, key: string): KeyTombstone {
  return { key, requestId: id, argumentsDigest, status }
}

function isDecided({ approvedAt, status }: ApprovalRequest): boolean {
  return approvedAt !== null || status === 'rejected'
}

/** Times may be equal and clocks may jump: the id makes the order whole, and a cursor says both. */
function newestFirst(one: ApprovalRequest, other: ApprovalRequest): number {
  return other.createdAt - one.createdAt || Number(one.id < other.id) - Number(one.id > other.id)
}

function pageOf(tables: Tables, filter: RequestFilter, cursor: string | null, limit: number): RequestPage {
  const after = cursor === null ? null : (JSON.parse(cursor) as ApprovalRequest)
  const requests = tables
    .scan<ApprovalRequest>('requests', (request) => matches(request, filter))
    .sort(newestFirst)
    .filter((request) => after === null || newestFirst(after, request) < 0)
  const shown = requests.slice(0, limit)
  const last = shown.at(-1)
  if (requests.length === shown.length || last === undefined) return { requests: shown, cursor: null }
  return { requests: shown, cursor: JSON.stringify({ createdAt: last.createdAt, id: last.id }) }
}

function matches(request: ApprovalRequest, filter: RequestFilter): boolean {
  const { status, action, argumentShape, requesterId, runId, createdAfter, createdBefore } = filter
  if (typeof status === 'string' && request.status !== status) return false
  if (Array.isArray(status) && !status.includes(request.status)) return false
  if (action !== undefined && request.action !== action) return false
  if (argumentShape !== undefined && request.argumentShape !== argumentShape) return false
  if (requesterId !== undefined && request.requester.id !== requesterId) return false
  if (runId !== undefined && request.origin.runId !== runId) return false
  if (createdAfter !== undefined && request.createdAt <= createdAfter) return false
  return createdBefore === undefined || request.createdAt < createdBefore
}
