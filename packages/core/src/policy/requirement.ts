import type { Duration } from '../contracts/clock'
import type { Json } from '../contracts/json'
import type { Requirement } from '../contracts/policy'
import { OptionError } from '../errors'
import { canonicalize } from '../values/canonical'
import { checkCount, checkSpan, checkSwitch, checkText, optional, otherwise } from '../values/checks'
import { deepFreeze } from '../values/deep-freeze'
import { sha256Hex } from '../values/digest'
import { kept } from '../values/kept'
import { readOptions } from '../values/options'
import { parseStages, type StagesOptions } from './stage'

export type { ReviewersOption } from './reviewers'
export type { AssuranceOptions, EscalationOptions, StageOptions } from './stage'

/** A requirement, as people write it. */
export interface RequirementOptions extends StagesOptions {
  readonly id?: string
  /** Raise it when the meaning changes. @default 1 */
  readonly version?: number
  /** The request expires this long after the call. @default '1h' */
  readonly within?: Duration
  /** An approval that nobody used lapses this long after it was given. @default '15m' */
  readonly useWithin?: Duration
  /** @default never */
  readonly remindEvery?: Duration
  /** Whose vote needs a note. @default false */
  readonly noteFor?: 'approve' | 'reject' | 'both' | false
  /** Whether a standing grant may stand in for votes. @default false */
  readonly grantable?: boolean
}

/** Every option of a requirement. */
export const REQUIREMENT_OPTIONS: readonly (keyof RequirementOptions)[] = [
  'id',
  'version',
  'reviewers',
  'atLeast',
  'stages',
  'within',
  'useWithin',
  'remindEvery',
  'assurance',
  'escalate',
  'noteFor',
  'grantable',
]

const known = new WeakSet<Requirement>()

/** Whether a requirement came from {@link parseRequirement} of this copy: it is checked and deeply frozen. */
export function isParsed(requirement: Requirement): boolean {
  return known.has(requirement)
}

/**
 * Reads a requirement into frozen data, complete with defaults.
 *
 * @param options - with an `id`: whoever calls knows a good one to fall back to
 * @param where - what the options belong to, for messages: `createGate.requirement`
 * @throws OptionError `ERR_OPTION_INVALID` naming the option that is wrong, unknown, missing or contradicts another
 */
export function parseRequirement(
  options: RequirementOptions & { readonly id: string },
  where: string,
): Requirement {
  const read = readOptions(options, REQUIREMENT_OPTIONS, where)
  const withinMs = read('within', otherwise('1h', checkSpan))
  const requirement: Requirement = deepFreeze({
    id: read('id', checkText),
    version: read('version', optional(checkCount)) ?? 1,
    stages: parseStages(options, withinMs, where),
    withinMs,
    useWithinMs: read('useWithin', otherwise('15m', checkSpan)),
    remindEveryMs: read('remindEvery', optional(checkSpan)),
    noteFor: read('noteFor', parseNoteFor),
    grantable: read('grantable', checkSwitch),
  })
  known.add(requirement)
  return requirement
}

/** The same requirement under another id. */
export function withId(requirement: Requirement, id: string): Requirement {
  const renamed = Object.freeze({ ...requirement, id })
  if (known.has(requirement)) known.add(renamed)
  return renamed
}

const hashes = new WeakMap<Requirement, string>()

/**
 * SHA-256 over the requirement's canonical form: equal for equal content. Computed once for each object, which must not
 * change afterwards; parsed and stored requirements never do (T07).
 */
export function requirementHash(requirement: Requirement): string {
  return kept(hashes, requirement, () => sha256Hex(canonicalize(requirement as unknown as Json)))
}

const NOTES_FOR: readonly unknown[] = [undefined, false, 'approve', 'reject', 'both']

function parseNoteFor(noteFor: unknown, option: string): Requirement['noteFor'] {
  if (!NOTES_FOR.includes(noteFor))
    throw new OptionError(option, "must be 'approve', 'reject', 'both' or false")
  const both = noteFor === 'both'
  return { approve: both || noteFor === 'approve', reject: both || noteFor === 'reject' }
}
