export { describeApprover } from './approver'
export type { ApproverCapability, ApproverHarness, ApproverSeat } from './approver-harness'
export { describePolicy } from './policy'
export type { PolicyHarness } from './policy-cases'
