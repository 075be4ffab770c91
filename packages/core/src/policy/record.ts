import type { Json } from '../contracts/json'
import type { Policy, PolicyDecision, PolicyRecord, Requirement, RuleAnswer } from '../contracts/policy'
import { canonicalize } from '../values/canonical'
import { sha256Hex } from '../values/digest'
import { requirementHash } from './requirement'

/** One policy's answer, checked; those that abstained have none. */
export interface Answer {
  /** Who answered: its id and version, and its identity for finding an equal record. */
  readonly policy: Pick<Policy, 'id' | 'version'>
  readonly effect: Exclude<PolicyDecision['effect'], 'abstain'>
  /** `null` unless `effect` is `require`. */
  readonly requirement: Requirement | null
  readonly reason: string | undefined
  readonly failed: boolean
}

/** The strongest effect among answers: `deny`, then `require`, then `allow`; `null` when there is no answer. */
export function strongest(answers: readonly Answer[]): Answer['effect'] | null {
  let effect: Answer['effect'] | null = null
  for (const answer of answers) {
    if (answer.effect === 'deny') return 'deny'
    if (effect !== 'require') effect = answer.effect
  }
  return effect
}

/** The frozen record of answers: every one is kept; without any, the default requirement stands. */
export function makeRecord(answers: readonly Answer[], defaultRequirement: Requirement): PolicyRecord {
  const effect = strongest(answers) ?? 'require'
  const requirements = effect === 'require' ? requirementsOf(answers, defaultRequirement) : []
  const rules = answers.map(ruleAnswer)
  const hashed = {
    requirements,
    rules: rules.map(({ id, version, effect }) => ({ effect, id, version })),
  }
  return Object.freeze({
    effect,
    rules: Object.freeze(rules),
    requirements: Object.freeze(requirements),
    hash: sha256Hex(canonicalize(hashed as unknown as Json)),
  })
}

function requirementsOf(answers: readonly Answer[], defaultRequirement: Requirement): Requirement[] {
  const distinct = new Map<string, Requirement>()
  for (const { requirement } of answers) {
    // The hash covers id, version and content.
    if (requirement !== null) distinct.set(requirementHash(requirement), requirement)
  }
  return distinct.size === 0 ? [defaultRequirement] : [...distinct.values()]
}

function ruleAnswer({ policy: { id, version }, effect, reason, failed }: Answer): RuleAnswer {
  return Object.freeze({
    id,
    version,
    effect,
    ...(reason === undefined ? {} : { reason }),
    ...(failed ? { failed: true as const } : {}),
  })
}

/** Records by the answers they were made of, so that calls decided alike share one object and one hash. Bounded. */
export interface RecordCache {
  find(answers: readonly Answer[]): PolicyRecord | undefined
  keep(answers: readonly Answer[], record: PolicyRecord): void
}

/** @param size - how many records are kept; the oldest gives way */
export function createRecordCache(size: number): RecordCache {
  const kept: { readonly answers: readonly Answer[]; readonly record: PolicyRecord }[] = []
  let next = 0
  return {
    find(answers) {
      for (const entry of kept) if (equalAnswers(entry.answers, answers)) return entry.record
      return undefined
    },
    keep(answers, record) {
      kept[next] = { answers, record }
      next = (next + 1) % size
    },
  }
}

/** By identity of policy and requirement: cheaper than comparing content, and never wrong. */
function equalAnswers(one: readonly Answer[], other: readonly Answer[]): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index += 1) {
    const a = one[index]
    const b = other[index]
    if (a === b) continue
    if (a?.policy !== b?.policy || a?.effect !== b?.effect || a?.requirement !== b?.requirement) return false
    if (a?.reason !== b?.reason || a?.failed !== b?.failed) return false
  }
  return true
}
