import { createGate, group, when } from '@gatewright/core'
import { mockApprover } from '@gatewright/testing'

/** A gate that lets no tool run: what did run came past it. */
export const denyingGate = createGate({
  agent: { id: 'bot', owner: null },
  approvers: [mockApprover()],
  reviewers: group('ops'),
  policy: [when('tool.*').deny('nobody may')],
  ephemeral: true,
})
