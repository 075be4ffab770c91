import { memoryStore } from '@gatewright/core'
import { type BrokenStore, changedStore, forgetfulStore } from './broken-store'
import { brokenMoves } from './broken-stores-moves'
import { brokenOutboxes } from './broken-stores-outbox'
import { brokenQueries } from './broken-stores-queries'
import { brokenRows } from './broken-stores-rows'

/** The ways in which stores go wrong; the suite must notice each. */
export const brokenStores: readonly BrokenStore[] = [
  ...brokenMoves,
  ...brokenOutboxes,
  ...brokenQueries,
  ...brokenRows,
  changedStore('it hands out one object that anybody may change', /changing what was handed in/, (store) => {
    const held = new Map<string, unknown>()
    return {
      async get(id) {
        const request = await store.get(id)
        const key = `${id} ${request?.version}`
        if (!held.has(key)) held.set(key, structuredClone(request))
        return held.get(key) as typeof request
      },
    }
  }),
  changedStore('it keeps the rows that it was handed', /changing a row/, (store) => {
    const held = new Map<string, Parameters<typeof store.deliveries.put>[0]>()
    return {
      deliveries: {
        ...store.deliveries,
        async put(row) {
          held.set(row.id, row)
          await store.deliveries.put(structuredClone(row))
        },
        of: async (requestId) => [...held.values()].filter((row) => row.requestId === requestId),
      },
    }
  }),
  changedStore('its columns are ASCII', /every kind of text|a megabyte/, (store) => ({
    async get(id) {
      return JSON.parse(JSON.stringify(await store.get(id)).replace(/[^\x20-\x7e]/g, '?'))
    },
    async transition(transition) {
      return JSON.parse(JSON.stringify(await store.transition(transition)).replace(/[^\x20-\x7e]/g, '?'))
    },
  })),
  changedStore('its columns are 64 KB long', /a megabyte/, (store) => ({
    async get(id) {
      const request = await store.get(id)
      return request && { ...request, arguments: request.arguments.slice(0, 65_535) }
    },
  })),
  changedStore('its times have 32 bits', /times far away/, (store) => ({
    async get(id) {
      const request = await store.get(id)
      return request && { ...request, expiresAt: request.expiresAt | 0 }
    },
  })),
  changedStore(
    'nobody is told of changes',
    /listens hears|others hear all the same|throws harms|others hear of/,
    () => ({
      changes() {},
    }),
  ),
  changedStore('listeners are never let go', /stopped listening/, (store) => ({
    changes: (listener) => store.changes(listener, new AbortController().signal),
  })),
  changedStore('a listener that throws breaks the move', /throws harms/, (store) => {
    const listeners: ((ids: readonly string[]) => void)[] = []
    return {
      changes: (listener) => void listeners.push(listener),
      async create(request, events) {
        const result = await store.create(request, events)
        for (const listener of listeners) listener([request.id])
        return result
      },
    }
  }),
  changedStore('it goes by a clock of its own', /time stands or goes forwards/, () => ({
    now: () => 1_767_225_600_000,
  })),
  changedStore('it takes writes after it was closed', /closing is idempotent/, () => ({ async close() {} })),
  {
    flaw: 'each process has data of its own',
    caughtBy: /two processes|others hear of/,
    harness: (clock) => ({
      create: () => memoryStore({ clock }),
      another: () => memoryStore({ clock }),
      clock,
      patienceMs: 20,
    }),
  },
  forgetfulStore('a restart loses the requests', /a restart finds/, 'requests'),
  forgetfulStore('a restart loses the keys', /a restart finds/, 'keys'),
  forgetfulStore('a restart loses the tombstones', /a restart finds/, 'tombstones'),
  forgetfulStore('a restart loses events', /a restart finds/, 'events'),
  forgetfulStore('a restart loses the outbox', /a restart finds/, 'outbox'),
  forgetfulStore('a restart loses acknowledgements', /a restart finds/, 'acknowledgements'),
  forgetfulStore('a restart loses messages', /a restart finds/, 'deliveries'),
  forgetfulStore('a restart ends leases', /a restart finds/, 'leases'),
  forgetfulStore('a restart loses track of credentials', /a restart finds/, 'credentials'),
  forgetfulStore('a restart loses grants', /a restart finds/, 'grants'),
  forgetfulStore('a restart loses links', /a restart finds/, 'links'),
  forgetfulStore('a restart opens all windows anew', /a restart finds/, 'windows'),
  forgetfulStore('a restart loses marks', /a restart finds/, 'marks'),
]
