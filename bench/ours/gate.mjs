import { createGate, group, memoryAudit, when } from '@gatewright/core'

const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }

/**
 * The gate of our rows: in memory, without the flood limit, everything else as it is by default. `free.*` is allowed by
 * a rule; all else meets the default requirement, one of `ops`.
 *
 * @param {readonly import('@gatewright/core').Approver[]} approvers
 */
export function benchGate(approvers) {
  return createGate({
    agent: { id: 'bench', owner: null },
    approvers,
    audit: memoryAudit(),
    ephemeral: true,
    logger: quiet,
    policy: [when('free.*').allow()],
    rateLimit: false,
    reviewers: group('ops'),
  })
}

/** The function behind the gate: it does nothing, so that only the gate is measured. */
export async function work(args) {
  return args.id
}
