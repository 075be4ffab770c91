import type { AssuranceRequirement, Requirement, ReviewerSelector, Stage } from '../contracts/policy'
import { isObject, isText } from '../values/checks'
import { deepFreeze } from '../values/deep-freeze'
import { isParsed, requirementHash } from './requirement'

/** Equal requirements that policies build anew for each call become one object, so that records can be shared. */
const INTERNED = 1_000
const interned = new Map<string, Requirement>()

/**
 * A requirement that a policy answered with, checked and frozen; `null` when it is malformed. What the policy holds is
 * copied: changing it later changes no request (T07).
 */
export function adoptRequirement(value: unknown): Requirement | null {
  if (typeof value !== 'object' || value === null) return null
  if (isParsed(value as Requirement)) return value as Requirement
  // Copied before it is checked: what is judged is what is kept.
  const copy: unknown = structuredClone(value)
  if (!isRequirement(copy)) return null
  const hash = requirementHash(deepFreeze(copy))
  const known = interned.get(hash)
  if (known !== undefined) return known
  if (interned.size >= INTERNED) interned.clear()
  interned.set(hash, copy)
  return copy
}

type Check = (value: unknown) => boolean

/** Whether a value has exactly these fields, each as it must be. T40: a misspelt field is no requirement. */
function hasExactly(value: unknown, fields: Readonly<Record<string, Check>>): boolean {
  return (
    isObject(value) &&
    Object.keys(value).every((field) => Object.hasOwn(fields, field)) &&
    Object.entries(fields).every(([field, check]) => check(value[field]))
  )
}

const isBoolean: Check = (value) => typeof value === 'boolean'
const isWhole: Check = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 1
const isSpan: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value > 0
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.every(check)

function isSelector(value: unknown): value is ReviewerSelector {
  return SELECTORS.some((fields) => hasExactly(value, fields))
}

const SELECTORS: readonly Readonly<Record<string, Check>>[] = [
  { type: (type) => type === 'group', name: isText },
  { type: (type) => type === 'person', issuer: isText, subject: isText },
  { type: (type) => type === 'anyOf', of: listOf(isSelector) },
]

function isAssurance(value: unknown): value is AssuranceRequirement {
  return hasExactly(value, {
    sso: optional(isBoolean),
    maxAgeMs: optional(isSpan),
    acr: optional(listOf(isText)),
  })
}

function isEscalation(value: unknown): boolean {
  return hasExactly(value, { afterMs: isSpan, reviewers: isSelector })
}

function isStage(value: unknown): value is Stage {
  return hasExactly(value, {
    name: isText,
    reviewers: isSelector,
    atLeast: isWhole,
    assurance: orNull(isAssurance),
    escalation: orNull(isEscalation),
  })
}

function isRequirement(value: unknown): value is Requirement {
  return hasExactly(value, {
    id: isText,
    version: isWhole,
    stages: listOf(isStage),
    withinMs: isSpan,
    useWithinMs: isSpan,
    remindEveryMs: orNull(isSpan),
    noteFor: (noteFor) => hasExactly(noteFor, { approve: isBoolean, reject: isBoolean }),
    grantable: isBoolean,
  })
}
