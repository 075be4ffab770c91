import type { Policy, PolicyDecision, PolicyInput } from '../contracts/policy'
import { checkCount, checkFunction, checkText, ifGiven } from '../values/checks'
import { isPromise } from '../values/is-promise'
import { checkOptions } from '../values/options'
import { type Action, isAction } from './action'
import { type ActionPattern, compilePattern } from './pattern'
import { parseRequirement, REQUIREMENT_OPTIONS, type RequirementOptions } from './requirement'

/**
 * A condition on a call. It answers `true` or `false`, or a promise of one; anything else, an exception and a time-out
 * deny the call (T40).
 */
export type Predicate<Args> = (call: PolicyInput<Args>) => boolean | Promise<boolean>

/** How a rule is named in the log. */
export interface RuleOptions {
  /** @default `<pattern>:<effect>`, such as `data.*:allow` */
  readonly id?: string
  /** Raise it when the meaning changes. @default 1 */
  readonly version?: number
  /** Why, for reviewers and the log. */
  readonly reason?: string
}

/** What a rule requires: a requirement, under the rule's id and version, and why. */
export type RequireOptions = RequirementOptions & RuleOptions

/** A rule that is being written. Each step gives a new one; `allow`, `deny` and `require` finish it. */
export interface RuleBuilder<Args> {
  /** Leaves actions out: names, patterns, or actions. */
  except(...actions: readonly (string | Action)[]): RuleBuilder<Args>
  /**
   * Adds a condition; all must hold. Comparing with a missing or misspelt argument is `false`, not an error: give the
   * action an `input` schema, and only arguments that fit it reach rules (T33).
   */
  if(predicate: Predicate<Args>): RuleBuilder<Args>
  /** Lets the call run without a vote, unless another rule requires or denies. @throws OptionError */
  allow(options?: RuleOptions): Policy
  /** Refuses the call, whatever other rules say. `reason` is told to the caller. @throws OptionError */
  deny(reason: string, options?: Omit<RuleOptions, 'reason'>): Policy
  /** Asks people, unless another rule denies. @throws OptionError naming the option */
  require(options: RequireOptions): Policy
}

/** What a rule from {@link when} consists of: all but its predicates is data. */
export interface RuleParts {
  readonly id: string
  readonly version: number
  readonly pattern: ActionPattern
  readonly exceptions: readonly ActionPattern[]
  readonly predicates: readonly Predicate<never>[]
  /** What it answers when it applies. One object for all calls. */
  readonly decision: Exclude<PolicyDecision, { effect: 'abstain' }>
}

const ABSTAIN: PolicyDecision = Object.freeze({ effect: 'abstain' })
const rules = new WeakMap<Policy, RuleParts>()

/** The parts of a rule from {@link when}; `undefined` for any other policy. */
export function partsOf(policy: Policy): RuleParts | undefined {
  return rules.get(policy)
}

/** Whether a rule speaks of an action at all, before its conditions are asked. */
export function speaksOf({ pattern, exceptions }: RuleParts, action: string): boolean {
  return pattern.matches(action) && !exceptions.some((exception) => exception.matches(action))
}

/**
 * Begins a rule for an action, or for all that a pattern names: `data.export`, `data.*`, `*`. With an action, conditions see
 * arguments as its schema types them.
 *
 * @throws OptionError `ERR_OPTION_INVALID` when there can be no such action
 * @example
 * ```ts
 * import { group, when } from '@gatewright/core'
 *
 * const rules = [
 *   when('data.*').except('data.count').require({ reviewers: group('security', { atLeast: 2 }), within: '30m' }),
 *   when('data.count').allow(),
 *   when('*').if(({ risk }) => risk.score >= 0.85).deny('too risky'),
 * ]
 * ```
 */
export function when<Args>(action: Action<Args>): RuleBuilder<Args>
export function when(pattern: string): RuleBuilder<Readonly<Record<string, unknown>>>
export function when<Args>(action: string | Action<Args>): RuleBuilder<Args> {
  return build(patternOf(action, 'when'), [], [])
}

function patternOf(action: unknown, option: string): ActionPattern {
  return compilePattern(isAction(action) ? action.name : (action as string), option)
}

function build<Args>(
  pattern: ActionPattern,
  exceptions: readonly ActionPattern[],
  predicates: readonly Predicate<Args>[],
): RuleBuilder<Args> {
  const where = `when('${pattern.text}')`
  const finish = (options: RuleOptions, at: string, decision: RuleParts['decision']) =>
    makeRule({
      id: ifGiven(options.id, checkText, `${at}.id`) ?? defaultId(pattern, decision.effect),
      version: ifGiven(options.version, checkCount, `${at}.version`) ?? 1,
      pattern,
      exceptions,
      predicates,
      decision: Object.freeze(decision),
    })

  return Object.freeze<RuleBuilder<Args>>({
    except(...actions) {
      const more = actions.map((action) => patternOf(action, `${where}.except`))
      return build(pattern, [...exceptions, ...more], predicates)
    },
    if(predicate) {
      return build(pattern, exceptions, [...predicates, checkFunction(predicate, `${where}.if`)])
    },
    allow(options = {}) {
      const at = `${where}.allow`
      checkOptions(options, ['id', 'version', 'reason'], at)
      return finish(options, at, { effect: 'allow', ...reasonOf(options, at) })
    },
    deny(reason, options = {}) {
      const at = `${where}.deny`
      checkOptions(options, ['id', 'version'], at)
      return finish(options, at, { effect: 'deny', reason: checkText(reason, `${at}.reason`) })
    },
    require(options) {
      const at = `${where}.require`
      checkOptions(options, [...REQUIREMENT_OPTIONS, 'reason'], at)
      const { reason: _, ...written } = options
      const requirement = parseRequirement(
        { ...written, id: options.id ?? defaultId(pattern, 'require') },
        at,
      )
      return finish(options, at, { effect: 'require', requirement, ...reasonOf(options, at) })
    },
  })
}

function defaultId({ text }: ActionPattern, effect: string): string {
  return `${text}:${effect}`
}

function reasonOf({ reason }: RuleOptions, at: string): { readonly reason?: string } {
  return reason === undefined ? {} : { reason: checkText(reason, `${at}.reason`) }
}

/** Makes the policy of a rule. Frozen; answers without a promise as long as its predicates do. */
export function makeRule(parts: RuleParts): Policy {
  const rule: Policy = Object.freeze({
    id: parts.id,
    version: parts.version,
    decide: (call: PolicyInput) => (speaksOf(parts, call.action) ? conclude(parts, call, 0) : ABSTAIN),
  })
  rules.set(rule, parts)
  return rule
}

function conclude(
  parts: RuleParts,
  call: PolicyInput,
  from: number,
): PolicyDecision | Promise<PolicyDecision> {
  const { predicates, decision } = parts
  for (let index = from; index < predicates.length; index += 1) {
    const answer: unknown = predicates[index]?.(call as PolicyInput<never>)
    if (isPromise(answer))
      return Promise.resolve(answer).then((held) =>
        isHeld(held) ? conclude(parts, call, index + 1) : ABSTAIN,
      )
    if (!isHeld(answer)) return ABSTAIN
  }
  return decision
}

function isHeld(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer
  // T40: a forgotten `return` must not read as "does not apply".
  throw new TypeError(`a predicate must answer true or false, not ${typeof answer}`)
}
