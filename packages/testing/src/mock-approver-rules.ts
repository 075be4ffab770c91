import {
  type ArgumentEdit,
  type Duration,
  type Json,
  type JsonObject,
  OptionError,
  type Principal,
  parseDuration,
  type ReviewDocument,
} from '@gatewright/core'
import { checkKnown } from './known-options'

/**
 * Which requests a rule speaks of: an action's name, `data.*` for everything below it, `*` for all, or a predicate on the
 * document that is shown.
 */
export type RequestMatch = string | ((review: ReviewDocument) => boolean)

/** How a scripted decision is given. */
export interface DecisionOptions {
  /** Who votes, one after the other. @default as many mock reviewers as the open stages ask for, in the groups they ask for */
  readonly by?: Principal | readonly Principal[]
  /** How long the people take, by the gate's clock. @default at once */
  readonly after?: Duration
  /** For how many requests the rule speaks; later ones meet the rules after it. @default all */
  readonly times?: number
  /** What the reviewers write. */
  readonly note?: string
}

/**
 * What a reviewer changes: named arguments with their new values (`undefined` drops one), a list of changes as a vote
 * carries them, or a function of all arguments as they are shown, in the snapshot's JSON encoding, that answers with all
 * of them; what is redacted comes as a placeholder and must go back as it came.
 */
export type ArgumentsEdit =
  | { readonly [name: string]: Json | undefined }
  | readonly ArgumentEdit[]
  | ((args: JsonObject) => Json)

/** What a rule does with a request. */
export type Reaction =
  | { readonly type: 'approve' | 'reject' | 'ignore' | 'unreachable' }
  | { readonly type: 'edit'; readonly change: ArgumentsEdit }

/** A line of a mock approver's script. */
export interface Rule {
  readonly reaction: Reaction
  readonly by: readonly Principal[] | null
  readonly afterMs: number
  readonly note: string | null
  /** Whether it stands for the rule that is missing. */
  readonly isLast: boolean
  /** Whether the rule speaks of this request, also at later deliveries of the same one. Counts it as one of its `times`. */
  takes(review: ReviewDocument): boolean
}

/**
 * Reads a line of the script.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function makeRule(reaction: Reaction, match: RequestMatch, options: DecisionOptions): Rule {
  const where = `mockApprover.${reaction.type}`
  checkKnown(options, ['by', 'after', 'times', 'note'], where)
  const { by, after = 0, times = Number.POSITIVE_INFINITY, note = null } = options
  if (times !== Number.POSITIVE_INFINITY && (!Number.isInteger(times) || times < 1)) {
    throw new OptionError(`${where}.times`, 'must be a whole number of at least 1')
  }
  const matches = matcher(match, `${where}.match`)
  return {
    reaction,
    by: by === undefined ? null : [by].flat(),
    afterMs: parseDuration(after, `${where}.after`),
    note,
    isLast: false,
    takes: times === Number.POSITIVE_INFINITY ? matches : limited(matches, times),
  }
}

/** What becomes of requests that no line speaks of. */
export function lastRule(reaction: 'approve' | 'reject' | 'ignore'): Rule {
  if (!['approve', 'reject', 'ignore'].includes(reaction)) {
    throw new OptionError('mockApprover.otherwise', "must be 'approve', 'reject' or 'ignore'")
  }
  return { ...makeRule({ type: reaction }, '*', {}), isLast: true }
}

/** Stages and reminders deliver one request several times: it is one of the `times`, whatever happens in between. */
function limited(matches: (review: ReviewDocument) => boolean, times: number): Rule['takes'] {
  const taken = new Set<string>()
  return (review) => {
    if (taken.has(review.requestId)) return true
    if (taken.size >= times || !matches(review)) return false
    taken.add(review.requestId)
    return true
  }
}

/** @throws OptionError for a pattern that could match nothing: the rule would silently never speak */
export function matcher(match: RequestMatch, option: string): (review: ReviewDocument) => boolean {
  if (typeof match === 'function') return match
  if (match === '*') return () => true
  if (typeof match !== 'string' || !/^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*(\.\*)?$/.test(match)) {
    throw new OptionError(option, "must be an action's name, a pattern such as 'data.*', '*', or a function")
  }
  if (!match.endsWith('.*')) return ({ content }) => content.action === match
  const prefix = match.slice(0, -1)
  return ({ content }) => content.action.startsWith(prefix)
}
