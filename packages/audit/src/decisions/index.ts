export type { Decision, DecisionGrant, NamedPerson } from './decision'
export { type DecisionException, EXCEPTIONS, type ExceptionCode, type ExceptionSeverity } from './exceptions'
export { COMMITTED } from './read-data'
export { type DecisionReading, readDecisions } from './read-decisions'
