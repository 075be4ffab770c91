import type { ActionContext, Requester } from './action'
import type { Json } from './json'
import type { PersonRef, Principal } from './principal'

/** Who may vote in a stage: pure data, matched against canonical people. */
export type ReviewerSelector =
  | { readonly type: 'group'; readonly name: string }
  | { readonly type: 'person'; readonly issuer: string; readonly subject: string }
  | { readonly type: 'anyOf'; readonly of: readonly ReviewerSelector[] }

/** What must be known about a reviewer at the moment of the vote. A weaker vote is answered with a link to sign in. */
export interface AssuranceRequirement {
  /** Only a sign-in at the identity provider counts, or that person's own token from it. */
  readonly sso?: boolean
  /**
   * The sign-in is at most this old, in milliseconds. A vote that states no `authTime`, or one more than 60 seconds in the
   * future, is refused.
   */
  readonly maxAgeMs?: number
  /** The stated `acr` is one of these. */
  readonly acr?: readonly string[]
}

/** One step of a requirement: so many distinct people out of those. */
export interface Stage {
  readonly name: string
  readonly reviewers: ReviewerSelector
  /** How many distinct people must approve. At least 1. */
  readonly atLeast: number
  readonly assurance: AssuranceRequirement | null
  /** More people who are asked once the request has waited this long in the stage, or nobody of the stage can be reached. They may vote from then on. */
  readonly escalation: { readonly afterMs: number; readonly reviewers: ReviewerSelector } | null
}

/**
 * What must be true before a call runs: pure data, frozen into the request when it is created (T07).
 * Stages are asked one after the other; one person counts in one stage only.
 */
export interface Requirement {
  readonly id: string
  readonly version: number
  readonly stages: readonly Stage[]
  /** The request expires this long after it was created. */
  readonly withinMs: number
  /** An approval that nobody used lapses this long after it was given. */
  readonly useWithinMs: number
  /** Reviewers are reminded each time this much of waiting has passed. `null`: never. */
  readonly remindEveryMs: number | null
  /** Whose vote needs a note. */
  readonly noteFor: { readonly approve: boolean; readonly reject: boolean }
  /** Whether a standing grant may stand in for votes. */
  readonly grantable: boolean
}

/** How risky a call looks: the highest score of all signals, with every reason. */
export interface RiskAssessment {
  /** 0 to 1. */
  readonly score: number
  readonly level: 'low' | 'medium' | 'high' | 'critical'
  /** `signal id: reason`, in the order of the signals. */
  readonly reasons: readonly string[]
  /** Ids of signals that threw, timed out or answered nonsense; each counts as a score of 1. */
  readonly failed: readonly string[]
}

/** What a risk signal answers. */
export interface RiskReading {
  /** 0 (harmless) to 1 (critical). Signals only raise: the highest score stands (T17). */
  readonly score: number
  readonly reasons?: readonly string[]
}

/** Looks at a call before policy does. Has a deadline; failing counts as a score of 1 and an allowed call then asks (I1). */
export interface RiskSignal {
  readonly id: string
  assess(call: PolicyInput): RiskReading | Promise<RiskReading>
}

/** All that policy may look at: plain data, deeply frozen, a copy of what would run. */
export interface PolicyInput<Args = Readonly<Record<string, unknown>>> {
  readonly action: string
  /** The call's arguments by name. */
  readonly args: Args
  readonly requester: Requester
  readonly onBehalfOf: Principal | null
  /** What the host's lookup said; `null` when the action has no lookup, or it failed. */
  readonly context: ActionContext | null
  /** Whether the lookup failed. A call that policy would allow is then reviewed. */
  readonly contextUnavailable: boolean
  readonly risk: RiskAssessment
  /** The agent's own words. Untrusted. */
  readonly intent: string | null
  readonly runId: string | null
  /** The gate's time, in milliseconds since the epoch. */
  readonly now: number
}

/** What one policy says of one call. `undefined`, an exception and a time-out all count as `deny` (T40). */
export type PolicyDecision =
  | { readonly effect: 'allow'; readonly reason?: string }
  | { readonly effect: 'deny'; readonly reason: string }
  | { readonly effect: 'require'; readonly requirement: Requirement; readonly reason?: string }
  | { readonly effect: 'abstain' }

/** Decides calls. `deny` beats `require` beats `allow`; all that abstain leave the gate's default requirement. */
export interface Policy {
  /** Stands in the log and in the policy hash. */
  readonly id: string
  /** Raise it when the meaning changes. */
  readonly version: number
  decide(call: PolicyInput): PolicyDecision | Promise<PolicyDecision>
}

/** One rule's answer, as kept in the request and the log. */
export interface RuleAnswer {
  readonly id: string
  readonly version: number
  readonly effect: PolicyDecision['effect']
  readonly reason?: string
  /** The rule threw, timed out or answered nonsense. */
  readonly failed?: true
}

/** What policy made of a call: frozen into the request. */
export interface PolicyRecord {
  readonly effect: 'allow' | 'deny' | 'require'
  /** Every rule that did not abstain. */
  readonly rules: readonly RuleAnswer[]
  /** All of them must be met. Empty unless `effect` is `require`. */
  readonly requirements: readonly Requirement[]
  /** SHA-256 over the ids, versions and effects of `rules` and over `requirements`. */
  readonly hash: string
}

/** A bound on one argument of a standing grant. */
export type GrantConstraint =
  | { readonly path: string; readonly equals: Json }
  | { readonly path: string; readonly oneOf: readonly Json[] }
  | { readonly path: string; readonly atMost: number; readonly atLeast?: number }
  | { readonly path: string; readonly any: true }

/**
 * A bounded pre-approval. It covers a call only when the action is equal, every argument leaf is bound by a constraint
 * (T26), and the people who gave it would meet the requirement that asks.
 */
export interface StandingGrant {
  readonly id: string
  readonly version: number
  readonly action: string
  /** Whose calls it covers: the agent's id. */
  readonly requesterId: string
  /** JSON Pointers into the named arguments; `{ path: '', any: true }` binds everything. */
  readonly constraints: readonly GrantConstraint[]
  readonly givenBy: readonly { readonly actor: Principal; readonly at: number }[]
  readonly note: string
  readonly createdAt: number
  readonly expiresAt: number
  readonly usesLeft: number
  readonly revoked: { readonly by: PersonRef; readonly at: number; readonly note: string } | null
}
