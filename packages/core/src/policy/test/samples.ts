import type { Policy, PolicyDecision, PolicyInput, Requirement } from '../../contracts/policy'
import type { CanonicalPerson, PersonRef } from '../../contracts/principal'
import type { CountedVote } from '../progress'
import { parseRequirement, type RequirementOptions } from '../requirement'
import { group } from '../reviewers'
import { NO_RISK } from '../risk'

export const DIGEST = 'a'.repeat(64)
export const OTHER_DIGEST = 'b'.repeat(64)

export function required(options: RequirementOptions = { reviewers: group('ops') }): Requirement {
  return parseRequirement({ id: 'sample', ...options }, 'sample')
}

export function someone(
  subject: string,
  groups: readonly string[] = ['ops'],
  issuer = 'idp',
): CanonicalPerson {
  return { issuer, subject, name: subject, groups }
}

export function approval(person: PersonRef, ...countsIn: readonly [number, number][]): CountedVote {
  return {
    decision: 'approve',
    person,
    argumentsDigest: DIGEST,
    countsIn: countsIn.length === 0 ? [[0, 0]] : countsIn,
  }
}

export function callOf(action: string, args: unknown = {}, more: Partial<PolicyInput> = {}): PolicyInput {
  return {
    action,
    args: args as PolicyInput['args'],
    requester: { id: 'bot', name: 'bot', owner: null },
    onBehalfOf: null,
    context: null,
    contextUnavailable: false,
    risk: NO_RISK,
    intent: null,
    runId: null,
    now: 1_000_000,
    ...more,
  }
}

/** A policy that answers whatever it is told to, however malformed. */
export function policyThat(id: string, answer: () => unknown): Policy {
  return { id, version: 1, decide: () => answer() as PolicyDecision }
}
