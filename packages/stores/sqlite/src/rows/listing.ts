import { OptionError, type RequestFilter, type RequestStatus } from '@gatewright/core'
import { shapeColumn, toColumn } from '../database/column-text'
import type { Value } from '../database/connection'

/** Where a page ended. */
export interface Position {
  readonly createdAt: number
  readonly place: number
  /** The newest place when the first page was asked for: what came since is on no page that follows. */
  readonly newest: number
}

/** A statement that answers `created_at, place`, newest first. */
export interface Listing {
  readonly sql: string
  readonly parameters: readonly Value[]
}

// A record, so that the compiler misses whatever is left out.
const STATUSES: Readonly<Record<RequestStatus, true>> = {
  pending: true,
  approved: true,
  rejected: true,
  expired: true,
  cancelled: true,
  undeliverable: true,
  lapsed: true,
  invalidated: true,
  executing: true,
  succeeded: true,
  failed: true,
  blocked: true,
  unknown: true,
}
const EVERY_STATUS = Object.keys(STATUSES) as readonly RequestStatus[]

/**
 * The statement for a filter: one walk along an index for each status, of no more rows than the page has, merged. A single
 * walk over several statuses would have to sort all that they match. `null`: nothing can match.
 */
export function listingOf(
  filter: RequestFilter,
  {
    after,
    newest,
    limit,
  }: { readonly after: Position | null; readonly newest: number; readonly limit: number },
): Listing | null {
  const statuses = statusesOf(filter)
  if (statuses.length === 0) return null
  const conditions: [string, Value][] = [['place <= ?', newest]]
  const { action, argumentShape, requesterId, runId, createdAfter, createdBefore } = filter
  if (action !== undefined) conditions.push(['action = ?', toColumn(action)])
  if (argumentShape !== undefined) conditions.push(['shape = ?', shapeColumn(argumentShape)])
  if (requesterId !== undefined) conditions.push(['requester = ?', toColumn(requesterId)])
  if (runId !== undefined) conditions.push(['run = ?', toColumn(runId)])
  if (createdAfter !== undefined) conditions.push(['created_at > ?', createdAfter])
  if (createdBefore !== undefined) conditions.push(['created_at < ?', createdBefore])
  if (after !== null) conditions.push(['created_at <= ?', after.createdAt])
  const walks = statuses.map((status) => walk(conditions, status, after, limit))
  const merged = walks.map(({ sql }) => `SELECT * FROM (${sql})`).join(' UNION ALL ')
  return {
    sql: `${merged} ORDER BY created_at DESC, place DESC LIMIT ?`,
    parameters: [...walks.flatMap(({ parameters }) => parameters), limit],
  }
}

/** One status a walk; `null` for a walk over all, along an index that does not begin with the status. */
function statusesOf(filter: RequestFilter): readonly (RequestStatus | null)[] {
  const { status, action, argumentShape, requesterId, runId } = filter
  if (status !== undefined) return [...new Set(typeof status === 'string' ? [status] : status)]
  const byStatus =
    runId === undefined &&
    (requesterId !== undefined || (action !== undefined && argumentShape === undefined))
  return byStatus ? EVERY_STATUS : [null]
}

function walk(
  shared: readonly (readonly [string, Value])[],
  status: RequestStatus | null,
  after: Position | null,
  limit: number,
): Listing {
  const conditions = shared.map(([sql]) => sql)
  const parameters = shared.map(([, value]) => value)
  if (status !== null) {
    conditions.push('status = ?')
    parameters.push(status)
  }
  if (after !== null) {
    conditions.push('(created_at < ? OR place < ?)')
    parameters.push(after.createdAt, after.place)
  }
  return {
    sql: `SELECT created_at, place FROM requests WHERE ${conditions.join(' AND ')} ORDER BY created_at DESC, place DESC LIMIT ?`,
    parameters: [...parameters, limit],
  }
}

/** A cursor, for whoever pages. */
export function writeCursor({ createdAt, place, newest }: Position): string {
  return JSON.stringify([createdAt, place, newest])
}

/** @throws OptionError when the cursor is none of ours */
export function readCursor(cursor: string): Position {
  const [createdAt, place, newest] = parsed(cursor)
  const known = [createdAt, place, newest].every((part) => typeof part === 'number')
  if (!known) throw new OptionError('list.cursor', 'is none that this store gave')
  return { createdAt: Number(createdAt), place: Number(place), newest: Number(newest) }
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(cursor)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
