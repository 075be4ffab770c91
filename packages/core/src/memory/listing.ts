import type { ApprovalRequest } from '../contracts/request'
import type { RequestFilter, RequestPage } from '../contracts/store'
import { OptionError } from '../errors'
import { type Chain, emptyChain } from './chain'

/** One stored request. */
export interface Entry {
  request: ApprovalRequest
  readonly chain: Chain
  /** Grows with each request: its place in listings, and what a cursor names. */
  readonly order: number
  /** Deleted by retention. */
  gone: boolean
}

/** Requests in the order in which they were saved. */
export interface Listing {
  add(request: ApprovalRequest): Entry
  /** To be called after the entry was marked `gone`. */
  removed(): void
  /**
   * A page, newest first. A cursor stays good while requests come and go.
   *
   * @throws OptionError when the cursor is none of ours
   */
  page(filter: RequestFilter, cursor: string | null, limit: number): RequestPage
}

/** Makes an empty listing. */
export function createListing(): Listing {
  let entries: Entry[] = []
  let nextOrder = 1
  let gone = 0

  /** Index of the first entry that is not older than `order`. */
  function indexOf(order: number): number {
    let low = 0
    let high = entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((entries[middle]?.order ?? 0) < order) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    add(request) {
      const entry: Entry = { request, chain: emptyChain(), order: nextOrder, gone: false }
      nextOrder += 1
      entries.push(entry)
      return entry
    },
    removed() {
      gone += 1
      if (gone <= entries.length / 2) return
      entries = entries.filter((entry) => !entry.gone)
      gone = 0
    },
    page(filter, cursor, limit) {
      const matches = matcher(filter)
      const requests: ApprovalRequest[] = []
      let oldest = 0
      const end = cursor === null ? entries.length : indexOf(parseCursor(cursor))
      for (let index = end - 1; index >= 0; index -= 1) {
        const entry = entries[index]
        if (entry === undefined || entry.gone || !matches(entry.request)) continue
        if (requests.length === limit) return { requests, cursor: String(oldest) }
        requests.push(entry.request)
        oldest = entry.order
      }
      return { requests, cursor: null }
    },
  }
}

function parseCursor(cursor: string): number {
  if (!/^[1-9]\d{0,15}$/.test(cursor)) throw new OptionError('list.cursor', 'is none that this store gave')
  return Number(cursor)
}

function matcher(filter: RequestFilter): (request: ApprovalRequest) => boolean {
  const { action, argumentShape, requesterId, runId, createdAfter, createdBefore } = filter
  const statuses = typeof filter.status === 'string' ? [filter.status] : filter.status
  return (request) => {
    if (statuses !== undefined && !statuses.includes(request.status)) return false
    if (action !== undefined && request.action !== action) return false
    if (argumentShape !== undefined && request.argumentShape !== argumentShape) return false
    if (requesterId !== undefined && request.requester.id !== requesterId) return false
    if (runId !== undefined && request.origin.runId !== runId) return false
    if (createdAfter !== undefined && request.createdAt <= createdAfter) return false
    return createdBefore === undefined || request.createdAt < createdBefore
  }
}
