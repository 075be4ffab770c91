import { type Principal, person } from '@gatewright/core'

export const ISSUER = 'https://idp.test'

/** A member of `ops`, who signed in at the identity provider. */
export function member(subject: string, groups: readonly string[] = ['ops']): Principal {
  return person(ISSUER, subject, { name: subject, groups, assurance: { method: 'sso' } })
}

export const ada = member('ada')
export const ben = member('ben')
export const cleo = member('cleo')
export const olga = member('olga', ['ops', 'admins'])
