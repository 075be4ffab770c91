import { createHash, timingSafeEqual } from 'node:crypto'
import { OptionError, type PersonRef, type Principal } from '@gatewright/core'

/** One person who decides at an MCP client of their own. */
export interface ElicitationReviewer extends PersonRef {
  /** For people to read. */
  readonly name: string
  /** The groups that you vouch for. Used only where the gate has no directory. @default none */
  readonly groups?: readonly string[]
  /**
   * What that person's client sends as `Authorization: Bearer …`: at least 32 characters, made at random, known to that
   * person alone. A client that an agent works in must never hold it.
   */
  readonly token: string
}

/** Who is asked by elicitation. */
export interface ElicitationOptions {
  readonly reviewers: readonly ElicitationReviewer[]
  /** @default 'elicitation' */
  readonly name?: string
}

/** Finds whose credentials a request carries. */
export type FindReviewer = (authorization: string | null | undefined) => Principal | null

/**
 * Checks the options, and gives what recognises the reviewers. Tokens are kept as digests.
 *
 * @throws OptionError naming what is wrong
 */
export function readReviewers(options: ElicitationOptions): FindReviewer {
  const where = 'elicitationApprover'
  if (typeof options !== 'object' || options === null)
    throw new OptionError(where, 'needs options with "reviewers"')
  refuseOthers(options, ['reviewers', 'name'], where)
  const { name, reviewers } = options
  if (name !== undefined && (typeof name !== 'string' || name.trim() === ''))
    throw new OptionError(`${where}.name`, 'must be a name')
  if (!Array.isArray(reviewers) || reviewers.length === 0)
    throw new OptionError(
      `${where}.reviewers`,
      'must name at least one person: nobody is asked by elicitation unless they are named here',
    )
  const known = reviewers.map((one, index) => readReviewer(one, `${where}.reviewers[${index}]`))
  if (new Set(known.map(({ digest }) => digest.toString('hex'))).size < known.length)
    throw new OptionError(`${where}.reviewers`, 'two of them have the same token')
  return (authorization) => {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? []
    if (token === undefined) return null
    const digest = digestOf(token)
    let found: Principal | null = null
    for (const one of known) if (timingSafeEqual(one.digest, digest)) found = one.person
    return found
  }
}

function readReviewer(one: ElicitationReviewer, where: string) {
  if (typeof one !== 'object' || one === null) throw new OptionError(where, 'must be a person')
  refuseOthers(one, ['issuer', 'subject', 'name', 'groups', 'token'], where)
  const { groups = [], issuer, name, subject, token } = one
  for (const [field, value] of Object.entries({ issuer, subject, name }))
    if (typeof value !== 'string' || value.trim() === '')
      throw new OptionError(`${where}.${field}`, 'must be a text')
  if (!Array.isArray(groups) || groups.some((group) => typeof group !== 'string'))
    throw new OptionError(`${where}.groups`, 'must be a list of names')
  if (typeof token !== 'string' || token.length < 32 || /\s/.test(token))
    throw new OptionError(`${where}.token`, 'must have at least 32 characters, and no spaces')
  // What somebody holds, at a client that is not ours: nothing here proves more (T22).
  const person: Principal = {
    type: 'human',
    issuer,
    subject,
    name,
    groups,
    assurance: { method: 'local' },
  }
  return { digest: digestOf(token), person }
}

function refuseOthers(given: object, known: readonly string[], where: string): void {
  const stranger = Object.keys(given).find((name) => !known.includes(name))
  if (stranger !== undefined) throw new OptionError(`${where}.${stranger}`, 'is no option')
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
