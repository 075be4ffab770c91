import type { AuditEvent } from '@gatewright/core'
import { check } from './check'
import type { Evidence, Violation } from './evidence'
import { forge, linesOf } from './forge'
import { simulate } from './simulate'

/** Runs in which all went well, to forge evidence from. */
export async function goodRuns(count: number): Promise<readonly Evidence[]> {
  const runs: Evidence[] = []
  for (let seed = 1; runs.length < count; seed += 1) {
    const { evidence, violations } = await simulate({
      seed,
      processes: 1 + (seed % 3),
      faults: { crash: 0, stuckFunctions: 0 },
    })
    if (violations.length > 0) throw new Error(`seed ${seed} is no good run`)
    if (evidence.effects.length > 1) runs.push(evidence)
  }
  return runs
}

/** What somebody makes of evidence; `null` where it holds nothing to make it of. */
export type Forgery = (evidence: Evidence) => Evidence | null

/** Forges the first run that has what it takes, and gives the promises that the checker then says are broken. */
export function promisesBroken(runs: readonly Evidence[], forgery: Forgery): readonly Violation['promise'][] {
  for (const evidence of runs) {
    const forged = forgery(evidence)
    if (forged !== null) return [...new Set(check(forged).map(({ promise }) => promise))]
  }
  throw new Error('no run has what this forgery needs')
}

/**
 * The request behind the first effect that ran on votes. Not one that was edited: votes and requirements from before an edit
 * count for nothing, and forging those breaks no promise.
 */
export function votedRequest(
  evidence: Evidence,
  isOne = (action: string): boolean => action.startsWith('ops.'),
): string | null {
  const lines = Object.values(linesOf(evidence)).flat()
  const edited = new Set(
    lines.flatMap(({ event }) => (event.type === 'request.edited' ? [event.subject] : [])),
  )
  const found = evidence.effects.find(
    ({ action, requestId }) => isOne(action) && requestId !== null && !edited.has(requestId),
  )
  return found?.requestId ?? null
}

/** Changes the first event of a type of a voted request. */
export function forgeVoted(
  type: string,
  change: (event: AuditEvent, evidence: Evidence) => AuditEvent | readonly AuditEvent[],
) {
  return (evidence: Evidence): Evidence | null => {
    const subject = votedRequest(evidence)
    if (subject === null) return null
    const lines = Object.values(linesOf(evidence)).flat()
    const target = lines.find(({ event }) => event.subject === subject && event.type === type)?.event
    if (target === undefined) return null
    return forge(evidence, (event) => (event.id === target.id ? change(event, evidence) : event))
  }
}

/** The event with other data. */
export const withData = (event: AuditEvent, data: Record<string, unknown>): AuditEvent =>
  ({ ...event, data: { ...event.data, ...data } }) as AuditEvent

/** A digest of nothing. */
export const OTHER_DIGEST = '0'.repeat(64)
