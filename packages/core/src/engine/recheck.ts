import type { Awaitable } from '../contracts/awaitable'
import type { Json } from '../contracts/json'
import type { PolicyRecord } from '../contracts/policy'
import type { CanonicalPerson } from '../contracts/principal'
import type { ApprovalRequest, Vote } from '../contracts/request'
import { isAmong, samePerson } from '../policy/eligibility'
import { includes, mayVote } from '../policy/progress'
import { canonicalize } from '../values/canonical'
import { sha256Hex } from '../values/digest'
import { andThen, isPromise } from '../values/is-promise'
import { votesNow } from '../values/votes-now'
import { factsOf } from './call-facts'
import { effectiveArguments, effectiveDigest, progressOf } from './effective-digest'
import type { Engine } from './engine'
import { grantStillCovers } from './grants'
import { argumentsFrom, type GatedCall, takePins, takeSnapshot } from './prepare'

/**
 * Policy, pins and reviewers, checked once more before the claim. `null` when the approval holds; else why it fell, in
 * words. Anything that cannot be checked has fallen (I1).
 */
export async function recheck(
  engine: Engine,
  request: ApprovalRequest,
  call: GatedCall,
  live: ReadonlyMap<number, unknown> | null,
): Promise<string | null> {
  try {
    for (const check of CHECKS) {
      const found = check(engine, request, call, live)
      const problem = isPromise(found) ? await found : found
      if (problem !== null) return problem
    }
    return null
  } catch (error) {
    engine.logger.error(`request ${request.id} could not be checked before running; its approval falls`, {
      error,
    })
    return 'it could not be checked once more before running'
  }
}

/** I2: what the store holds is what was digested; and what lives only in this process still looks as it was shown. */
function snapshotProblem(
  engine: Engine,
  request: ApprovalRequest,
  call: GatedCall,
  live: ReadonlyMap<number, unknown> | null,
): string | null {
  const text = effectiveArguments(request)
  if (sha256Hex(text) !== effectiveDigest(request)) return 'the stored arguments do not match their digest'
  if (!request.live) return null
  if (live === null) return 'it needs values that only the calling process had'
  // What would run, described anew: the schema had its say already, and the caller's own arguments are not looked at again.
  const now = takeSnapshot(engine, call.action, argumentsFrom(request.arguments, live))
  return sha256Hex(now.text) === request.argumentsDigest ? null : 'a live argument changed while it waited'
}

function policyProblem(engine: Engine, request: ApprovalRequest, call: GatedCall): Awaitable<string | null> {
  const facts = factsOf(engine, call.action, request)
  facts.setContext(request.context)
  facts.risk = request.risk
  return andThen(engine.policies.decide(facts), (now) => changeOfPolicy(request, now))
}

function changeOfPolicy(request: ApprovalRequest, now: PolicyRecord): string | null {
  if (now === request.policy || now.hash === request.policy.hash) return null
  if (now.effect === 'deny') return 'policy denies it now'
  if (now.effect === 'allow') return null
  if (request.basis === 'observe') return null
  const approved = new Set(request.policy.requirements.map(requirementText))
  return now.requirements.every((requirement) => approved.has(requirementText(requirement)))
    ? null
    : 'policy asks for another approval now'
}

const requirementText = (requirement: unknown): string => canonicalize(requirement as Json)

async function basisProblem(engine: Engine, request: ApprovalRequest): Promise<string | null> {
  if (request.basis === 'grant') return grantStillCovers(engine, request)
  if (request.basis !== 'votes') return null
  const excluding = engine.identities.excluded(request)
  const excluded = isPromise(excluding) ? await excluding : excluding
  const standing: Vote[] = []
  for (const vote of votesNow(request)) {
    const known = engine.identities.person(vote.actor)
    const person = isPromise(known) ? await known : known
    if (person === null || !samePerson(person, vote.person)) continue
    // I4: compared again, since identities may have been linked meanwhile.
    if (isAmong(person, excluded)) continue
    if (vote.countsIn.every((stage) => stillAsked(request, vote, stage, person))) standing.push(vote)
  }
  // T23: a reviewer who lost the role since no longer counts.
  return progressOf(request, standing).met ? null : 'a reviewer who approved it is no longer eligible'
}

/**
 * T23: the person is one of those whom the stage asked when they voted. An escalation that came later asked others: it makes
 * nobody's earlier vote stand who has left since. Of a vote that does not say, no escalation is assumed.
 */
function stillAsked(
  request: ApprovalRequest,
  { escalated = [] }: Vote,
  [r, s]: readonly [number, number],
  person: CanonicalPerson,
): boolean {
  const stage = request.policy.requirements[r]?.stages[s]
  return stage !== undefined && mayVote(stage, includes(escalated, r, s), person)
}

const CHECKS: readonly ((...about: Parameters<typeof snapshotProblem>) => Awaitable<string | null>)[] = [
  snapshotProblem,
  policyProblem,
  basisProblem,
  pinProblem,
]

async function pinProblem(engine: Engine, request: ApprovalRequest, call: GatedCall): Promise<string | null> {
  // What an action with a pin was approved without was not shown to be the same: nor is an edit, made of another definition.
  const pins = request.pins ?? (call.action.pin && {})
  if (pins === null) return null
  if (call.action.pin === null) return 'what it refers to can no longer be pinned'
  const facts = factsOf(engine, call.action, request)
  const now = (await takePins(engine, call.action, facts)) ?? {}
  const names = new Set([...Object.keys(now), ...Object.keys(pins)])
  for (const name of names) {
    // T10: the file, branch or row that was reviewed is the one that is touched.
    if (now[name] !== pins[name]) return `${name} changed while it waited`
  }
  return null
}
