import type { ApprovalStore, Transition, TransitionResult } from '@gatewright/core'
import { type BrokenStore, changedStore } from './broken-store'

/** Stores that create or move requests wrongly. */
export const brokenMoves: readonly BrokenStore[] = [
  changedStore(
    'it acknowledges requests and drops them',
    /^a created request is found|^a move is stored whole|^requests without a key|^what does not exist|5,000 requests/,
    () => ({ create: async (request) => ({ created: true, request }) }),
  ),
  changedStore(
    'whoever read the right version before writing is told that it was applied',
    /of 100 moves|two processes make at once|read again after each conflict/,
    (store) => ({
      async transition(transition) {
        const read = await store.get(transition.next.id)
        const result = await store.transition(transition)
        const looked = read?.version === transition.fromVersion
        return looked && !result.applied ? { applied: true, request: transition.next } : result
      },
    }),
  ),
  moving('a conflict is answered as applied', /version that is past|yet to come/, (result, { next }) =>
    !result.applied && result.reason === 'conflict' ? { applied: true, request: next } : result,
  ),
  moving(
    'a conflict is not answered with what is stored',
    /is past is a conflict|of 100 moves/,
    (result, { next }) =>
      !result.applied && result.reason === 'conflict' ? { ...result, request: next } : result,
  ),
  moving('a request that does not exist is a conflict', /^what does not exist/, (result, { next }) =>
    !result.applied && result.reason === 'missing'
      ? { applied: false, reason: 'conflict', request: next }
      : result,
  ),
  preparing(
    'it knows no deadline',
    /with a deadline is|last instant|refused leaves nothing/,
    ({ notAfter: _, ...rest }) => rest,
  ),
  preparing(
    'it knows no beginning',
    /with a beginning is|last instant|refused leaves nothing/,
    ({ notBefore: _, ...rest }) => rest,
  ),
  preparing('a deadline is past at its very instant', /last instant/, (transition) =>
    transition.notAfter === undefined ? transition : { ...transition, notAfter: transition.notAfter - 1 },
  ),
  changedStore(
    'conditions are judged by the process’s clock',
    /with a beginning is|last instant/,
    (store) => ({
      async transition({ notBefore, ...transition }) {
        // By this computer's clock the fake one's times are long past.
        const early = notBefore !== undefined && Date.now() < notBefore
        return early ? store.transition({ ...transition, notBefore }) : store.transition(transition)
      },
    }),
  ),
  preparing(
    'a vote is kept without what had been asked when it was cast',
    /^I2: changing what was handed in/,
    ({ next, ...rest }) => ({
      ...rest,
      next: { ...next, votes: next.votes.map(({ escalated: _, ...vote }) => vote) },
    }),
  ),
  preparing(
    'grants never run out',
    /two uses lets two|used up lets no move|until it expires/,
    ({ useGrant: _, ...rest }) => rest,
  ),
  changedStore('a use of a grant is taken before the move is judged', /refused leaves nothing/, (store) => ({
    async transition({ useGrant, ...transition }) {
      const grant = useGrant === undefined ? null : await store.grants.get(useGrant)
      if (useGrant !== undefined && grant === null) return store.transition({ ...transition, useGrant })
      if (grant !== null) await putUse(store, grant)
      return store.transition(transition)
    },
  })),
  changedStore('the uses of a grant are counted after reading them', /two uses lets two/, (store) => ({
    async transition({ useGrant, ...transition }) {
      const grant = useGrant === undefined ? null : await store.grants.get(useGrant)
      if (useGrant !== undefined && !(grant && grant.usesLeft > 0))
        return store.transition({ ...transition, useGrant })
      if (grant !== null) await putUse(store, grant)
      return store.transition(transition)
    },
  })),
  changedStore(
    'a use of a grant can be written back',
    /cannot be written back|is put from the version/,
    (store) => ({
      grants: {
        ...store.grants,
        async put(grant, _, events) {
          const version = (await store.grants.get(grant.id))?.version ?? 0
          return store.grants.put({ ...grant, version: version + 1 }, version, events)
        },
      },
    }),
  ),
  preparing(
    'marks are lost',
    /takes all of it along|set again counts|until its time/,
    ({ mark: _, ...rest }) => rest,
  ),
  changedStore('a mark is set although the move was refused', /refused leaves nothing/, (store) => {
    const marks = new Map<string, Transition['mark']>()
    return {
      transition(transition) {
        if (transition.mark !== undefined) marks.set(transition.mark.key, transition.mark)
        return store.transition(transition)
      },
      counters: { ...store.counters, mark: async (key) => marks.get(key) ?? null },
    }
  }),
  changedStore(
    'a mark stays as it was set first, and for ever',
    /set again counts|until its time/,
    (store) => {
      const marks = new Map<string, Transition['mark']>()
      return {
        transition(transition) {
          const { mark } = transition
          if (mark !== undefined && !marks.has(mark.key)) marks.set(mark.key, mark)
          return store.transition(transition)
        },
        counters: { ...store.counters, mark: async (key) => marks.get(key) ?? null },
      }
    },
  ),
  changedStore('what is illegal is answered as applied', /any version but the next|leave a gap/, (store) => ({
    transition: (transition) =>
      Promise.resolve()
        .then(() => store.transition(transition))
        .catch(() => ({ applied: true, request: transition.next }) as const),
  })),
  changedStore(
    'what is illegal is answered as created',
    /begins with another version|never overwritten/,
    (store) => ({
      create: (request, events) =>
        Promise.resolve()
          .then(() => store.create(request, events))
          .catch(() => ({ created: true, request }) as const),
    }),
  ),
  changedStore(
    'an illegal move is made all the same, over the stored one',
    /any version but the next|leave a gap/,
    (store) => {
      const moved = new Map<string, Transition['next']>()
      return {
        async transition(transition) {
          const result = await Promise.resolve()
            .then(() => store.transition(transition))
            .catch(() => null)
          if (result !== null) return result
          moved.set(transition.next.id, transition.next)
          throw new Error('illegal')
        },
        get: async (id) => moved.get(id) ?? store.get(id),
      }
    },
  ),
  changedStore('what is finished cannot move', /can still be told/, (store) => ({
    async transition(transition) {
      const request = await store.get(transition.next.id)
      const open = request === null || ['pending', 'approved', 'executing'].includes(request.status)
      return open ? store.transition(transition) : { applied: false, reason: 'conflict', request }
    },
  })),
  changedStore(
    'a key that is taken is answered as created',
    /second request with the same key|of 50 requests|after its request was forgotten/,
    (store) => ({
      async create(request, events) {
        return { ...(await store.create(request, events)), created: true, request }
      },
    }),
  ),
  changedStore(
    'the holder of a key is answered as it was created',
    /stands now, not as it was created/,
    (store) => {
      const first = new Map<string, Transition['next']>()
      return {
        async create(request, events) {
          if (!first.has(request.key ?? '')) first.set(request.key ?? '', request)
          const result = await store.create(request, events)
          const holder = first.get(request.key ?? '')
          return result.created || result.request === null || holder === undefined
            ? result
            : { ...result, request: holder }
        },
      }
    },
  ),
  changedStore('keys are not found', /^a created request is found|leaving the tombstone/, () => ({
    getByKey: async () => null,
  })),
  changedStore('a forgotten key is free again', /after its request was forgotten/, (store) => ({
    async create(request, events) {
      const result = await store.create(request, events)
      return !result.created && result.request === null
        ? store.create({ ...request, key: null }, events)
        : result
    },
  })),
  changedStore(
    'it forgets whatever it is told to',
    /not finished is not forgotten|unpublished events is not forgotten/,
    (store) => {
      const gone = new Set<string>()
      return {
        forget: async (id) => Boolean(gone.add(id)),
        get: async (id) => (gone.has(id) ? null : store.get(id)),
      }
    },
  ),
  changedStore('it never forgets', /is forgotten with its events/, () => ({ forget: async () => false })),
]

function moving(
  flaw: string,
  caughtBy: RegExp,
  change: (result: TransitionResult, transition: Transition) => TransitionResult,
): BrokenStore {
  return changedStore(flaw, caughtBy, (store) => ({
    transition: async (transition) => change(await store.transition(transition), transition),
  }))
}

function preparing(
  flaw: string,
  caughtBy: RegExp,
  change: (transition: Transition) => Transition,
): BrokenStore {
  return changedStore(flaw, caughtBy, (store) => ({
    transition: (transition) => store.transition(change(transition)),
  }))
}

type Grant = Parameters<ApprovalStore['grants']['put']>[0]

async function putUse(store: ApprovalStore, grant: Grant): Promise<void> {
  await store.grants.put(
    { ...grant, version: grant.version + 1, usesLeft: grant.usesLeft - 1 },
    grant.version,
    [],
  )
}
