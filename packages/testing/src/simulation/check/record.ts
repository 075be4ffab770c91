import type { Violation } from '../evidence'
import { canonicalText } from './canonical'
import { breaches, type Case, type Check } from './case'
import { statedText } from './commitments'
import type { History } from './history'

/** I3: one effect for each request, one request for each attempt under a key, and a new attempt only after a failure. */
export const checkOnce: Check = (of) => {
  const { found, expect } = breaches('I3')
  const ran = new Map<string, number>()
  for (const { requestId, index } of of.evidence.effects) {
    if (requestId === null) continue
    const first = ran.get(requestId)
    expect(first === undefined, requestId, `it ran twice: effects ${first} and ${index}`)
    ran.set(requestId, index)
  }
  const attempts = new Map<string, string>()
  for (const history of of.histories.values()) {
    const key = keyOf(of, history)
    if (key !== null) {
      const attempt = `${history.action} ${key} ${history.attempt}`
      const other = attempts.get(attempt)
      expect(
        other === undefined,
        history.subject,
        `attempt ${history.attempt} under key ${key} is also ${other}`,
      )
      attempts.set(attempt, history.subject)
    }
    if (history.attempt === 1) continue
    const earlier = history.retryOf === null ? undefined : of.histories.get(history.retryOf)
    expect(
      earlier?.status === 'failed',
      history.subject,
      `it is attempt ${history.attempt}, and the one before is ${earlier?.status}`,
    )
    expect(
      earlier?.attempt === history.attempt - 1,
      history.subject,
      'its attempt does not follow the one before',
    )
  }
  return found
}

/** The key under which a request was opened: arguments name their call. */
function keyOf({ evidence }: Case, { kind, proposed }: History): string | null {
  if (kind === 'direct') return null
  const operation = evidence.operations.find(
    ({ digest, kind: what }) => what === 'call' && digest === proposed,
  )
  return operation?.key ?? null
}

/** I7: a start and all before it is durable in the runner's own log before its effect; what was recorded is published. */
export const checkPublished: Check = (of) => {
  const { found, expect } = breaches('I7')
  for (const effect of of.evidence.effects) {
    const history = of.histories.get(effect.requestId ?? '')
    const log = of.evidence.lives.find(({ name }) => name === effect.life)?.logId
    const durableAt = of.logs.durableAt.get(log ?? '')
    if (history?.started == null || durableAt === undefined) continue
    for (const event of history.events) {
      if (event.seq > history.started.seq) break
      const at = durableAt.get(event.id)
      expect(
        at !== undefined && at < effect.step,
        history.subject,
        `effect ${effect.index} ran before ${event.type} was in its own log`,
      )
    }
  }
  for (const event of of.evidence.unpublished)
    expect(false, event.subject, `${event.type} was recorded, and is in no log`)
  found.push(...emittedProblems(of), ...sealProblems(of))
  return found
}

function emittedProblems({ evidence, logs }: Case): readonly Violation[] {
  const { found, expect } = breaches('I7')
  for (const event of evidence.emitted) {
    const logged = logs.chains.get(event.subject)?.[event.seq - 1]
    if (logged === undefined) {
      expect(false, event.subject, `listeners heard of ${event.type}, and it is in no log`)
      continue
    }
    expect(
      statedText(logged) === canonicalText(event),
      event.subject,
      `listeners heard of another ${event.type} than is in the log`,
    )
  }
  return found
}

/** After a seal, and after a close, nothing runs any more. */
function sealProblems({ evidence }: Case): readonly Violation[] {
  const { found, expect } = breaches('I7')
  for (const { life, step, index, requestId } of evidence.effects) {
    const record = evidence.lives.find(({ name }) => name === life)
    for (const [what, at] of [
      ['sealed', record?.sealedStep],
      ['closed', record?.closedStep],
      ['dead', record?.crashedStep],
    ] as const) {
      expect(at == null || step <= at, requestId, `effect ${index} ran in a process that was ${what}`)
    }
  }
  return found
}

/** I8: what anyone was told of exists; what started has one outcome; whoever waited was answered. */
export const checkNothingLost: Check = (of) => {
  const { found, expect } = breaches('I8')
  if (!expect(of.evidence.atRest, null, 'the world does not come to rest')) return found
  for (const { answer, id } of of.evidence.operations) {
    const told = answer?.type === 'error' ? answer.requestId : null
    if (told === null || answer?.type !== 'error' || answer.code === 'ERR_REQUEST_NOT_FOUND') continue
    expect(of.histories.has(told), told, `operation ${id} was told of a request that is in no log`)
  }
  for (const { receipt, requestId, actor, decision } of of.evidence.casts) {
    if (receipt?.status !== 'counted') continue
    const voter = `${actor.issuer} ${actor.subject}`
    const votes = of.histories.get(requestId)?.votes ?? []
    expect(
      votes.some((vote) => vote.actor === voter && vote.decision === decision),
      requestId,
      `the vote of ${voter} was acknowledged, and is in no log`,
    )
  }
  for (const history of of.histories.values()) {
    const { subject, kind, status } = history
    if (kind === 'request')
      expect(
        !['pending', 'approved', 'executing'].includes(status),
        subject,
        `all came to rest, and it is still ${status}`,
      )
    if (kind === 'direct' && history.outcome === null)
      expect(mayBeCutOff(of, history), subject, 'it started, and its outcome is in no log')
  }
  for (const { id, kind, life, answer } of of.evidence.operations) {
    const record = of.evidence.lives.find(({ name }) => name === life)
    expect(
      answer !== null || record?.crashedStep != null,
      null,
      `operation ${id} (${kind}) was never answered`,
    )
  }
  return found
}

/**
 * An allowed call has a start and no outcome where its process died or could not publish it (and then sealed itself, or was
 * closing already): the log itself reports it unknown. So it does of a start that became durable only after its caller had
 * been told that it could not be recorded; then nothing ran.
 */
function mayBeCutOff({ evidence }: Case, { subject }: History): boolean {
  const effect = evidence.effects.find(({ requestId }) => requestId === subject)
  const life = evidence.lives.find(({ name }) => name === effect?.life)
  return (
    effect === undefined || life?.crashedStep != null || life?.sealedStep != null || life?.closedStep != null
  )
}
