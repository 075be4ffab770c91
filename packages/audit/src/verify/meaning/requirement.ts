import { listOf, numberOf, objectOf, personOf, textOf } from './facts'

/** A stage as an event states it. */
export interface StatedStage {
  readonly atLeast: number
  readonly reviewers: unknown
  readonly escalation: unknown
  readonly sso: boolean
  readonly maxAgeMs: number | null
  readonly acr: readonly unknown[] | null
}

/** A requirement as an event states it. */
export interface StatedRequirement {
  readonly stages: readonly StatedStage[]
  readonly withinMs: number
  readonly useWithinMs: number
  readonly grantable: boolean
  readonly noteFor: { readonly approve: boolean; readonly reject: boolean }
  /** The canonical text as it stood in the log. */
  readonly text: string
}

/** Requirements from an event; `null` when one of them could never have been asked: without stages, or met by nobody. */
export function requirementsOf(value: unknown): readonly StatedRequirement[] | null {
  if (!Array.isArray(value)) return null
  const read: StatedRequirement[] = []
  for (const one of value) {
    const requirement = requirementOf(one)
    if (requirement === null) return null
    read.push(requirement)
  }
  return read
}

function requirementOf(value: unknown): StatedRequirement | null {
  const { stages, withinMs, useWithinMs, grantable, noteFor } = objectOf(value)
  const within = numberOf(withinMs)
  const useWithin = numberOf(useWithinMs)
  const read = listOf(stages).map(stageOf)
  if (within === null || useWithin === null || read.length === 0) return null
  // A quorum of less than one person would be met by nobody's word.
  if (read.some(({ atLeast }) => !Number.isSafeInteger(atLeast) || atLeast < 1)) return null
  const notes = objectOf(noteFor)
  return {
    stages: read,
    withinMs: within,
    useWithinMs: useWithin,
    grantable: grantable === true,
    noteFor: { approve: notes.approve === true, reject: notes.reject === true },
    text: JSON.stringify(value),
  }
}

function stageOf(value: unknown): StatedStage {
  const { atLeast, reviewers, escalation, assurance } = objectOf(value)
  const { sso, maxAgeMs, acr } = objectOf(assurance)
  return {
    atLeast: numberOf(atLeast) ?? 0,
    reviewers,
    escalation: objectOf(escalation).reviewers ?? null,
    sso: sso === true,
    maxAgeMs: numberOf(maxAgeMs),
    acr: acr === undefined ? null : listOf(acr),
  }
}

/**
 * Whether a selector may name a person: `false` only when it surely does not. Who is in a group stands in no log, so a group
 * may name anybody.
 */
export function mayName(selector: unknown, person: string): boolean {
  const { type, of } = objectOf(selector)
  if (type === 'group') return true
  if (type === 'person') return personOf(selector) === person
  return type === 'anyOf' && listOf(of).some((one) => mayName(one, person))
}

/** How far the clock of an identity provider may be ahead. */
const SIGN_IN_SKEW_MS = 60_000

/** Whether an actor's sign-in meets what a stage asks, as far as can be told `slackMs` after the vote was judged. */
export function meetsAssurance(
  stage: StatedStage,
  actor: Readonly<Record<string, unknown>>,
  time: number,
  slackMs: number,
): boolean {
  const { method, authTime, acr } = objectOf(actor.assurance)
  if (stage.sso && method !== 'sso' && method !== 'token') return false
  if (stage.acr !== null && !stage.acr.includes(textOf(acr))) return false
  if (stage.maxAgeMs === null) return true
  const signedIn = numberOf(authTime)
  if (signedIn === null) return false
  return signedIn - time <= SIGN_IN_SKEW_MS + slackMs && time - signedIn <= stage.maxAgeMs + slackMs
}
