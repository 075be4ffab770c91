import type { JsonObject } from '../../contracts/json'
import type { GrantConstraint, StandingGrant } from '../../contracts/policy'
import type { GrantedCall, GrantGiver } from '../grants'
import { group } from '../reviewers'
import { required, someone } from './samples'

/** When it is. */
export const NOW = 1_000_000
/** A requirement that may be granted ahead. */
export const grantable = (options: Parameters<typeof required>[0]) =>
  required({ ...options, grantable: true } as never)
/** One that the group `ops` may grant. */
export const ops = grantable({ reviewers: group('ops') })

/** A grant that counts now, for one more use. */
export function grant(
  constraints: readonly GrantConstraint[],
  more: Partial<StandingGrant> = {},
): StandingGrant {
  return {
    id: 'g1',
    version: 1,
    action: 'shell.run',
    requesterId: 'bot',
    constraints,
    givenBy: [],
    note: '',
    createdAt: 0,
    expiresAt: NOW + 1,
    usesLeft: 1,
    revoked: null,
    ...more,
  }
}

/** Who gave it, a moment ago. */
export function giver(
  subject: string,
  groups: readonly string[] = ['ops'],
  more: Partial<GrantGiver> = {},
): GrantGiver {
  return { person: someone(subject, groups), assurance: { method: 'local' }, givenAt: NOW - 1_000, ...more }
}

/** A call that may be covered, with these arguments. */
export function callWith(view: JsonObject, more: Partial<GrantedCall> = {}): GrantedCall {
  return {
    action: 'shell.run',
    requesterId: 'bot',
    view,
    requirements: [ops],
    givers: [giver('ada')],
    excluded: [],
    now: NOW,
    ...more,
  }
}
