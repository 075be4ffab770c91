import type { ReviewerSelector } from '../contracts/policy'
import type { Assurance, AssuranceMethod, Principal } from '../contracts/principal'
import { OptionError } from '../errors'
import { checkCount, checkList, checkText, ifGiven, optional } from '../values/checks'
import { checkOptions, readOptions } from '../values/options'

/** The members of a group, and how many of them must approve. */
export interface GroupReviewers {
  readonly type: 'group'
  readonly name: string
  readonly atLeast?: number
}

/** Whoever may review: `group(...)`, `person(...)`, `anyOf(...)`, or a selector as data. */
export type ReviewersOption = ReviewerSelector | GroupReviewers | Principal

/** A reviewers option, read. */
export interface Reviewers {
  readonly selector: ReviewerSelector
  /** `null`: the option did not say. */
  readonly atLeast: number | null
}

/**
 * The members of a group, by the name that the directory (or, without one, the transport) knows it by.
 *
 * @param options.atLeast - how many distinct people must approve. @default 1
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function group(name: string, options: { readonly atLeast?: number } = {}): GroupReviewers {
  checkText(name, 'group.name')
  const atLeast = readOptions(options, ['atLeast'], 'group')('atLeast', optional(checkCount))
  return Object.freeze({ type: 'group', name, ...(atLeast === null ? {} : { atLeast }) })
}

/**
 * Everybody whom one of the given reviewers names. A quorum belongs to the requirement (`atLeast`), not to a part of it.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function anyOf(
  ...reviewers: readonly ReviewersOption[]
): Extract<ReviewerSelector, { type: 'anyOf' }> {
  if (reviewers.length === 0) throw new OptionError('anyOf', 'needs at least one reviewer')
  const of = reviewers.map((one, index) => {
    const { selector, atLeast } = readReviewers(one, `anyOf[${index}]`)
    if (atLeast === null) return selector
    throw new OptionError(`anyOf[${index}].atLeast`, 'cannot stand inside anyOf; say it beside "reviewers"')
  })
  return Object.freeze({ type: 'anyOf', of: Object.freeze(of) })
}

/** What may be said about a person beside their identity. */
export interface PersonOptions {
  /** For people to read. @default the subject */
  readonly name?: string
  /** For people to read; never compared. */
  readonly email?: string
  /** Used only where the gate has no directory. @default [] */
  readonly groups?: readonly string[]
  /** @default `{ method: 'local' }` */
  readonly assurance?: Assurance
}

/**
 * One human, by an immutable id: an agent's owner, the person it acts for, a voter in a test, or, as `reviewers`, the one
 * who must approve.
 *
 * @param issuer - who vouches for the subject: an OpenID issuer, `slack:T012AB`, `os:hostname`
 * @param subject - the immutable id under that issuer; not an e-mail address
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function person(issuer: string, subject: string, options: PersonOptions = {}): Principal {
  const read = readOptions(options, ['name', 'email', 'groups', 'assurance'], 'person')
  const { email, assurance } = options
  const groups = read('groups', checkList, 'group names')
  for (const name of groups) checkText(name, 'person.groups')
  const known = principal('human', issuer, subject, options.name, checkAssurance(assurance), groups)
  if (email === undefined) return Object.freeze(known)
  return Object.freeze({ ...known, email: checkText(email, 'person.email') })
}

/**
 * A program that acts by itself, such as a deployment service. It never votes (I5).
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function service(
  issuer: string,
  subject: string,
  options: { readonly name?: string } = {},
): Principal {
  return program('service', issuer, subject, options)
}

/**
 * An AI agent as an actor. It never votes (I5).
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function agent(issuer: string, subject: string, options: { readonly name?: string } = {}): Principal {
  return program('agent', issuer, subject, options)
}

function program(
  type: 'agent' | 'service',
  issuer: string,
  subject: string,
  options: { readonly name?: string },
): Principal {
  checkOptions(options, ['name'], type)
  return Object.freeze(principal(type, issuer, subject, options.name))
}

/**
 * Reads what was given as reviewers into a frozen selector.
 *
 * @throws OptionError `ERR_OPTION_INVALID` naming the part that is wrong; for agents and services, which cannot vote (I5)
 */
export function readReviewers(option: unknown, where: string): Reviewers {
  if (typeof option !== 'object' || option === null || !('type' in option)) {
    throw new OptionError(where, "must be group('...'), person('...', '...') or anyOf(...)")
  }
  switch (option.type) {
    case 'group':
      return readGroup(option as GroupReviewers, where)
    case 'human':
      return { selector: personSelector(option as Principal, where), atLeast: null }
    case 'person':
      checkOptions(option, ['type', 'issuer', 'subject'], where)
      return { selector: personSelector(option as Principal, where), atLeast: null }
    case 'anyOf':
      return readAnyOf(option as { readonly of?: unknown }, where)
    case 'agent':
    case 'service':
      throw new OptionError(
        where,
        `names ${option.type === 'agent' ? 'an agent' : 'a service'}; only people can vote`,
      )
    default:
      throw new OptionError(where, "must be group('...'), person('...', '...') or anyOf(...)")
  }
}

function readGroup(option: GroupReviewers, where: string): Reviewers {
  const read = readOptions(option, ['type', 'name', 'atLeast'], where)
  const selector = Object.freeze({ type: 'group', name: read('name', checkText) } as const)
  return { selector, atLeast: read('atLeast', optional(checkCount)) }
}

function readAnyOf(option: { readonly of?: unknown }, where: string): Reviewers {
  checkOptions(option, ['type', 'of'], where)
  const of = checkList(option.of as ReviewersOption[], `${where}.of`, 'reviewers')
  return { selector: anyOf(...of), atLeast: null }
}

function personSelector({ issuer, subject }: Principal, where: string): ReviewerSelector {
  checkText(issuer, `${where}.issuer`)
  checkText(subject, `${where}.subject`)
  return Object.freeze({ type: 'person', issuer, subject })
}

function principal(
  type: Principal['type'],
  issuer: string,
  subject: string,
  name: string | undefined,
  assurance: Assurance = LOCAL,
  groups: readonly string[] = [],
): Principal {
  const where = type === 'human' ? 'person' : type
  return {
    type,
    issuer: checkText(issuer, `${where}.issuer`),
    subject: checkText(subject, `${where}.subject`),
    name: ifGiven(name, checkText, `${where}.name`) ?? subject,
    groups: Object.freeze([...groups]),
    assurance,
  }
}

const LOCAL: Assurance = Object.freeze({ method: 'local' })
const METHODS: readonly AssuranceMethod[] = ['demo', 'local', 'chat', 'token', 'sso']

function checkAssurance(assurance: Assurance | undefined): Assurance {
  if (assurance === undefined) return LOCAL
  if (typeof assurance !== 'object' || assurance === null || !METHODS.includes(assurance.method)) {
    throw new OptionError('person.assurance.method', `must be one of ${METHODS.join(', ')}`)
  }
  checkOptions(assurance, ['method', 'authTime', 'acr'], 'person.assurance')
  if (assurance.authTime !== undefined && !Number.isFinite(assurance.authTime)) {
    throw new OptionError('person.assurance.authTime', 'must be milliseconds since the epoch')
  }
  ifGiven(assurance.acr, checkText, 'person.assurance.acr')
  return Object.freeze({ ...assurance })
}
