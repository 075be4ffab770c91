import type { Effect, Operation } from '../evidence'
import { breaches, type Case, type Check } from './case'
import type { History } from './history'

/** What the log may say in the end of a request whose caller was told a code. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  ERR_APPROVAL_REJECTED: ['rejected'],
  ERR_APPROVAL_EXPIRED: ['expired'],
  ERR_APPROVAL_CANCELLED: ['cancelled'],
  ERR_APPROVAL_UNDELIVERABLE: ['undeliverable'],
  ERR_APPROVAL_LAPSED: ['lapsed'],
  ERR_APPROVAL_INVALIDATED: ['invalidated'],
  ERR_EXECUTION_FAILED: ['failed'],
  // Whether it could be recorded or not, nothing ran.
  ERR_EXECUTION_BLOCKED: ['blocked', 'unknown'],
  ERR_EXECUTION_UNKNOWN: ['unknown', 'executing'],
  ERR_ALREADY_EXECUTED: [
    'succeeded',
    'failed',
    'rejected',
    'expired',
    'cancelled',
    'undeliverable',
    'lapsed',
    'invalidated',
    'blocked',
    'unknown',
  ],
}

/** Codes after which the caller may be sure that this call of theirs ran nothing. */
const NOTHING_RAN = new Set([
  'ERR_APPROVAL_DENIED',
  'ERR_APPROVAL_REJECTED',
  'ERR_APPROVAL_EXPIRED',
  'ERR_APPROVAL_CANCELLED',
  'ERR_APPROVAL_UNDELIVERABLE',
  'ERR_APPROVAL_LAPSED',
  'ERR_APPROVAL_INVALIDATED',
  'ERR_APPROVAL_COOLING_DOWN',
  'ERR_RATE_LIMITED',
  'ERR_APPROVAL_PENDING',
  'ERR_EXECUTION_BLOCKED',
  'ERR_EXECUTION_FAILED',
  'ERR_ALREADY_EXECUTED',
  'ERR_KEY_CONFLICT',
  'ERR_GATE_SEALED',
  'ERR_GATE_CLOSED',
  'ERR_AUDIT_UNAVAILABLE',
  'ERR_STORE_UNAVAILABLE',
  'ERR_REQUEST_NOT_FOUND',
  'ERR_REQUEST_NOT_RESUMABLE',
  'ERR_TRANSITION_ILLEGAL',
])

/** I10: what callers were told is what the log says, word for word; and what the log calls blocked ran nothing. */
export const checkTold: Check = (of) => {
  const { found, expect } = breaches('I10')
  for (const { index, requestId } of of.evidence.effects)
    expect(
      of.histories.get(requestId ?? '')?.status !== 'blocked',
      requestId,
      `effect ${index} ran, and the log says that nothing did`,
    )
  for (const operation of of.evidence.operations) {
    const { answer, id } = operation
    if (answer === null || operation.kind === 'start' || operation.kind === 'close') continue
    if (answer.type === 'foreign')
      expect(
        couldNotStart(of, operation, answer.name),
        operation.requestId,
        `operation ${id} was told ${answer.name}`,
      )
    if (answer.type === 'result' || answer.type === 'thrown')
      expect(
        effectAgrees(of, operation),
        operation.requestId,
        `operation ${id} was told of an end that the log does not know`,
      )
    if (answer.type === 'error') {
      const problem = errorProblem(of, operation, answer)
      expect(problem === null, answer.requestId, `operation ${id} was told ${answer.code}: ${problem}`)
    }
  }
  return found
}

/** The one error that is nobody's own: an approver's, that kept the gate from starting. */
function couldNotStart({ evidence }: Case, { id }: Operation, name: string): boolean {
  return name.endsWith('.start failed') && !evidence.effects.some(({ operation }) => operation === id)
}

/** A result, or the function's own error, comes from an effect whose log does not say otherwise. */
function effectAgrees(of: Case, operation: Operation): boolean {
  const { answer } = operation
  if (operation.kind === 'cancel') return true
  const index = answer?.type === 'result' || answer?.type === 'thrown' ? answer.effect : null
  const effect = of.evidence.effects.find((one) => one.index === index)
  const history = of.histories.get(effect?.requestId ?? '')
  if (effect === undefined || history === undefined) return false
  if (operation.kind === 'resume' && effect.requestId !== operation.requestId) return false
  if (operation.kind === 'call' && effect.action !== operation.action) return false
  const word = answer?.type === 'result' ? 'succeeded' : 'failed'
  const own = effect.operation === operation.id
  if (history.status === word) return true
  // I7: an outcome that could not be recorded is the caller's all the same; and a late one stays late (T52).
  return (
    own &&
    (history.status === 'unknown'
      ? history.late === null || history.late.data.status === word
      : isUnfinished(history))
  )
}

function isUnfinished(history: History): boolean {
  return history.kind === 'direct' && history.outcome === null
}

function errorProblem(
  of: Case,
  operation: Operation,
  answer: Extract<Operation['answer'], { type: 'error' }>,
): string | null {
  const { code, requestId } = answer
  const history = of.histories.get(requestId ?? '')
  const ends = ENDS[code]
  // A log that holds a start and no outcome says itself that the outcome is unknown (I8).
  const status = history !== undefined && isUnfinished(history) ? 'unknown' : history?.status
  if (ends !== undefined && requestId !== null && !(status !== undefined && ends.includes(status)))
    return `the log says ${status}`
  if (
    code === 'ERR_EXECUTION_BLOCKED' &&
    of.evidence.effects.some((effect) => effect.requestId === requestId && requestId !== null)
  )
    return 'and it ran'
  const ran = of.evidence.effects.filter(
    (effect) => effect.operation === operation.id && belongs(of, effect, operation, history),
  )
  if (NOTHING_RAN.has(code) && ran.length > 0)
    return `"nothing was executed", and effect ${ran[0]?.index} was`
  if (code === 'ERR_APPROVAL_DENIED') return wasDenied(of, operation) ? null : 'no rule denied it'
  if (code === 'ERR_KEY_CONFLICT') return conflicts(of, operation) ? null : 'no other call has its key'
  if (code === 'ERR_APPROVAL_COOLING_DOWN')
    return wasRejected(of, operation) ? null : 'no equal call was rejected'
  return null
}

/** Orphans that a process runs while an operation starts it are not the operation's. */
function belongs(
  { evidence }: Case,
  effect: Effect,
  { action, kind, requestId }: Operation,
  told: History | undefined,
): boolean {
  // An equal call of a process that vanished may be such an orphan; a call that was told of a request knows its own.
  const orphans = evidence.policies[action ?? '']?.orphan === true && told !== undefined
  if (kind === 'call' && !orphans) return effect.action === action
  return effect.requestId === requestId || effect.requestId === told?.subject
}

function wasDenied({ evidence, logs }: Case, { action, digest }: Operation): boolean {
  const recorded = [...logs.chains.values()].some(
    ([first]) =>
      first?.type === 'call.denied' && first.data.action === action && first.data.argumentsDigest === digest,
  )
  return recorded && evidence.policies[action ?? '']?.effect === 'deny'
}

function conflicts({ evidence }: Case, { action, key, digest }: Operation): boolean {
  return evidence.operations.some(
    (other) => other.action === action && other.key === key && key !== null && other.digest !== digest,
  )
}

function wasRejected({ histories }: Case, { action, digest }: Operation): boolean {
  return [...histories.values()].some(
    (history) => history.action === action && history.proposed === digest && history.status === 'rejected',
  )
}
