import type { Duration } from '../contracts/clock'
import type { AssuranceRequirement, ReviewerSelector, Stage } from '../contracts/policy'
import { OptionError } from '../errors'
import { checkCount, checkSpan, checkSwitch, checkText, ifGiven } from '../values/checks'
import { checkOptions, readOptions } from '../values/options'
import { type ReviewersOption, readReviewers } from './reviewers'

/** What must be known about a reviewer at the moment of the vote (T22). */
export interface AssuranceOptions {
  /** Only a sign-in at the identity provider counts, or that person's own token from it. @default false */
  readonly sso?: boolean
  /** How old the sign-in may be; 60 seconds of difference between clocks are allowed for. @default any age */
  readonly maxAge?: Duration
  /** The authentication context class is one of these (OpenID Connect `acr`). @default any */
  readonly acr?: readonly string[]
}

/** More people, once a stage has waited this long or nobody of it can be reached. */
export interface EscalationOptions {
  readonly after: Duration
  readonly to: ReviewersOption
}

/** One step of a requirement, as people write it. */
export interface StageOptions {
  /** @default `review`, or `stage 1`, `stage 2`… where there are several */
  readonly name?: string
  readonly reviewers: ReviewersOption
  /** How many distinct people must approve. @default 1 */
  readonly atLeast?: number
  /** @default the requirement's */
  readonly assurance?: AssuranceOptions
  readonly escalate?: EscalationOptions
}

/** Who must approve: either `reviewers`, or `stages` that are asked one after the other. */
export interface StagesOptions {
  readonly reviewers?: ReviewersOption
  /** How many distinct people must approve. @default 1 */
  readonly atLeast?: number
  readonly stages?: readonly StageOptions[]
  /** What must be known about whoever votes. @default any verified person */
  readonly assurance?: AssuranceOptions
  readonly escalate?: EscalationOptions
}

const STAGE_OPTIONS: readonly (keyof StageOptions)[] = [
  'name',
  'reviewers',
  'atLeast',
  'assurance',
  'escalate',
]
const WHOLE_STAGE = ['reviewers', 'atLeast', 'escalate'] as const

/**
 * Reads who must approve into stages.
 *
 * @param withinMs - how long a request waits at most; an escalation must come before
 * @throws OptionError `ERR_OPTION_INVALID` naming the option that is wrong, missing or contradicts another
 */
export function parseStages(options: StagesOptions, withinMs: number, where: string): readonly Stage[] {
  const { stages, reviewers, atLeast, assurance, escalate } = options
  if ((reviewers === undefined) === (stages === undefined)) {
    throw new OptionError(`${where}.reviewers`, 'say who must approve: reviewers, or stages, and not both')
  }
  if (stages === undefined) {
    const only = {
      reviewers: reviewers as ReviewersOption,
      ...(atLeast === undefined ? {} : { atLeast }),
      ...(escalate === undefined ? {} : { escalate }),
    }
    return [parseStage(only, 'review', parseAssurance(assurance, `${where}.assurance`), withinMs, where)]
  }
  for (const option of WHOLE_STAGE) {
    if (options[option] === undefined) continue
    throw new OptionError(`${where}.${option}`, 'belongs to one of the stages')
  }
  if (!Array.isArray(stages) || stages.length === 0) {
    throw new OptionError(`${where}.stages`, 'must be a list of at least one stage')
  }
  const shared = parseAssurance(assurance, `${where}.assurance`)
  const parsed = stages.map((stage: StageOptions, index) => {
    const at = `${where}.stages[${index}]`
    checkOptions(stage, STAGE_OPTIONS, at)
    return parseStage(stage, `stage ${index + 1}`, shared, withinMs, at)
  })
  const names = new Set(parsed.map(({ name }) => name))
  if (names.size < parsed.length) throw new OptionError(`${where}.stages`, 'two stages have the same name')
  return parsed
}

function parseStage(
  options: StageOptions,
  defaultName: string,
  shared: AssuranceRequirement | null,
  withinMs: number,
  where: string,
): Stage {
  const { selector, atLeast } = readReviewers(options.reviewers, `${where}.reviewers`)
  if (atLeast !== null && options.atLeast !== undefined) {
    throw new OptionError(`${where}.atLeast`, 'stands in "reviewers" already; say it once')
  }
  const stage: Stage = {
    name: ifGiven(options.name, checkText, `${where}.name`) ?? defaultName,
    reviewers: selector,
    atLeast: atLeast ?? checkCount(options.atLeast ?? 1, `${where}.atLeast`),
    assurance:
      options.assurance === undefined ? shared : parseAssurance(options.assurance, `${where}.assurance`),
    escalation: parseEscalation(options.escalate, withinMs, `${where}.escalate`),
  }
  if (stage.atLeast > mostPeople(stage)) {
    throw new OptionError(
      `${where}.atLeast`,
      `can never be met: the reviewers are fewer than ${stage.atLeast}`,
    )
  }
  return stage
}

function parseEscalation(
  escalate: EscalationOptions | undefined,
  withinMs: number,
  where: string,
): Stage['escalation'] {
  if (escalate === undefined) return null
  const read = readOptions(escalate, ['after', 'to'], where)
  const afterMs = read('after', checkSpan)
  if (afterMs >= withinMs) throw new OptionError(`${where}.after`, 'must be shorter than "within"')
  const { selector, atLeast } = read('to', readReviewers)
  if (atLeast !== null) {
    throw new OptionError(`${where}.to.atLeast`, 'cannot be said here: the quorum is that of the stage')
  }
  return { afterMs, reviewers: selector }
}

/** How many people could approve at most; groups have no bound known here. */
function mostPeople({ reviewers, escalation }: Stage): number {
  return countPeople(reviewers) + (escalation === null ? 0 : countPeople(escalation.reviewers))
}

function countPeople(selector: ReviewerSelector): number {
  if (selector.type === 'group') return Number.POSITIVE_INFINITY
  return selector.type === 'person' ? 1 : selector.of.reduce((sum, one) => sum + countPeople(one), 0)
}

function parseAssurance(assurance: AssuranceOptions | undefined, where: string): AssuranceRequirement | null {
  if (assurance === undefined) return null
  const read = readOptions(assurance, ['sso', 'maxAge', 'acr'], where)
  const { maxAge, acr } = assurance
  if (acr !== undefined && !(Array.isArray(acr) && acr.length > 0)) {
    throw new OptionError(`${where}.acr`, 'must be a list of at least one class')
  }
  const required: AssuranceRequirement = {
    ...(read('sso', checkSwitch) ? { sso: true } : {}),
    ...(maxAge === undefined ? {} : { maxAgeMs: checkSpan(maxAge, `${where}.maxAge`) }),
    ...(acr === undefined ? {} : { acr: acr.map((one) => checkText(one, `${where}.acr`)) }),
  }
  return Object.keys(required).length === 0 ? null : required
}
