import type { AuditEvent } from '@gatewright/core'

/** Reads the data of an event that came from bytes. Each gives `null`, or an empty list, where there is nothing of that kind. */
export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
export const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null)
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}

/** `issuer subject` of a person or an actor in an event. */
export function personOf(value: unknown): string | null {
  const { issuer, subject } = objectOf(value)
  return typeof issuer === 'string' && typeof subject === 'string' ? `${issuer} ${subject}` : null
}

/** A stage as an event states it. */
export interface StageFact {
  readonly atLeast: number
  readonly reviewers: unknown
  readonly escalation: unknown
}

/** The requirements that an event states, as lists of stages. */
export function requirementsOf(value: unknown): readonly (readonly StageFact[])[] {
  return listOf(value).map((requirement) =>
    listOf(objectOf(requirement).stages).map((stage) => {
      const { atLeast, reviewers, escalation } = objectOf(stage)
      return {
        atLeast: numberOf(atLeast) ?? Number.NaN,
        reviewers,
        escalation: objectOf(escalation).reviewers ?? null,
      }
    }),
  )
}

/** Whether a selector names somebody with these groups. */
export function names(selector: unknown, person: string, groups: readonly string[]): boolean {
  const { type, name, of } = objectOf(selector)
  if (type === 'group') return typeof name === 'string' && groups.includes(name)
  if (type === 'person') return personOf(selector) === person
  return type === 'anyOf' && listOf(of).some((one) => names(one, person, groups))
}

/** A vote as the log tells it. */
export interface VoteFact {
  readonly id: string
  readonly subject: string
  readonly seq: number
  readonly time: number
  readonly decision: string
  /** `issuer subject` of the canonical person, as the log says. */
  readonly person: string | null
  /** The same of the identity that voted. */
  readonly actor: string | null
  readonly actorType: string | null
  readonly digest: string | null
  readonly reviewDigest: string | null
  readonly edited: boolean
  readonly stages: readonly (readonly [number, number])[]
}

/** Reads a `request.vote-cast` event. */
export function voteOf({ data, seq, subject, time }: AuditEvent): VoteFact {
  const pairs = listOf(data.countsIn).map((pair) => listOf(pair))
  return {
    id: textOf(data.voteId) ?? '',
    subject,
    seq,
    time,
    decision: textOf(data.decision) ?? '',
    person: personOf(data.person),
    actor: personOf(data.actor),
    actorType: textOf(objectOf(data.actor).type),
    digest: textOf(data.argumentsDigest),
    reviewDigest: textOf(data.reviewDigest),
    edited: data.changes !== null,
    stages: pairs.map(
      ([requirement, stage]) => [numberOf(requirement) ?? -1, numberOf(stage) ?? -1] as const,
    ),
  }
}
