import type { Clock, Principal } from '@gatewright/core'
import type { JWTPayload } from 'jose'
import { type IssuerKeys, issuerKeys, KeysUnavailableError } from './issuer-keys'
import type { Issuer } from './issuer-options'
import { loadJose } from './load-jose'

/** Who signed, or why nobody did. */
export type VerifiedIdentity =
  | { readonly principal: Principal; readonly problem?: never }
  | { readonly problem: string; readonly principal?: never }

/** Verifies people's own tokens. */
export interface IdentityVerifier {
  /**
   * The person whose token this is, for a decision with this nonce. Never throws for anything in a token.
   *
   * @throws KeysUnavailableError when the issuer's keys cannot be read
   */
  verify(token: string, nonce: string): Promise<VerifiedIdentity>
  close(): void
}

/** Clocks of identity providers differ from ours by so much. */
const SKEW_SECONDS = 60

/** A verifier for these issuers and no others. */
export function identityVerifier(issuers: ReadonlyMap<string, Issuer>, clock: Clock): IdentityVerifier {
  const keys = new Map([...issuers.values()].map((one) => [one.issuer, issuerKeys(one, clock)] as const))

  return {
    async verify(token, nonce) {
      try {
        const { decodeJwt } = await loadJose()
        // Unverified: it only says whose keys to try.
        const { iss } = decodeJwt(token)
        const issuer = iss === undefined ? undefined : issuers.get(iss)
        const known = iss === undefined ? undefined : keys.get(iss)
        if (issuer === undefined || known === undefined)
          return { problem: 'the identity token is of an issuer that is not known here' }
        return personOf(await claimsOf(token, issuer, known, clock), issuer, nonce)
      } catch (error) {
        if (error instanceof KeysUnavailableError) throw error
        return { problem: await problemOf(error) }
      }
    },
    close() {
      for (const one of keys.values()) one.close()
    },
  }
}

async function claimsOf(token: string, of: Issuer, keys: IssuerKeys, clock: Clock): Promise<JWTPayload> {
  const { jwtVerify } = await loadJose()
  const { payload } = await jwtVerify(token, keys.find, {
    issuer: of.issuer,
    audience: [...of.audience],
    algorithms: [...of.algorithms],
    requiredClaims: ['iss', 'aud', 'exp', 'iat', of.subjectClaim],
    maxTokenAge: of.maxAgeMs / 1_000,
    clockTolerance: SKEW_SECONDS,
    currentDate: new Date(clock.now()),
  })
  return payload
}

/** I5: everything comes from what was verified. */
function personOf(claims: JWTPayload, of: Issuer, nonce: string): VerifiedIdentity {
  // A token that was signed for something else, or for another decision, is no vote.
  if (!isBound(claims, of.binding, nonce))
    return { problem: `the identity token is not bound to this statement: see its claim "${of.binding}"` }
  // T02: an agent that acts for a person holds a token with their subject.
  if (isMachine(claims))
    return { problem: 'the identity token is of a program, or of one that acts for somebody' }
  const subject = claims[of.subjectClaim]
  if (typeof subject !== 'string' || subject === '' || subject.length > 255)
    return { problem: `the identity token names nobody in its claim "${of.subjectClaim}"` }
  const authTime = claims.auth_time
  const acr = claims.acr
  return {
    principal: {
      type: 'human',
      issuer: of.issuer,
      subject,
      name: shortText(claims.name) ?? shortText(claims.preferred_username) ?? subject,
      ...optional('email', shortText(claims.email)),
      groups: of.groupsClaim === null ? [] : groupsIn(claims[of.groupsClaim]),
      assurance: {
        method: 'token',
        ...(typeof authTime === 'number' && Number.isFinite(authTime) ? { authTime: authTime * 1_000 } : {}),
        ...optional('acr', shortText(acr)),
      },
    },
  }
}

function isBound(claims: JWTPayload, binding: Issuer['binding'], nonce: string): boolean {
  if (binding === 'nonce') return claims.nonce === nonce
  const details = claims.authorization_details
  if (!Array.isArray(details)) return false
  return details.some((one) => {
    const { type, statement_digest } = (one ?? {}) as { type?: unknown; statement_digest?: unknown }
    return type === 'gatewright_decision' && statement_digest === nonce
  })
}

/** RFC 8693 `act`, Entra's and Auth0's words for a client's own token, and a client that is its own subject. */
function isMachine({ sub, ...claims }: JWTPayload): boolean {
  if (claims.act !== undefined || claims.idtyp === 'app' || claims.gty === 'client-credentials') return true
  return sub !== undefined && [claims.azp, claims.appid, claims.client_id].includes(sub)
}

/** What is no list of names gives no group: an overflow of Entra's, for one. */
function groupsIn(claim: unknown): readonly string[] {
  const isList = Array.isArray(claim) && claim.every((one) => typeof one === 'string' && one !== '')
  return isList ? claim : []
}

function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined
}

function optional<Name extends string>(name: Name, value: string | undefined) {
  return (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: string }
}

/** In our words: those of a token are not repeated. */
async function problemOf(error: unknown): Promise<string> {
  const { errors } = await loadJose()
  if (error instanceof errors.JWTExpired) return 'the identity token is expired, or was issued too long ago'
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the identity token's claim "${error.claim}" is missing, or not what is wanted here`
  if (error instanceof errors.JOSEAlgNotAllowed)
    return 'the identity token is signed with an algorithm that is not accepted'
  if (error instanceof errors.JWKSNoMatchingKey)
    return 'the identity token is signed with a key that its issuer does not have'
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return "the identity token's signature is not its issuer's"
  return 'the identity token is no signed token that can be verified'
}
