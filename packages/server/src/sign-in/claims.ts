import type { Principal } from '@gatewright/core'
import { SignInError } from './sign-in'

/** The claims of a verified ID token. */
export type Claims = Readonly<Record<string, unknown>>

/** How the claims of one provider become a person. */
export interface ClaimRules {
  /** The person's immutable id, and who vouches for it. @throws SignInError when the claims break the provider's rules */
  readonly identity: (claims: Claims) => { readonly issuer: string; readonly subject: string }
  /** Names of groups. @throws SignInError when the token does not hold all of them (fail closed) */
  readonly groups: (claims: Claims) => readonly string[]
  /** The authentication context class that a sign-in reached. @default the claim `acr` @param asked - those that would do */
  readonly acr?: (claims: Claims, asked: readonly string[]) => string | undefined
}

/**
 * A person, as verified claims state them. E-mail is for people to read and proves nothing (T21).
 *
 * @param asked - classes of which the sign-in was asked to reach one
 */
export function principalOf(
  claims: Claims,
  rules: ClaimRules,
  method: 'sso' | 'token',
  asked: readonly string[] = [],
): Principal {
  const { issuer, subject } = rules.identity(claims)
  const email = text(claims.email)
  const authTime = claims.auth_time
  const acr = rules.acr === undefined ? text(claims.acr) : rules.acr(claims, asked)
  return {
    type: 'human',
    issuer,
    subject,
    name: text(claims.name) ?? text(claims.preferred_username) ?? email ?? subject,
    ...(email === undefined ? {} : { email }),
    groups: rules.groups(claims),
    assurance: {
      method,
      // Seconds in tokens, milliseconds here.
      ...(typeof authTime === 'number' && Number.isFinite(authTime) ? { authTime: authTime * 1_000 } : {}),
      ...(acr === undefined ? {} : { acr }),
    },
  }
}

/** OpenID Connect's own identity: `iss` and `sub`. */
export function byIssuerAndSubject(claims: Claims): { readonly issuer: string; readonly subject: string } {
  return { issuer: required(claims, 'iss'), subject: required(claims, 'sub') }
}

/** A list of texts in a claim; none when the claim is not there. @throws SignInError when it holds anything else */
export function groupsIn(claims: Claims, claim: string): readonly string[] {
  const value = claims[claim]
  if (value === undefined) return []
  if (Array.isArray(value) && value.every((group) => typeof group === 'string')) return value
  throw new SignInError(
    'refused',
    `The claim "${claim}" of your sign-in is no list of groups. Nothing was assumed.`,
  )
}

/** A claim that must be there. @throws SignInError */
export function required(claims: Claims, claim: string): string {
  const value = text(claims[claim])
  if (value === undefined)
    throw new SignInError('refused', `Your sign-in does not state "${claim}", which is needed.`)
  return value
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
