import { listOf, numberOf, objectOf } from '../verify/meaning/facts'
import type { DecisionRule, NamedPerson } from './decision'

/** What is read in the place of a value that the log only commits to. */
export const COMMITTED = '(committed)'

/** A text of an event; {@link COMMITTED} where an object stands in its place; `null` for anything else. */
export function shownText(value: unknown): string | null {
  if (typeof value === 'string') return value
  return isCommitment(value) ? COMMITTED : null
}

function isCommitment(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Somebody whom an event names; `null` when it names nobody. */
export function namedPerson(value: unknown): NamedPerson | null {
  if (!isCommitment(value)) return null
  const { assurance, issuer, name, subject, type } = objectOf(value)
  const { acr, authTime, method } = objectOf(assurance)
  const whole = typeof issuer === 'string' && typeof subject === 'string'
  return {
    name: shownText(name),
    issuer: shownText(issuer) ?? COMMITTED,
    subject: shownText(subject) ?? COMMITTED,
    type: shownText(type),
    method: shownText(method),
    acr: shownText(acr),
    signedInAt: numberOf(authTime),
    key: whole ? JSON.stringify([issuer, subject]) : null,
  }
}

/** Name and identity of somebody, in one line. */
export function personText(person: NamedPerson | null): string {
  if (person === null) return 'somebody'
  const identity = `${person.subject} at ${person.issuer}`
  return person.name === null ? identity : `${person.name} (${identity})`
}

/** `[JSON Pointer, text]` for each leaf of the arguments. */
export function argumentLeaves(value: unknown): readonly (readonly [string, string])[] {
  if (isCommitment(value)) return [['', COMMITTED]]
  return listOf(value).map((leaf) => {
    const [path, text] = listOf(leaf)
    return Array.isArray(leaf) ? [shownText(path) ?? '', shownText(text) ?? ''] : ['', shownText(leaf) ?? '']
  })
}

/** `[JSON Pointer, before, after]` for each change of an edit. */
export function editLeaves(value: unknown): readonly (readonly [string, string, string])[] {
  return listOf(value).map((change) => {
    const { after, before, path } = objectOf(change)
    return [shownText(path) ?? '', shownText(before) ?? '(nothing)', shownText(after) ?? '(nothing)']
  })
}

/** What rules said. */
export function statedRules(value: unknown): readonly DecisionRule[] {
  return listOf(value).map((rule) => {
    const { effect, failed, id, reason, version } = objectOf(rule)
    return {
      id: shownText(id) ?? '',
      version: numberOf(version),
      effect: shownText(effect) ?? '',
      failed: failed === true,
      reason: shownText(reason),
    }
  })
}

/** The stages of all requirements in words, and how many distinct people they ask for. */
export function statedQuorum(value: unknown): {
  readonly required: number
  readonly stages: readonly string[]
} {
  let required = 0
  const stages: string[] = []
  for (const requirement of listOf(value)) {
    let people = 0
    for (const stage of listOf(objectOf(requirement).stages)) {
      const { atLeast, name, reviewers } = objectOf(stage)
      people += numberOf(atLeast) ?? 0
      const label = shownText(name)
      stages.push(
        `${label === null || label === '' ? '' : `${label}: `}${numberOf(atLeast) ?? '?'} of ${selectorText(reviewers)}`,
      )
    }
    // One person may count in several requirements, and in one stage of each.
    required = Math.max(required, people)
  }
  return { required, stages }
}

const MOST_NESTED = 8

function selectorText(value: unknown, depth = 0): string {
  const { issuer, name, of, subject, type } = objectOf(value)
  if (type === 'group') return `group ${shownText(name) ?? '?'}`
  if (type === 'person') return `${shownText(subject) ?? '?'} at ${shownText(issuer) ?? '?'}`
  if (type === 'anyOf' && depth < MOST_NESTED)
    return listOf(of)
      .map((one) => selectorText(one, depth + 1))
      .join(' or ')
  return 'reviewers of an unknown kind'
}
