import type { ApprovalStore, DeliveryRow } from '@gatewright/core'
import { type BrokenStore, changedStore } from './broken-store'

/** Stores whose rows beside the requests are wrong. */
export const brokenRows: readonly BrokenStore[] = [
  deliveries('a message that is put again is another one', /found by their request/, (rows) => {
    const all: DeliveryRow[] = []
    return {
      put: async (row) => {
        all.push(row)
        await rows.put(row)
      },
      of: async (requestId) => all.filter((row) => row.requestId === requestId),
    }
  }),
  deliveries('messages stay when their request is forgotten', /go with their request/, (rows) => {
    const all = new Map<string, DeliveryRow>()
    return {
      put: async (row) => {
        all.set(row.id, row)
        await rows.put(row)
      },
      of: async (requestId) => [...all.values()].filter((row) => row.requestId === requestId),
    }
  }),
  deliveries('only messages that are being sent are due', /message is due once/, (rows) => ({
    put: (row) => rows.put(row.status === 'sending' ? row : { ...row, nextAttemptAt: null }),
  })),
  deliveries('messages are due in any order', /message is due once|after a message come/, (rows) => ({
    due: async (limit, after) => [...(await rows.due(limit, after))].reverse(),
  })),
  deliveries('what is due begins anew, whatever was answered before', /after a message come/, (rows) => ({
    due: (limit) => rows.due(limit),
  })),
  deliveries(
    'of messages that are due at one time, the others are passed over',
    /after a message come/,
    (rows) => ({
      due: async (limit, after = null) =>
        (await rows.due(100, after))
          .filter((row) => row.nextAttemptAt !== after?.nextAttemptAt)
          .slice(0, limit),
    }),
  ),
  leases('leases never end', /lives while its lease lasts/, (rows) => ({
    renew: (processId) => rows.renew(processId, 1e12),
  })),
  leases('all that lives is answered, whoever was asked about', /only those asked about/, (rows) => ({
    live: () => rows.live(['p-1', 'p-2']),
  })),
  leases('a lease is not released', /was released has ended/, () => ({ async release() {} })),
  changedStore('credentials that are not issued yet are not listed', /before they are issued/, (store) => ({
    credentials: {
      ...store.credentials,
      list: async (limit) => (await store.credentials.list(limit)).filter(({ handle }) => handle !== null),
    },
  })),
  changedStore('a lease of a credential stays as it was put first', /before they are issued/, (store) => {
    const known = new Set<string>()
    return {
      credentials: {
        ...store.credentials,
        async put(lease) {
          if (!known.has(lease.id)) await store.credentials.put(lease)
          known.add(lease.id)
        },
      },
    }
  }),
  changedStore(
    'a grant is put by whoever comes last',
    /20 changes to a grant|put from the version/,
    (store) => ({
      grants: {
        ...store.grants,
        async put(grant, fromVersion, events) {
          await store.grants.put(grant, fromVersion, events)
          return true
        },
      },
    }),
  ),
  changedStore('grants of any requester are active', /active grants are/, (store) => ({
    grants: { ...store.grants, active: ({ requesterId: _, ...filter }) => store.grants.active(filter) },
  })),
  changedStore('T21: identities are compared without a border', /linked by issuer and subject/, (store) => {
    const joined = ({ issuer, subject }: { issuer: string; subject: string }) => ({
      issuer: issuer + subject,
      subject: '',
    })
    return {
      links: {
        put: (identity, person, provenBy) => store.links.put(joined(identity), person, provenBy),
        get: (identity) => store.links.get(joined(identity)),
        remove: (identity) => store.links.remove(joined(identity)),
      },
    }
  }),
  changedStore('T21: identities are compared without their case', /linked by issuer and subject/, (store) => {
    const lower = ({ issuer, subject }: { issuer: string; subject: string }) => ({
      issuer: issuer.toLowerCase(),
      subject: subject.toLowerCase(),
    })
    return {
      links: {
        put: (identity, person, provenBy) => store.links.put(lower(identity), person, provenBy),
        get: (identity) => store.links.get(lower(identity)),
        remove: (identity) => store.links.remove(lower(identity)),
      },
    }
  }),
  changedStore('one hit too many is allowed', /so many hits|of 30 hits|allowed after the time/, (store) => ({
    counters: {
      ...store.counters,
      hit: (key, limit, windowMs) => store.counters.hit(key, limit + 1, windowMs),
    },
  })),
  changedStore('all keys count together', /so many hits/, (store) => ({
    counters: { ...store.counters, hit: (_, limit, windowMs) => store.counters.hit('all', limit, windowMs) },
  })),
  changedStore('hits are counted after reading how many there were', /of 30 hits/, (store) => {
    let hits = 0
    return {
      counters: {
        ...store.counters,
        async hit(_, limit, windowMs) {
          const read = hits
          await Promise.resolve()
          hits = read + 1
          return { allowed: read < limit, retryAfterMs: windowMs }
        },
      },
    }
  }),
  changedStore('it says to try again too early', /allowed after the time/, (store) => ({
    counters: {
      ...store.counters,
      async hit(key, limit, windowMs) {
        const hit = await store.counters.hit(key, limit, windowMs)
        return { ...hit, retryAfterMs: Math.floor(hit.retryAfterMs / 2) }
      },
    },
  })),
]

function deliveries(
  flaw: string,
  caughtBy: RegExp,
  change: (rows: ApprovalStore['deliveries']) => Partial<ApprovalStore['deliveries']>,
): BrokenStore {
  return changedStore(flaw, caughtBy, (store) => ({
    deliveries: { ...store.deliveries, ...change(store.deliveries) },
  }))
}

function leases(
  flaw: string,
  caughtBy: RegExp,
  change: (rows: ApprovalStore['leases']) => Partial<ApprovalStore['leases']>,
): BrokenStore {
  return changedStore(flaw, caughtBy, (store) => ({ leases: { ...store.leases, ...change(store.leases) } }))
}
