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

/** Claims that name the program a token was given to: where that is its subject too, it speaks for nobody else (RFC 9068, 2.2). */
export const CLAIMS_OF_CLIENTS: readonly string[] = ['azp', 'appid', 'cid', 'client_id']

/**
 * Whether verified claims are those of an ID token that a person got at this client. A provider signs other tokens with the
 * same keys, for the same audience: access tokens that another program was given (T02), logout tokens.
 *
 * @param type - `typ` of its header
 */
export function isIdToken(claims: Claims, type: string | undefined, clientId: string): boolean {
  // RFC 9068 and OpenID Connect say "at+jwt" and "logout+jwt" there, and RFC 8417 `events`.
  if (!/^(application\/)?jwt$/i.test(type ?? 'JWT') || claims.events !== undefined) return false
  // OpenID Connect Core 3.1.3.7, 4 and 5.
  const isShared = Array.isArray(claims.aud) && claims.aud.length > 1
  if (isShared && claims.azp === undefined) return false
  return CLAIMS_OF_CLIENTS.every((claim) => claims[claim] === undefined || claims[claim] === clientId)
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
