import type { Awaitable } from '@gatewright/core'
import type { OpenStore } from './open-store'

type Call = <T>(method: (opened: OpenStore) => Awaitable<T>) => Awaitable<T>

/** The methods of a store, each through `call`, which waits for the file to be open. */
export function deferred(call: Call): Omit<OpenStore, 'feed' | 'rewrite' | 'close'> {
  return {
    create: (request, events) => call((store) => store.create(request, events)),
    transition: (transition) => call((store) => store.transition(transition)),
    forget: (id) => call((store) => store.forget(id)),
    get: (id) => call((store) => store.get(id)),
    getMany: (ids) => call((store) => store.getMany(ids)),
    getByKey: (key) => call((store) => store.getByKey(key)),
    list: (filter, page) => call((store) => store.list(filter, page)),
    similar: (action, shape, limit) => call((store) => store.similar(action, shape, limit)),
    due: (limit) => call((store) => store.due(limit)),
    outbox: {
      record: (events) => call(({ outbox }) => outbox.record(events)),
      unpublished: (query) => call(({ outbox }) => outbox.unpublished(query)),
      published: (logId, ids) => call(({ outbox }) => outbox.published(logId, ids)),
    },
    deliveries: {
      put: (row) => call(({ deliveries }) => deliveries.put(row)),
      of: (requestId) => call(({ deliveries }) => deliveries.of(requestId)),
      due: (limit) => call(({ deliveries }) => deliveries.due(limit)),
    },
    leases: {
      renew: (processId, forMs) => call(({ leases }) => leases.renew(processId, forMs)),
      release: (processId) => call(({ leases }) => leases.release(processId)),
      live: (processIds) => call(({ leases }) => leases.live(processIds)),
    },
    credentials: {
      put: (lease) => call(({ credentials }) => credentials.put(lease)),
      remove: (id) => call(({ credentials }) => credentials.remove(id)),
      list: (limit) => call(({ credentials }) => credentials.list(limit)),
    },
    grants: {
      put: (grant, fromVersion, events) => call(({ grants }) => grants.put(grant, fromVersion, events)),
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
