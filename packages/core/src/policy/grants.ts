import type { Json, JsonObject } from '../contracts/json'
import type { GrantConstraint, Requirement, Stage, StandingGrant } from '../contracts/policy'
import type { Assurance, CanonicalPerson, PersonRef } from '../contracts/principal'
import { canonicalize } from '../values/canonical'
import { parsePointer, pointerStep, valueAt } from '../values/pointer'
import { assuranceProblem, isAmong, matches, personKey } from './eligibility'

/** One who gave a grant, as they are now: the directory is asked again each time a grant is used (T23). */
export interface GrantGiver {
  readonly person: CanonicalPerson
  /** What was known about them when they gave it. */
  readonly assurance: Assurance
  /** In milliseconds since the epoch. */
  readonly givenAt: number
}

/** A call that a grant might cover. */
export interface GrantedCall {
  readonly action: string
  readonly requesterId: string
  /** The call's arguments by name, in the snapshot's JSON encoding. */
  readonly view: JsonObject
  /** What policy requires of the call. */
  readonly requirements: readonly Requirement[]
  readonly givers: readonly GrantGiver[]
  /** Who may not review the call: the agent's owner, and whom it acts for (I4). */
  readonly excluded: readonly PersonRef[]
  /** The store's time, in milliseconds since the epoch. */
  readonly now: number
}

/** Whether a grant covers a call, and if not, why, in words for the log. */
export type GrantCoverage = { readonly covers: true } | { readonly covers: false; readonly reason: string }

/**
 * Whether a standing grant stands in for the votes on a call (T26): it is alive, of this very action and agent, every leaf
 * of the arguments is bound by a constraint, all constraints hold, policy lets grants stand in, and those who gave it would
 * meet every stage's quorum. Anything else asks again.
 */
export function grantCovers(grant: StandingGrant, call: GrantedCall): GrantCoverage {
  const reason =
    lifeProblem(grant, call.now) ??
    scopeProblem(grant, call) ??
    constraintProblem(grant.constraints, call.view) ??
    requirementsProblem(call)
  return reason === null ? { covers: true } : { covers: false, reason }
}

function lifeProblem({ revoked, expiresAt, usesLeft }: StandingGrant, now: number): string | null {
  if (revoked !== null) return 'it was revoked'
  // Written so that what does not compare is refused.
  if (!(now < expiresAt)) return 'it has expired'
  return usesLeft >= 1 ? null : 'it is used up'
}

function scopeProblem({ action, requesterId }: StandingGrant, call: GrantedCall): string | null {
  if (action !== call.action) return 'it is for another action'
  return requesterId === call.requesterId ? null : 'it is for another agent'
}

/** Why the constraints do not bind the whole of a view, or `null` when they do. */
function constraintProblem(constraints: readonly GrantConstraint[], view: JsonObject): string | null {
  const broken = constraints.find((constraint) => !holds(constraint, lookUp(view, constraint.path)))
  if (broken !== undefined) return `its constraint on ${broken.path || 'the arguments'} does not hold`
  const bound = new Set(constraints.map(({ path }) => path))
  const unbound = firstUnbound(view, '', bound)
  return unbound === null ? null : `nothing binds the argument at ${unbound}`
}

/** `undefined` when there is nothing; a path that is no JSON Pointer leads to nothing. */
function lookUp(view: JsonObject, path: string): Json | undefined {
  try {
    return valueAt(view, parsePointer(path)) as Json | undefined
  } catch {
    return undefined
  }
}

/** A constraint on a value that is not there fails, unless it allows anything. */
function holds(constraint: GrantConstraint, value: Json | undefined): boolean {
  if ('any' in constraint) return constraint.any === true
  if (value === undefined) return false
  if ('equals' in constraint) return equal(constraint.equals, value)
  if ('oneOf' in constraint) return constraint.oneOf.some((one) => equal(one, value))
  if (typeof value !== 'number' || !(value <= constraint.atMost)) return false
  return constraint.atLeast === undefined || value >= constraint.atLeast
}

function equal(one: Json, other: Json): boolean {
  if (one === other) return true
  if (typeof one !== 'object' || typeof other !== 'object') return false
  return canonicalize(one) === canonicalize(other)
}

/**
 * The first leaf without a constraint on it or above it. Empty lists and objects inside the arguments are leaves too: an
 * empty filter may well mean "everything". A call without arguments has none.
 */
function firstUnbound(value: Json, path: string, bound: ReadonlySet<string>): string | null {
  if (bound.has(path)) return null
  if (typeof value !== 'object' || value === null) return path
  const entries = Object.entries(value as JsonObject)
  if (entries.length === 0) return path === '' ? null : path
  for (const [key, child] of entries) {
    const unbound = firstUnbound(child, path + pointerStep(key), bound)
    if (unbound !== null) return unbound
  }
  return null
}

function requirementsProblem({ requirements, givers, excluded }: GrantedCall): string | null {
  if (requirements.length === 0) return 'nothing is required that it could stand in for'
  const allowed = distinct(givers).filter(({ person }) => !isAmong(person, excluded))
  for (const { id, grantable, stages } of requirements) {
    if (!grantable) return `${id} lets no grant stand in for votes`
    if (!canFill(stages, allowed)) return `those who gave it do not meet ${id}`
  }
  return null
}

/** One entry for each person: their newest (T05). */
function distinct(givers: readonly GrantGiver[]): readonly GrantGiver[] {
  const newest = new Map<string, GrantGiver>()
  for (const giver of givers) {
    const key = personKey(giver.person)
    const known = newest.get(key)
    if (known === undefined || known.givenAt < giver.givenAt) newest.set(key, giver)
  }
  return [...newest.values()]
}

/** Whether every stage can have its quorum, each person in one stage only: a bipartite matching by augmenting paths. */
function canFill(stages: readonly Stage[], givers: readonly GrantGiver[]): boolean {
  const needed = stages.reduce((sum, { atLeast }) => sum + atLeast, 0)
  // Written so that a quorum that is no number is refused, and before places are made for it.
  if (stages.length === 0 || !(needed <= givers.length)) return false
  const places = stages.flatMap((stage) => Array.from({ length: Math.max(1, stage.atLeast) }, () => stage))
  const placeOf = new Map<GrantGiver, number>()

  function fill(place: number, tried: Set<GrantGiver>): boolean {
    const stage = places[place]
    if (stage === undefined) return false
    for (const giver of givers) {
      if (tried.has(giver) || !mayFill(stage, giver)) continue
      tried.add(giver)
      const taken = placeOf.get(giver)
      if (taken === undefined || fill(taken, tried)) {
        placeOf.set(giver, place)
        return true
      }
    }
    return false
  }

  return places.every((_, place) => fill(place, new Set()))
}

function mayFill(
  { reviewers, assurance }: Stage,
  { person, assurance: known, givenAt }: GrantGiver,
): boolean {
  return matches(reviewers, person) && assuranceProblem(assurance, known, givenAt) === null
}
