import { type Approver, createGate, type Gate, group, setDefaultGate, when } from '@gatewright/core'

/** Small sums are given back at once; all else waits for somebody of support. Call it where the program starts. */
export function openRefundGate(approvers: readonly Approver[]): Gate {
  const gate = createGate({
    agent: { id: 'support-desk', owner: null },
    approvers,
    reviewers: group('support'),
    policy: [
      when('order.refund')
        .if(({ args }) => Number(args['cents']) <= 1_000)
        .allow(),
    ],
    ephemeral: true, // for real: `createGate` of gatewright, which keeps requests and a signed log
  })
  // Decorated classes are loaded before any gate exists: each call finds this one.
  setDefaultGate(gate)
  return gate
}
