import type { ApprovalRequest } from '../contracts/request'
import type { Engine } from './engine'

/**
 * Groups what reviewers see: of equal waiting requests one has a message, and the others wait behind it. Only the view is
 * grouped; each request needs its own votes (T30, T45).
 */
export interface Folding {
  /** Whether an equal request has a message already; this one then waits behind it. */
  follow(request: ApprovalRequest): boolean
  /** Whether it waits behind an equal one, whose message stands for it. */
  isBehind(request: ApprovalRequest): boolean
  /** How many wait behind it. */
  behind(request: ApprovalRequest): number
  /** It waits no more: the next of its group gets a message of its own. */
  left(request: ApprovalRequest): void
}

/** Makes the grouping of one gate. Kept in memory: after a restart every request gets its own message. */
export function createFolding(engine: () => Engine, ask: (request: ApprovalRequest) => void): Folding {
  /** Waiting requests by arguments, each group in order; the first of a group has the message. */
  const waiting = new Map<string, ApprovalRequest[]>()

  function groupOf(request: ApprovalRequest): readonly ApprovalRequest[] {
    return (waiting.get(request.argumentsDigest) ?? []).filter((other) => looksEqual(request, other))
  }

  async function promote(id: string): Promise<void> {
    try {
      const request = await engine().store.get(id)
      if (request?.status === 'pending') ask(request)
      else if (request !== null) left(request)
    } catch (error) {
      engine().logger.warn(`request ${id} could not be shown yet`, { error })
    }
  }

  function left(request: ApprovalRequest): void {
    const all = waiting.get(request.argumentsDigest)
    const index = all?.findIndex(({ id }) => id === request.id) ?? -1
    if (all === undefined || index === -1) return
    const wasFirst = groupOf(request)[0]?.id === request.id
    all.splice(index, 1)
    if (all.length === 0) waiting.delete(request.argumentsDigest)
    const next = groupOf(request)[0]
    if (wasFirst && next !== undefined) void promote(next.id)
  }

  return {
    follow(request) {
      if (!engine().settings.coalesce) return false
      const first = groupOf(request)[0]
      const all = waiting.get(request.argumentsDigest)
      if (all === undefined) waiting.set(request.argumentsDigest, [request])
      else all.push(request)
      if (first === undefined) return false
      engine().deliveries.hint([first.id])
      return true
    },
    isBehind(request) {
      const group = groupOf(request)
      return group[0]?.id !== request.id && group.some(({ id }) => id === request.id)
    },
    behind: (request) => Math.max(0, groupOf(request).length - 1),
    left,
  }
}

/** Equal for those who look: same requester, action, arguments, rules and person acted for. */
function looksEqual(one: ApprovalRequest, other: ApprovalRequest): boolean {
  return (
    one.requester.id === other.requester.id &&
    one.action === other.action &&
    one.argumentsDigest === other.argumentsDigest &&
    one.policy.hash === other.policy.hash &&
    one.onBehalfOf?.subject === other.onBehalfOf?.subject
  )
}
