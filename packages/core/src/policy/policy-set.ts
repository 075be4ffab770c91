import type { Json } from '../contracts/json'
import type { Policy, PolicyInput, PolicyRecord, Requirement } from '../contracts/policy'
import { OptionError } from '../errors'
import { canonicalize } from '../values/canonical'
import { checkCount, checkText } from '../values/checks'
import { sha256Hex } from '../values/digest'
import { type DecideOptions, decide } from './decide'
import { createRecordCache } from './record'
import { withId } from './requirement'
import { makeRule, partsOf, type RuleParts, speaksOf } from './when'

/** The policies of one gate, prepared for deciding many calls. */
export interface PolicySet {
  /** Every policy, in order, under ids that are unique. */
  readonly policies: readonly Policy[]
  readonly defaultRequirement: Requirement
  /**
   * SHA-256 over ids, versions and everything static in the policies and the default requirement, including the source
   * text of conditions: tells in the log that the rules changed between two starts (T31). What a condition closes over,
   * and the inside of policies that did not come from `when`, is not covered; their `version` is.
   */
  readonly configurationHash: string
  /**
   * Decides a call as `decide` does. Rules that do not speak of its action are not asked, and calls that are decided alike
   * get the same record.
   */
  decide(input: PolicyInput): PolicyRecord | Promise<PolicyRecord>
}

/** Actions whose rules are kept sorted out, and records kept for each. */
const ACTIONS = 1_000
const RECORDS = 32

/**
 * Prepares policies. Two with the same id are told apart by a suffix: `data.*:require`, `data.*:require#2`.
 *
 * @throws OptionError `ERR_OPTION_INVALID` for what is no policy: one without an id or a version has no place in the log
 */
export function createPolicySet(
  policies: readonly Policy[],
  defaultRequirement: Requirement,
  options: Omit<DecideOptions, 'records'>,
): PolicySet {
  const unique = withUniqueIds(policies)
  const byAction = new Map<
    string,
    { readonly policies: readonly Policy[]; readonly options: DecideOptions }
  >()

  function prepare(action: string) {
    const relevant = unique.filter((policy) => {
      const parts = partsOf(policy)
      return parts === undefined || speaksOf(parts, action)
    })
    const prepared = { policies: relevant, options: { ...options, records: createRecordCache(RECORDS) } }
    // Names come from the program, so this is a bound against mistakes only.
    if (byAction.size >= ACTIONS) byAction.clear()
    byAction.set(action, prepared)
    return prepared
  }

  return Object.freeze<PolicySet>({
    policies: unique,
    defaultRequirement,
    configurationHash: hashConfiguration(unique, defaultRequirement),
    decide(input) {
      const prepared = byAction.get(input.action) ?? prepare(input.action)
      return decide(prepared.policies, defaultRequirement, input, prepared.options)
    },
  })
}

function withUniqueIds(policies: readonly Policy[]): readonly Policy[] {
  const taken = new Set<string>()
  const unique = policies.map((policy, index) => {
    checkPolicy(policy, `policy[${index}]`)
    let id = policy.id
    for (let count = 2; taken.has(id); count += 1) id = `${policy.id}#${count}`
    taken.add(id)
    return id === policy.id ? policy : renamed(policy, id)
  })
  return Object.freeze(unique)
}

function checkPolicy(policy: Policy, option: string): void {
  if (typeof policy?.decide !== 'function') {
    throw new OptionError(option, 'must be a policy, such as when(...).allow()')
  }
  checkText(policy.id, `${option}.id`)
  checkCount(policy.version, `${option}.version`)
}

function renamed(policy: Policy, id: string): Policy {
  const parts = partsOf(policy)
  if (parts !== undefined) return makeRule({ ...parts, id, decision: renamedDecision(parts, id) })
  return Object.freeze({ id, version: policy.version, decide: (call: PolicyInput) => policy.decide(call) })
}

/** A requirement that was named after its rule still is. */
function renamedDecision({ decision, id: before }: RuleParts, id: string): RuleParts['decision'] {
  if (decision.effect !== 'require' || decision.requirement.id !== before) return decision
  return Object.freeze({ ...decision, requirement: withId(decision.requirement, id) })
}

function hashConfiguration(policies: readonly Policy[], defaultRequirement: Requirement): string {
  const configuration = { default: defaultRequirement, rules: policies.map(staticContent) }
  return sha256Hex(canonicalize(configuration as unknown as Json))
}

function staticContent(policy: Policy): unknown {
  const { id, version } = policy
  const parts = partsOf(policy)
  if (parts === undefined) return { id, version }
  return {
    id,
    version,
    pattern: parts.pattern.text,
    exceptions: parts.exceptions.map(({ text }) => text),
    predicates: parts.predicates.map((predicate) => sha256Hex(Function.prototype.toString.call(predicate))),
    decision: parts.decision,
  }
}
