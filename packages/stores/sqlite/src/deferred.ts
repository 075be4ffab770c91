import type { Awaitable } from '@gatewright/core'
import type { OpenStore } from './open-store'

type Call = <T>(method: (opened: OpenStore) => Awaitable<T>) => Awaitable<T>
/** What was handed in as it is now: the caller may change it before the file is open (I2). */
type Keep = <T>(value: T) => T

/** The methods of a store, each through `call`, which waits for the file to be open. */
export function deferred(call: Call, keep: Keep): Omit<OpenStore, 'feed' | 'rewrite' | 'close'> {
  return {
    create(request, events) {
      const kept = keep({ request, events })
      return call((store) => store.create(kept.request, kept.events))
    },
    transition(transition) {
      const kept = keep(transition)
      return call((store) => store.transition(kept))
    },
    forget: (id) => call((store) => store.forget(id)),
    get: (id) => call((store) => store.get(id)),
    getMany: (ids) => call((store) => store.getMany(ids)),
    getByKey: (key) => call((store) => store.getByKey(key)),
    list: (filter, page) => call((store) => store.list(filter, page)),
    similar: (action, shape, limit) => call((store) => store.similar(action, shape, limit)),
    due: (limit) => call((store) => store.due(limit)),
    outbox: {
      record(events) {
        const kept = keep(events)
        return call(({ outbox }) => outbox.record(kept))
      },
      unpublished: (query) => call(({ outbox }) => outbox.unpublished(query)),
      published: (logId, ids) => call(({ outbox }) => outbox.published(logId, ids)),
    },
    deliveries: {
      put(row) {
        const kept = keep(row)
        return call(({ deliveries }) => deliveries.put(kept))
      },
      of: (requestId) => call(({ deliveries }) => deliveries.of(requestId)),
      due: (limit, after) => call(({ deliveries }) => deliveries.due(limit, after)),
    },
    leases: {
      renew: (processId, forMs) => call(({ leases }) => leases.renew(processId, forMs)),
      release: (processId) => call(({ leases }) => leases.release(processId)),
      live: (processIds) => call(({ leases }) => leases.live(processIds)),
    },
    credentials: {
      put(lease) {
        const kept = keep(lease)
        return call(({ credentials }) => credentials.put(kept))
      },
      remove: (id) => call(({ credentials }) => credentials.remove(id)),
      list: (limit) => call(({ credentials }) => credentials.list(limit)),
    },
    grants: {
      put(grant, fromVersion, events) {
        const kept = keep({ grant, events })
        return call(({ grants }) => grants.put(kept.grant, fromVersion, kept.events))
      },
      get: (id) => call(({ grants }) => grants.get(id)),
      active: (filter) => call(({ grants }) => grants.active(filter)),
    },
    links: {
      put: (identity, person, provenBy) => call(({ links }) => links.put(identity, person, provenBy)),
      get: (identity) => call(({ links }) => links.get(identity)),
      remove: (identity) => call(({ links }) => links.remove(identity)),
    },
    counters: {
      hit: (key, limit, windowMs) => call(({ counters }) => counters.hit(key, limit, windowMs)),
      mark: (key) => call(({ counters }) => counters.mark(key)),
    },
  }
}
