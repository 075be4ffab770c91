import type { Policy, PolicyDecision, PolicyInput, PolicyRecord, Requirement } from '../contracts/policy'
import { andThen } from '../values/is-promise'
import { adoptRequirement } from './adopt-requirement'
import { type AskOptions, askAll, tellFailure } from './ask-all'
import { type Answer, makeRecord, type RecordCache, strongest } from './record'

/** How policies are asked. */
export interface DecideOptions extends AskOptions {
  /** Where equal records are shared. @default every call gets a record of its own */
  readonly records?: RecordCache
}

/** Under this id stands in a record that an allowed call is reviewed because facts about it are missing. */
export const UNAVAILABLE = 'gatewright:unavailable'
const unavailablePolicy = Object.freeze({ id: UNAVAILABLE, version: 1 })

/**
 * Asks every policy, in order, and keeps every answer that is not `abstain`. `deny` beats `require` beats `allow`; all
 * requirements must be met; if all abstain, the default requirement applies. A policy that throws, is late, or answers
 * anything but a decision denies, and is marked `failed` (T40). Where the context or a risk signal is unavailable, an
 * allowed call meets the default requirement (I1).
 *
 * Answers without a promise when every policy does. Never throws for a policy's sake.
 */
export function decide(
  policies: readonly Policy[],
  defaultRequirement: Requirement,
  input: PolicyInput,
  options: DecideOptions,
): PolicyRecord | Promise<PolicyRecord> {
  // Read before any policy could touch the input.
  const missing = missingFacts(input)
  const answers = askAll<Policy, Answer | null>(
    policies,
    {
      ask: (policy) => policy.decide(input),
      read: (policy, decision) => read(policy, decision, options),
      failed: (policy, what, error) => failure(policy, `it ${what}`, error, options),
    },
    options,
  )
  return andThen(answers, (all) =>
    conclude(
      all.filter((answer) => answer !== null),
      missing,
      defaultRequirement,
      options,
    ),
  ) as PolicyRecord | Promise<PolicyRecord>
}

/** A policy's answer, each field read once; `null` when it abstains. */
function read(policy: Answer['policy'], decision: unknown, options: DecideOptions): Answer | null {
  if (typeof decision !== 'object' || decision === null) {
    return failure(policy, `it answered ${decision === null ? 'null' : typeof decision}`, undefined, options)
  }
  try {
    const { effect, reason, requirement } = decision as Partial<
      Extract<PolicyDecision, { effect: 'require' }>
    >
    if ((effect as string) === 'abstain') return null
    const answer = toAnswer(policy, effect, reason, requirement)
    return answer ?? failure(policy, 'its answer is malformed', undefined, options)
  } catch (error) {
    return failure(policy, 'its answer cannot be read', error, options)
  }
}

function toAnswer(
  policy: Answer['policy'],
  effect: unknown,
  reason: unknown,
  requirement: unknown,
): Answer | null {
  if (reason !== undefined && typeof reason !== 'string') return null
  switch (effect) {
    case 'allow':
      return { policy, effect, requirement: null, reason, failed: false }
    case 'deny':
      return { policy, effect, requirement: null, reason: reason ?? 'no reason was given', failed: false }
    case 'require': {
      const adopted = adoptRequirement(requirement)
      return adopted && { policy, effect, requirement: adopted, reason, failed: false }
    }
    default:
      return null
  }
}

function failure(policy: Answer['policy'], what: string, error: unknown, options: DecideOptions): Answer {
  const reason = `policy ${policy.id} failed: ${what}`
  tellFailure(options, policy.id, reason, error)
  return { policy, effect: 'deny', requirement: null, reason, failed: true }
}

function missingFacts({ contextUnavailable, risk }: PolicyInput): string | null {
  if (!contextUnavailable && risk.failed.length === 0) return null
  const missing = [
    ...(contextUnavailable ? ['the facts about it could not be looked up'] : []),
    ...(risk.failed.length > 0 ? [`its risk could not be assessed by ${risk.failed.join(', ')}`] : []),
  ]
  return missing.join(', and ')
}

function conclude(
  answers: Answer[],
  missing: string | null,
  defaultRequirement: Requirement,
  { records }: DecideOptions,
): PolicyRecord {
  if (missing !== null && strongest(answers) === 'allow') {
    // I1: what allowed the call did so without the facts.
    answers.push({
      policy: unavailablePolicy,
      effect: 'require',
      requirement: defaultRequirement,
      reason: missing,
      failed: false,
    })
  }
  const shared = answers.some(({ failed }) => failed) ? undefined : records
  const known = shared?.find(answers)
  if (known !== undefined) return known
  const record = makeRecord(answers, defaultRequirement)
  shared?.keep(answers, record)
  return record
}
