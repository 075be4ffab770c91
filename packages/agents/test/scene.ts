import {
  type ApprovalRequest,
  createGate,
  type Gate,
  group,
  type Principal,
  type VoteReceipt,
  when,
} from '@gatewright/core'
import { type FakeClock, mockApprover, recordingAudit } from '@gatewright/testing'

/** A reviewer. */
export const rita: Principal = {
  type: 'human',
  issuer: 'https://idp.test',
  subject: 'rita',
  name: 'Rita',
  groups: ['ops'],
  assurance: { method: 'sso' },
}

/** A gate whose people vote by hand. */
export function scene({
  allow = false,
  onBehalfOf = null,
  clock,
}: {
  allow?: boolean
  onBehalfOf?: Principal | null
  clock?: FakeClock
} = {}) {
  const audit = recordingAudit()
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [mockApprover({ otherwise: 'ignore' })],
    reviewers: group('ops'),
    onBehalfOf: () => onBehalfOf,
    ...(allow ? { policy: [when('tool.*').allow()] } : {}),
    ...(clock ? { clock } : {}),
    audit,
    coolDown: 0,
    ephemeral: true,
  })
  const pending = async () => (await gate.requests.list({ status: ['pending'] })).requests
  return { gate, audit, pending, only: () => only(gate), approve: (id: string) => vote(gate, id, 'approve') }
}

/** The only request that waits, once there is one. */
async function only(gate: Gate): Promise<ApprovalRequest> {
  for (let turn = 0; turn < 10_000; turn += 1) {
    const { requests } = await gate.requests.list({ status: ['pending'] })
    if (requests[0] !== undefined) return requests[0]
    await new Promise(setImmediate)
  }
  throw new Error('nobody was asked')
}

/** Rita votes on what stands. */
export async function vote(gate: Gate, requestId: string, decision: 'approve' | 'reject'): Promise<void> {
  const review = await gate.requests.review(requestId)
  if (review === null) throw new Error('there is no such request')
  const receipt = await gate.vote({
    requestId,
    decision,
    digest: review.digest,
    actor: rita,
    note: 'because',
  })
  if (receipt.status !== 'counted') throw new Error(receipt.message)
}

/** Rita approves, with another `id`. */
export async function edit(gate: Gate, requestId: string, value: unknown): Promise<VoteReceipt> {
  const review = await gate.requests.review(requestId)
  const edits = [{ path: '/id', value: value as string }]
  return gate.vote({ requestId, decision: 'approve', digest: review?.digest ?? '', actor: rita, edits })
}
