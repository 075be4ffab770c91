import {
  type CanonicalPerson,
  checkOptions,
  type Directory,
  type Duration,
  OptionError,
  type PersonRef,
  parseDuration,
} from '@gatewright/core'
import { privateServiceUrl } from '../http/loopback'
import { createFreshness } from './freshness'
import { createScimClient, type ScimClient, type ScimUser } from './scim-client'

/** Where an identity stands in SCIM: the user whose `attribute` is exactly `value`. */
export interface ScimMatch {
  /** `externalId`, `userName`, `id`, or an extension's attribute by its full name. Of text, and unique. */
  readonly attribute: string
  readonly value: string
}

/** Options of {@link scimDirectory}. */
export interface ScimDirectoryOptions {
  /** The base of the SCIM 2.0 service, `https://idp.example.com/scim/v2`. http only on this computer. */
  readonly url: string
  /** The bearer token, or a function that gives it anew. */
  readonly token: string | (() => string | Promise<string>)
  /** The issuer of the people that it knows: that of their sign-in. A person is this, and their {@link subject}. */
  readonly issuer: string
  /** The attribute of a user that is the `sub` (Entra: the `oid`) of their sign-in. @default 'externalId' */
  readonly subject?: string
  /**
   * Where other identities stand, such as those of chat platforms: `null` where it knows none. The identities of `issuer`
   * are looked up by `subject`.
   *
   * @default knows no others
   */
  readonly match?: (identity: PersonRef) => ScimMatch | null
  /** How long an answer is used again: who loses a role keeps it here no longer than that. @default '30s' */
  readonly maxAge?: Duration
  /** For one answer, with all the pages that it takes. @default '5s' */
  readonly timeout?: Duration
  /** @default the global fetch */
  readonly fetch?: typeof fetch
}

const KNOWN = ['url', 'token', 'issuer', 'subject', 'match', 'maxAge', 'timeout', 'fetch']
const ATTRIBUTE = /^(?:urn:[\w.:-]+:)?[A-Za-z][\w-]*$/

/**
 * A directory that asks a SCIM 2.0 service (RFC 7643, 7644): who somebody is, whether they are still there, and in which
 * groups. Somebody who is not active is nobody. It fails closed: an answer that is late, cut off, malformed, or that names
 * two people is an error, and whoever asked refuses. Groups are told by their `displayName`, and only direct members count.
 *
 * A service that ignores a filter gives nobody away: each user and each group is compared with what was asked for.
 *
 * The address is the operator's own, and often inside the network, so `@gatewright/outbound`, which keeps addresses that
 * others chose out of it and posts signed messages, does not fit. Instead: https only, no redirect, and no answer is followed
 * to another address.
 *
 * @throws OptionError naming the option that is wrong, unknown or missing
 * @example
 * ```ts
 * import { scimDirectory } from '@gatewright/server'
 *
 * const directory = scimDirectory({
 *   url: 'https://idp.example.com/scim/v2',
 *   token: process.env['SCIM_TOKEN'] ?? '',
 *   issuer: 'https://idp.example.com',
 * })
 * ```
 */
export function scimDirectory(options: ScimDirectoryOptions): Directory {
  checkOptions(options, KNOWN, 'scimDirectory')
  const { issuer, subject = 'externalId', match = () => null } = options
  if (typeof issuer !== 'string' || issuer === '')
    throw new OptionError('scimDirectory.issuer', 'is needed: the issuer of the sign-in of these people')
  if (!ATTRIBUTE.test(subject)) throw new OptionError('scimDirectory.subject', 'is the name of an attribute')
  if (typeof match !== 'function') throw new OptionError('scimDirectory.match', 'is a function')
  const client = createScimClient({
    url: checkUrl(options.url),
    token: checkToken(options.token),
    timeoutMs: span(options.timeout ?? '5s', 'scimDirectory.timeout'),
    fetch: options.fetch ?? fetch,
  })
  const maxAgeMs = span(options.maxAge ?? '30s', 'scimDirectory.maxAge')
  const people = createFreshness<CanonicalPerson | null>(maxAgeMs)
  const lists = createFreshness<readonly CanonicalPerson[]>(maxAgeMs)

  function matchOf(identity: PersonRef): ScimMatch | null {
    if (identity.issuer === issuer) return { attribute: subject, value: identity.subject }
    const matched = match(identity)
    if (matched === null) return null
    if (!ATTRIBUTE.test(matched.attribute) || typeof matched.value !== 'string' || matched.value === '')
      throw new OptionError('scimDirectory.match', 'gives null, or an attribute and the text it must be')
    return matched
  }

  async function known(user: ScimUser, signal: AbortSignal): Promise<CanonicalPerson | null> {
    const id = user.text(subject)
    // Without the id of their sign-in nobody could be told apart from somebody else (I4).
    if (!user.active || id === null) return null
    return { issuer, subject: id, name: user.name, groups: await client.groupsOf(user.id, signal) }
  }

  return {
    async resolve(identity) {
      const matched = matchOf(identity)
      if (matched === null) return null
      return people.get(JSON.stringify([matched.attribute, matched.value]), () =>
        client.inTime(async (signal) => {
          const user = await client.userBy(matched.attribute, matched.value, signal)
          return user && known(user, signal)
        }),
      )
    },
    members: (group) =>
      lists.get(group, () => client.inTime((signal) => membersOf(client, group, known, signal))),
  }
}

async function membersOf(
  client: ScimClient,
  group: string,
  known: (user: ScimUser, signal: AbortSignal) => Promise<CanonicalPerson | null>,
  signal: AbortSignal,
): Promise<readonly CanonicalPerson[]> {
  const members: CanonicalPerson[] = []
  for (const id of await client.membersOf(group, signal)) {
    const user = await client.user(id, signal)
    const person = user && (await known(user, signal))
    if (person !== null) members.push(person)
  }
  return members
}

function checkUrl(value: unknown): URL {
  const url = privateServiceUrl(value)
  if (url === null)
    throw new OptionError(
      'scimDirectory.url',
      'is the https address of a SCIM 2.0 service, without query or user (http only on this computer)',
    )
  return url
}

function checkToken(token: unknown): () => Promise<string> {
  // T18: what is missing or empty is never taken for "no token needed".
  if (typeof token !== 'function' && (typeof token !== 'string' || token.trim() === ''))
    throw new OptionError('scimDirectory.token', 'is needed: a bearer token, or a function that gives it')
  return async () => {
    const given: unknown = typeof token === 'function' ? await token() : token
    if (typeof given === 'string' && given.trim() !== '') return given
    throw new OptionError('scimDirectory.token', 'gave no token. Nobody was looked up')
  }
}

function span(value: Duration, option: string): number {
  const ms = parseDuration(value, option)
  if (ms < 1) throw new OptionError(option, 'is longer than nothing')
  return ms
}
