import type { Json, JsonObject } from '@gatewright/core'

/** Somebody that an event names. A member is `null` when the event does not say it. */
export interface FactPerson {
  readonly issuer: string | null
  readonly subject: string | null
  readonly name: string | null
  /** `human`, `agent` or `service`. */
  readonly type: string | null
  /** How the transport came to know who it is, as `sso`. */
  readonly method: string | null
}

/** The person that a member names, if it names one. */
export function personOf(value: Json | undefined): FactPerson | null {
  const person = objectOf(value)
  if (person === null) return null
  const method = textOf(objectOf(person.assurance)?.method)
  const { issuer, name, subject, type } = person
  if (issuer === undefined && subject === undefined) return null
  return {
    issuer: textOf(issuer),
    subject: textOf(subject),
    name: textOf(name),
    type: textOf(type),
    method,
  }
}

/** A member as text: what is no text is given as JSON, `null` and what is absent as `null`. */
export function textOf(value: Json | undefined): string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The value, if it is an object. */
export function objectOf(value: Json | undefined): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}
