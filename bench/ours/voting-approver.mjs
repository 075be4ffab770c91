import { person } from '@gatewright/core'

const ID = 26
const DIGEST = 64
const reviewer = person('bench', 'reviewer', { groups: ['ops'] })

/**
 * An approver that says nothing until it is told to approve everything it was shown. What it must remember of each
 * document lies in bytes that are taken beforehand, so that none of it counts as a request's memory.
 *
 * @param {number} capacity how many documents it can remember
 */
export function votingApprover(capacity) {
  const memory = Buffer.alloc(capacity * (ID + DIGEST))
  let shown = 0
  let host = null

  function voteOn(index) {
    const at = index * (ID + DIGEST)
    const requestId = memory.toString('latin1', at, at + ID)
    const digest = memory.toString('latin1', at + ID, at + ID + DIGEST)
    return host.vote({ requestId, digest, decision: 'approve', actor: reviewer })
  }

  return {
    name: 'voting',
    get shown() {
      return shown
    },
    async start(given) {
      host = given
    },
    async deliver({ requestId, digest }) {
      if (requestId.length !== ID || digest.length !== DIGEST)
        throw new Error('ids or digests changed their length')
      memory.write(requestId, shown * (ID + DIGEST), 'latin1')
      memory.write(digest, shown * (ID + DIGEST) + ID, 'latin1')
      shown += 1
      return {}
    },
    /** Resolves with how many votes were counted. */
    async approveAll() {
      const receipts = await Promise.all(Array.from({ length: shown }, (_, index) => voteOn(index)))
      shown = 0
      return receipts.filter(({ status }) => status === 'counted').length
    },
  }
}
