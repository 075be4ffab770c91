import type { ApprovalStore, AuditEvent } from '@gatewright/core'
import { type BrokenStore, changedStore } from './broken-store'

/** Stores that lose, repeat or mix up events. */
export const brokenOutboxes: readonly BrokenStore[] = [
  reading(
    'events of moves are lost',
    /order of its chain|takes all of it along|whatever the events say|can still be told/,
    (events) => events.filter(({ seq }) => seq === 1),
  ),
  reading(
    'events come newest first',
    /order of its chain|oldest first|oldest first$|whatever the events say/,
    (events) => [...events].reverse(),
  ),
  reading('events come by the time that they state', /whatever the events say/, (events) =>
    [...events].sort((one, other) => one.time - other.time),
  ),
  reading('events are cut down', /exactly as they were handed in|a megabyte/, (events) =>
    events.map((event) => ({ ...event, data: {} })),
  ),
  reading('what stands behind commitments is lost', /behind the commitments/, (events) =>
    events.map(({ openings: _, ...event }) => event),
  ),
  changedStore(
    'it answers all events, however few were asked for',
    /no more events are answered/,
    (store) => ({
      outbox: {
        ...store.outbox,
        unpublished: (query) => store.outbox.unpublished({ ...query, limit: 10_000 }),
      },
    }),
  ),
  changedStore(
    'an event of a refused move is recorded',
    /refused leaves nothing|is past is a conflict/,
    (store) => {
      const refused: AuditEvent[] = []
      return {
        async transition(transition) {
          const result = await store.transition(transition)
          if (!result.applied) refused.push(...transition.events)
          return result
        },
        outbox: {
          ...store.outbox,
          unpublished: async (query) => [...(await store.outbox.unpublished(query)), ...refused],
        },
      }
    },
  ),
  changedStore('what one log has counts for all logs', /until that very log|a later event/, (store) => ({
    outbox: {
      ...store.outbox,
      async unpublished(query) {
        const all = await store.outbox.unpublished({ logId: query.logId, limit: 10_000 })
        const own = query.subject === undefined ? all : all.filter(({ subject }) => subject === query.subject)
        return own.slice(0, query.limit)
      },
    },
  })),
  changedStore(
    'every log has to acknowledge what any has',
    /published to all who ask|is offered for ever|took a later event/,
    (store) => {
      const taken = new Set<string>()
      return {
        outbox: {
          ...store.outbox,
          published: async (logId, ids) => {
            for (const id of ids) taken.add(`${logId} ${id}`)
          },
          async unpublished(query) {
            const all = await store.outbox.unpublished(query)
            return all.filter(({ id }) => !taken.has(`${query.logId} ${id}`))
          },
        },
      }
    },
  ),
  changedStore('a log that has an event counts as having all before it', /took a later event/, (store) => ({
    outbox: {
      ...store.outbox,
      async published(logId, ids) {
        await store.outbox.published(logId, ids.flatMap(withEarlier))
      },
    },
  })),
  changedStore('acknowledging what it does not know is an error', /idempotent, and ids/, (store) => ({
    outbox: {
      ...store.outbox,
      async published(logId, ids) {
        const known = new Set((await store.outbox.unpublished({ logId, limit: 10_000 })).map(({ id }) => id))
        if (ids.some((id) => !known.has(id))) throw new Error('no such event')
        await store.outbox.published(logId, ids)
      },
    },
  })),
  changedStore('acknowledging does nothing', /idempotent, and ids|finished request wait/, (store) => ({
    outbox: { ...store.outbox, async published() {} },
  })),
  changedStore('loose events are recorded one by one', /in one go or not at all/, (store) => ({
    outbox: {
      ...store.outbox,
      async record(events) {
        for (const event of events) await store.outbox.record([event])
      },
    },
  })),
  changedStore(
    'an event may be put into a request’s chain from outside',
    /grows by its moves alone/,
    (store) => ({
      outbox: {
        ...store.outbox,
        record: (events) =>
          Promise.resolve()
            .then(() => store.outbox.record(events))
            .catch(() => {}),
      },
    }),
  ),
  changedStore('loose events are lost', /exactly as they were handed in|in one go or not/, (store) => ({
    outbox: { ...store.outbox, async record() {} },
  })),
  changedStore('a grant’s events are recorded before it is put', /grant’s events are recorded/, (store) => ({
    grants: {
      ...store.grants,
      async put(grant, fromVersion, events) {
        await store.outbox.record(events)
        return store.grants.put(grant, fromVersion, [])
      },
    },
  })),
]

function reading(
  flaw: string,
  caughtBy: RegExp,
  change: (events: readonly AuditEvent[]) => readonly AuditEvent[],
): BrokenStore {
  return changedStore(flaw, caughtBy, (store: ApprovalStore) => ({
    outbox: { ...store.outbox, unpublished: async (query) => change(await store.outbox.unpublished(query)) },
  }))
}

function withEarlier(eventId: string): readonly string[] {
  const [subject, seq] = eventId.split('/')
  return Array.from({ length: Number(seq) }, (_, index) => `${subject}/${index + 1}`)
}
