export type {
  Decision,
  DecisionCredential,
  DecisionGrant,
  DecisionKind,
  DecisionPlace,
  DecisionRule,
  DecisionVote,
  Execution,
  NamedPerson,
  OutcomeStatus,
  Quorum,
  Resolution,
} from './decision'
export { type DecisionException, EXCEPTIONS, type ExceptionCode, type ExceptionSeverity } from './exceptions'
export { COMMITTED } from './read-data'
export { type DecisionLog, type DecisionReading, readDecisions } from './read-decisions'
