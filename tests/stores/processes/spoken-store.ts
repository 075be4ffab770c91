import type { ApprovalRequest, ApprovalStore } from '@gatewright/core'

/** Steps of a call that are told before the store makes them and after it has: `claiming <id>`, `claimed <id>`. */
const STEPS: Partial<Record<ApprovalRequest['status'], readonly [before: string, after: string]>> = {
  executing: ['claiming', 'claimed'],
  succeeded: ['recording', 'recorded'],
}

/**
 * A store that says what it is asked for and what it has acknowledged. `onWaiting` gets the requests that callers of this
 * process wait for inline: `getMany` is asked for those and for nothing else.
 */
export function spokenStore(
  store: ApprovalStore,
  say: (line: string) => void,
  onWaiting: (requests: readonly ApprovalRequest[]) => void,
): ApprovalStore {
  return {
    ...store,
    async create(request, events) {
      say(`asking ${request.id}`)
      const result = await store.create(request, events)
      if (result.created) say(`asked ${request.id}`)
      return result
    },
    async transition(transition) {
      const { id, status } = transition.next
      const [before, after] = STEPS[status] ?? []
      if (before !== undefined) say(`${before} ${id}`)
      const result = await store.transition(transition)
      if (after !== undefined && result.applied) say(`${after} ${id}`)
      return result
    },
    async getMany(ids) {
      const requests = await store.getMany(ids)
      onWaiting(requests.filter(({ status }) => status === 'pending'))
      return requests
    },
  }
}
