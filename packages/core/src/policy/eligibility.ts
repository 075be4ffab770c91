import type { AssuranceRequirement, ReviewerSelector } from '../contracts/policy'
import type { Assurance, CanonicalPerson, PersonRef } from '../contracts/principal'

/** Whether two references name one person: issuer and subject, and nothing else (T21). */
export function samePerson(a: PersonRef, b: PersonRef): boolean {
  return a.subject === b.subject && a.issuer === b.issuer
}

/** Whether one person is among others. */
export function isAmong(person: PersonRef, others: readonly PersonRef[]): boolean {
  return others.some((other) => samePerson(other, person))
}

/** A text that is equal for equal people, and different for different ones: the issuer's length keeps the parts apart. */
export function personKey({ issuer, subject }: PersonRef): string {
  return `${issuer.length}:${issuer}${subject}`
}

/**
 * Whether a canonical person is among those a selector names. Group names are compared exactly.
 * Says nothing of self-approval (I4): that is compared apart, so that no selector can allow it.
 */
export function matches(selector: ReviewerSelector, person: CanonicalPerson): boolean {
  switch (selector.type) {
    case 'group':
      return person.groups.includes(selector.name)
    case 'person':
      return samePerson(selector, person)
    case 'anyOf':
      return selector.of.some((one) => matches(one, person))
    default:
      // A selector of a kind not known here names nobody.
      return false
  }
}

/** How far the identity provider's clock may be ahead of the store's, in milliseconds (T49). */
const CLOCK_SKEW_MS = 60_000

/**
 * Why an assurance is too weak, in words for the reviewer, or `null` when it suffices (T22).
 * Without `maxAgeMs` the age of the sign-in is not looked at. A sign-in that is dated up to 60 seconds in the future counts
 * as made just now: the identity provider's clock is another than the store's. So it stays fresh for a minute longer than
 * was asked, at the most.
 *
 * @param requirement - `null`: any verified person will do
 * @param now - when the vote is cast, in milliseconds since the epoch
 */
export function assuranceProblem(
  requirement: AssuranceRequirement | null,
  assurance: Assurance,
  now: number,
): string | null {
  if (requirement === null) return null
  return (
    methodProblem(requirement, assurance) ??
    ageProblem(requirement, assurance, now) ??
    classProblem(requirement, assurance)
  )
}

function methodProblem({ sso }: AssuranceRequirement, { method }: Assurance): string | null {
  if (!sso || method === 'sso' || method === 'token') return null
  return `Sign in at the identity provider: an identity known by "${method}" is not enough.`
}

function ageProblem({ maxAgeMs }: AssuranceRequirement, { authTime }: Assurance, now: number): string | null {
  if (maxAgeMs === undefined) return null
  if (authTime === undefined || !Number.isFinite(authTime)) {
    return 'Sign in again: it is not known when you last signed in.'
  }
  // A sign-in far in the future would stay fresh for much longer than was asked.
  if (authTime - now > CLOCK_SKEW_MS) {
    return `Sign in again: your last sign-in is dated more than ${CLOCK_SKEW_MS / 1_000} seconds in the future. If it still is after that, the clock of the identity provider or of the store is wrong.`
  }
  // Written so that anything that does not compare is refused.
  return now - authTime <= maxAgeMs ? null : 'Sign in again: your last sign-in is too long ago.'
}

function classProblem({ acr }: AssuranceRequirement, assurance: Assurance): string | null {
  if (acr === undefined) return null
  if (assurance.acr !== undefined && acr.includes(assurance.acr)) return null
  return `Sign in with a stronger method: one of ${acr.join(', ')} is needed.`
}
