import type { ApprovalStore, Awaitable, RequestFilter, RequestPage } from '@gatewright/core'
import { type BrokenStore, changedStore } from './broken-store'

/** Stores that find requests wrongly. */
export const brokenQueries: readonly BrokenStore[] = [
  listing(
    'the oldest come first',
    /every request, the newest first$|pages follow|goes on where it stood|fills its pages/,
    async (store, filter, page) => {
      const all = await store.list(filter, { limit: 10_000 })
      return paged([...all.requests].reverse(), page)
    },
  ),
  listing(
    'a cursor counts how many were shown',
    /pages follow|goes on where it stood/,
    async (store, filter, page) => paged((await store.list(filter, { limit: 10_000 })).requests, page),
  ),
  listing('a cursor is a time', /requests of one instant/, async (store, filter, { cursor, limit = 100 }) => {
    const before = cursor == null ? {} : { createdBefore: Number(cursor) }
    const { requests, cursor: more } = await store.list({ ...filter, ...before }, { limit })
    return { requests, cursor: more === null ? null : String(requests.at(-1)?.createdAt) }
  }),
  listing('a page is filtered after it was cut', /fills its pages/, async (store, filter, page) => {
    const all = await store.list({}, page)
    const wanted = new Set((await store.list(filter, { limit: 10_000 })).requests.map(({ id }) => id))
    return { ...all, requests: all.requests.filter(({ id }) => wanted.has(id)) }
  }),
  listing('runs are not filtered', /filters by status/, (store, { runId: _, ...filter }, page) =>
    store.list(filter, page),
  ),
  listing('an empty list of statuses means all', /filters by status/, (store, { status, ...filter }, page) =>
    store.list(status === undefined || status.length === 0 ? filter : { ...filter, status }, page),
  ),
  listing(
    'requests are listed as they were created',
    /shows requests as they stand/,
    async (store, filter, page) => {
      const { requests, cursor } = await store.list(filter, page)
      return { requests: requests.map((request) => ({ ...request, version: 1 })), cursor }
    },
  ),
  changedStore('pending requests are similar', /decided ones of the same action/, (store) => ({
    async similar(action, shape, limit) {
      const { requests } = await store.list({ action }, { limit: 10_000 })
      return requests.filter(({ argumentShape }) => argumentShape === shape).slice(0, limit)
    },
  })),
  changedStore('shapes are not compared', /decided ones of the same action/, (store) => ({
    async similar(action, _, limit) {
      return (await store.list({ action, status: ['approved', 'rejected'] }, { limit })).requests
    },
  })),
  changedStore('similar requests are shown as they were decided', /similar requests are shown/, (store) => ({
    async similar(action, shape, limit) {
      const found = await store.similar(action, shape, limit)
      return found.map((request) => ({ ...request, status: 'approved', result: null }))
    },
  })),
  due('all that has a time is due', /once their time has come|by what it says now/, async (store) => {
    const { requests } = await store.list({}, { limit: 10_000 })
    return { requests: requests.filter(({ dueAt }) => dueAt !== null), nextAt: null }
  }),
  due(
    'due requests come in any order',
    /once their time has come|no more due|5,000/,
    async (store, limit) => {
      const { requests, nextAt } = await store.due(limit)
      return { requests: [...requests].reverse(), nextAt }
    },
  ),
  due('it answers all that is due, however few were asked for', /no more due|5,000/, (store) =>
    store.due(10_000),
  ),
  due(
    'it never says when the next is due',
    /once their time has come|no more due|by what it says now|times far away/,
    async (store, limit) => ({
      ...(await store.due(limit)),
      nextAt: null,
    }),
  ),
  due('what is due was read before the request moved', /by what it says now/, async (store, limit) => {
    const { requests, nextAt } = await store.due(limit)
    return { requests: requests.map((request) => ({ ...request, version: 1 })), nextAt }
  }),
  changedStore('a listing ends after 1,000', /5,000/, (store) => ({
    list: async (filter, page) => ({ ...(await store.list(filter, page)), cursor: null }),
  })),
]

type Page = NonNullable<Parameters<ApprovalStore['list']>[1]>

function listing(
  flaw: string,
  caughtBy: RegExp,
  list: (store: ApprovalStore, filter: RequestFilter, page: Page) => Awaitable<RequestPage>,
): BrokenStore {
  return changedStore(flaw, caughtBy, (store) => ({ list: (filter, page = {}) => list(store, filter, page) }))
}

function due(
  flaw: string,
  caughtBy: RegExp,
  find: (store: ApprovalStore, limit: number) => ReturnType<ApprovalStore['due']>,
): BrokenStore {
  return changedStore(flaw, caughtBy, (store) => ({ due: (limit) => find(store, limit) }))
}

function paged(requests: RequestPage['requests'], { cursor, limit = 100 }: Page): RequestPage {
  const from = Number(cursor ?? 0)
  const end = from + limit
  return { requests: requests.slice(from, end), cursor: end < requests.length ? String(end) : null }
}
