import type { CanonicalPerson, Directory, PersonRef } from './contracts/principal'
import { OptionError } from './errors'
import { personKey } from './policy/eligibility'
import { checkList, checkText, isObject } from './values/checks'
import { deepFreeze } from './values/deep-freeze'
import { checkOptions } from './values/options'

/** An e-mail address, also written as a link. A colon is in none: `1000:kim@corp.example` is a user of an operating system. */
const EMAIL = /^(?:(?:mailto|acct):)?[^@\s:]+@[^@\s:]+\.[^@\s:]+$/i

/** One person of a static directory. */
export interface StaticPerson extends PersonRef {
  /** For people to read. */
  readonly name: string
  /** @default [] */
  readonly groups?: readonly string[]
  /** Every other identity the person votes with: a Slack user, a Teams user. @default [] */
  readonly identities?: readonly PersonRef[]
}

/** Options of {@link staticDirectory}. */
export interface StaticDirectoryOptions {
  readonly people: readonly StaticPerson[]
  /** Members by group, each by any of their identities; adds to the people's own `groups`. @default {} */
  readonly groups?: Readonly<Record<string, readonly PersonRef[]>>
}

/**
 * A directory from data that the host program holds: a file it reads at the start, or a list in the code. Read once and
 * frozen; answers at once and never fails. Identities are immutable ids: an e-mail address is refused as one, and never
 * links two (T21). There is no option to allow it: an address passes to whoever gets the mailbox next, and with it the
 * right to approve.
 *
 * @throws OptionError `ERR_OPTION_INVALID` for an identity that two people share, a member who is not among the people, and
 *   whatever is malformed or unknown
 * @example
 * ```ts
 * import { staticDirectory } from '@gatewright/core'
 *
 * const directory = staticDirectory({
 *   people: [
 *     {
 *       issuer: 'https://idp.example.com',
 *       subject: '00u1',
 *       name: 'Ada Moreno',
 *       groups: ['security'],
 *       identities: [{ issuer: 'slack:T012AB', subject: 'U07CD' }],
 *     },
 *   ],
 * })
 * ```
 */
export function staticDirectory(options: StaticDirectoryOptions): Directory {
  checkOptions(options, ['people', 'groups'], 'staticDirectory')
  const people = parsePeople(options.people)
  const byIdentity = indexIdentities(people)
  addMembers(options.groups ?? {}, byIdentity)

  const canonical = new Map<Entry, CanonicalPerson>()
  const members = new Map<string, CanonicalPerson[]>()
  for (const entry of people) {
    const { issuer, subject, name } = entry.person
    const known = deepFreeze({ issuer, subject, name, groups: [...entry.groups] })
    canonical.set(entry, known)
    for (const group of entry.groups) members.set(group, [...(members.get(group) ?? []), known])
  }
  return Object.freeze<Directory>({
    async resolve(identity) {
      const entry = byIdentity.get(personKey(identity))
      return (entry && canonical.get(entry)) ?? null
    },
    async members(group) {
      return [...(members.get(group) ?? [])]
    },
  })
}

/** A person while the directory is read. */
interface Entry {
  readonly person: StaticPerson
  readonly groups: Set<string>
  readonly where: string
}

function parsePeople(people: unknown): readonly Entry[] {
  if (!Array.isArray(people)) throw new OptionError('staticDirectory.people', 'must be a list of people')
  return people.map((person: StaticPerson, index) => {
    const where = `staticDirectory.people[${index}]`
    checkRef(person, ['name', 'groups', 'identities'], where)
    checkText(person.name, `${where}.name`)
    const groups = checkList(person.groups, `${where}.groups`, 'group names')
    for (const group of groups) checkText(group, `${where}.groups`)
    return { person, groups: new Set(groups), where }
  })
}

function indexIdentities(people: readonly Entry[]): ReadonlyMap<string, Entry> {
  const byIdentity = new Map<string, Entry>()
  for (const entry of people) {
    const { person, where } = entry
    const others = checkList(person.identities, `${where}.identities`, 'identities')
    for (const [index, identity] of others.entries()) checkRef(identity, [], `${where}.identities[${index}]`)
    for (const identity of [person, ...others]) {
      const key = personKey(identity)
      const known = byIdentity.get(key)
      if (known !== undefined) {
        const identityText = `${identity.issuer} ${identity.subject}`
        throw new OptionError(
          where,
          `${identityText} stands here and at ${known.where}; one identity is one person`,
        )
      }
      byIdentity.set(key, entry)
    }
  }
  return byIdentity
}

function addMembers(groups: unknown, byIdentity: ReadonlyMap<string, Entry>): void {
  if (!isObject(groups)) {
    throw new OptionError('staticDirectory.groups', 'must be an object of members, by group')
  }
  for (const [group, refs] of Object.entries(groups as NonNullable<StaticDirectoryOptions['groups']>)) {
    const where = `staticDirectory.groups.${group}`
    checkText(group, where)
    for (const [index, ref] of checkList(refs, where, 'members').entries()) {
      checkRef(ref, [], `${where}[${index}]`)
      const entry = byIdentity.get(personKey(ref))
      if (entry === undefined) throw new OptionError(`${where}[${index}]`, 'is nobody of "people"')
      entry.groups.add(group)
    }
  }
}

function checkRef(ref: PersonRef, more: readonly string[], where: string): void {
  checkOptions(ref, ['issuer', 'subject', ...more], where)
  const { issuer, subject } = ref
  checkText(issuer, `${where}.issuer`)
  checkText(subject, `${where}.subject`)
  if (EMAIL.test(subject)) {
    throw new OptionError(
      `${where}.subject`,
      'is an e-mail address, which can pass to somebody else, and be somebody else in another tenant. Write the id that the issuer never gives to anybody else: "sub" of an OpenID token ("oid" at Entra), the user id of Slack',
    )
  }
}
