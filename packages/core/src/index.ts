// From the bottom up: what is alike stands together in the bundle, where it compresses best.

// The words that everything speaks.

export type * from './contracts'
export {
  ApprovalPendingError,
  ArgumentsInvalidError,
  ArgumentsUnsupportedError,
  type ErrorCode,
  type ErrorFields,
  GatewrightError,
  type NotApprovedCode,
  NotApprovedError,
  OptionError,
} from './errors'

// Values: their canonical form, digests and durations.

export { canonicalize } from './values/canonical'
export { commitmentOf } from './values/commitment'
export { sha256Hex } from './values/digest'
export { formatDuration, parseDuration } from './values/durations'
export { eventHash } from './values/event-hash'
export { checkOptions } from './values/options'
export type { SnapshotLimits } from './values/snapshot'
export { type VoteStatementFields, voteStatement } from './values/vote-statement'

// Who must approve what.

export {
  type AssuranceOptions,
  type EscalationOptions,
  parseRequirement,
  type RequirementOptions,
  type StageOptions,
} from './policy/requirement'
export {
  agent,
  anyOf,
  type GroupReviewers,
  group,
  type PersonOptions,
  person,
  type ReviewersOption,
  service,
} from './policy/reviewers'
export { type Predicate, type RequireOptions, type RuleBuilder, type RuleOptions, when } from './policy/when'

// What people are shown, and what they change.

export { type ShownArguments, shownArguments } from './present/editable'
export { type EditsBetween, editsBetween } from './present/edits-between'
export type { PersonalOptions } from './present/personal'
export { createRedactor, type RedactedText, type Redactor } from './present/redaction'
export { makeVisible, readVisible, type VisibleText } from './present/visible'

// The gate.

export type { CallContext, WaitMode } from './ambient'
export type { ApprovalDecorator } from './decorate'
export { type Action, defineAction } from './define-action'
export type { Answer, AskOptions } from './engine/ask'
export type { GateEvent, GateEvents } from './engine/gate-events'
export { createGate, type Gate } from './gate'
export type { GateOptions } from './gate-options'
export { isGated } from './guard-tools'
export { requireApproval, setDefaultGate, type WithGate } from './require-approval'
export { requiresApproval } from './requires-approval'
export { currentSession } from './session'
export type { ApprovalOptions, CallOptions, RequireApproval } from './wrap'

// What a gate in one process is made of.

export { checkCreation, checkTransition, illegalMove, isDecided, isFinished } from './memory/legality'
export { type MemoryAudit, type MemoryAuditOptions, memoryAudit } from './memory-audit'
export { type MemoryStoreOptions, memoryStore } from './memory-store'
export { type StaticDirectoryOptions, staticDirectory } from './static-directory'
export { systemClock } from './system-clock'
