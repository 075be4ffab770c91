export { type CrashablePoints, type CrashPoints, crashPoints } from './crash-points'
export { type FailingAuditOptions, type FailingStoreOptions, failingAudit, failingStore } from './failing'
export { type FakeClock, type FakeClockOptions, fakeClock } from './fake-clock'
export { type MemoryDisk, memoryDisk } from './memory-disk'
export {
  type MockApprover,
  type MockApproverOptions,
  type MockDelivery,
  type MockVote,
  mockApprover,
  type VoteOptions,
} from './mock-approver'
export type { ArgumentsEdit, DecisionOptions, RequestMatch } from './mock-approver-rules'
export { type RecordingAudit, recordingAudit } from './recording-audit'
export {
  createSample,
  sampleDelivery,
  sampleEvent,
  sampleGrant,
  sampleLease,
  sampleMove,
  sampleRequest,
  sampleReviewer,
  sampleVote,
} from './samples'
export { type SerialisingStoreOptions, serialisingStore } from './serialising-store'
export { hangingAudit, slowAudit, slowStore } from './slow'
