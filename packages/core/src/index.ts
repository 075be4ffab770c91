export type { CallContext, WaitMode } from './ambient'
export type * from './contracts'
export type { ApprovalDecorator } from './decorate'
export { type Action, defineAction } from './define-action'
export type { Answer, AskOptions } from './engine/ask'
export type { GateEvent, GateEvents } from './engine/gate-events'
export type { RequestStatistics, StatisticsOptions } from './engine/statistics'
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
export { createGate, type Gate } from './gate'
export type { GateOptions } from './gate-options'
export { isGated } from './guard-tools'
export { checkCreation, checkTransition, illegalMove, isDecided, isFinished } from './memory/legality'
export { type MemoryAudit, type MemoryAuditOptions, memoryAudit } from './memory-audit'
export { type MemoryStoreOptions, memoryStore } from './memory-store'
export type { GrantOptions } from './policy/grants'
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
export { type ShownArguments, shownArguments } from './present/editable'
export { type EditsBetween, editsBetween } from './present/edits-between'
export type { PersonalOptions } from './present/personal'
export { createRedactor, type RedactedText, type Redactor } from './present/redaction'
export { makeVisible, readVisible, type VisibleText } from './present/visible'
export { requireApproval, setDefaultGate, type WithGate } from './require-approval'
export { requiresApproval } from './requires-approval'
export { currentSession } from './session'
export { type StaticDirectoryOptions, staticDirectory } from './static-directory'
export { systemClock } from './system-clock'
export { canonicalize } from './values/canonical'
export { commitmentOf } from './values/commitment'
export { sha256Hex } from './values/digest'
export { formatDuration, parseDuration } from './values/durations'
export { eventHash } from './values/event-hash'
export { checkOptions } from './values/options'
export type { SnapshotLimits } from './values/snapshot'
export { type VoteStatementFields, voteStatement } from './values/vote-statement'
export type { ApprovalOptions, CallOptions, RequireApproval } from './wrap'
