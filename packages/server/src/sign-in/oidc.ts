import { checkOptions, OptionError } from '@gatewright/core'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { privateUrl } from '../http/loopback'
import { byIssuerAndSubject, type ClaimRules, groupsIn, isIdToken, principalOf } from './claims'
import { type SignIn, SignInError, type StepUp } from './sign-in'
import { notConfirmed } from './step-up-answers'
import { completed } from './user-info'
import { createVerifiedTokens } from './verified-tokens'

/** Options of {@link oidc}. */
export interface OidcOptions {
  /** Stands in the addresses of the sign-in. @default 'sso' */
  readonly id?: string
  /** On the button. @default the issuer's host */
  readonly title?: string
  /** The provider's issuer, exactly as its discovery document states it. https, or http on this computer. */
  readonly issuer: string
  readonly clientId: string
  /** Leave it out for a public client, which PKCE alone protects. */
  readonly clientSecret?: string
  /** @default ['openid', 'profile', 'email'] */
  readonly scopes?: readonly string[]
  /** The claim with the names of groups. `null`: none, for a gate with a directory. @default 'groups' */
  readonly groupsClaim?: string | null
}

/** What a preset adds to plain OpenID Connect. */
export interface OidcPreset extends OidcOptions {
  readonly rules?: ClaimRules
  /** Parameters of the authorization request beyond the flow's own. @default `max_age` and `acr_values`, where asked for */
  readonly parameters?: (asked: StepUp) => Readonly<Record<string, string>>
}

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA', 'RS384', 'RS512', 'PS384', 'PS512', 'ES512']
const SKEW_SECONDS = 60
const TIMEOUT_SECONDS = 10

/**
 * Sign-in at any OpenID Connect provider with discovery: authorization code flow with PKCE, state and nonce.
 *
 * @throws OptionError naming the option that is wrong, unknown or missing
 */
export function oidc(options: OidcOptions): SignIn {
  checkOptions(
    options,
    ['id', 'title', 'issuer', 'clientId', 'clientSecret', 'scopes', 'groupsClaim'],
    'oidc',
  )
  return createOidc(options, 'oidc')
}

/** The sign-in that all presets share. @param where - the function that was called, for errors */
export function createOidc(preset: OidcPreset, where: string): SignIn {
  const issuer = checkIssuer(preset.issuer, `${where}.issuer`)
  const clientId = checkText(preset.clientId, `${where}.clientId`)
  if (preset.clientSecret !== undefined) checkText(preset.clientSecret, `${where}.clientSecret`)
  const id = preset.id ?? 'sso'
  if (!/^[a-z0-9-]{1,32}$/.test(id))
    throw new OptionError(
      `${where}.id`,
      'is 1 to 32 lower-case letters, digits and dashes: it stands in addresses',
    )
  const { groupsClaim = 'groups' } = preset
  const rules: ClaimRules = preset.rules ?? {
    identity: byIssuerAndSubject,
    groups: (claims) => (groupsClaim === null ? [] : groupsIn(claims, groupsClaim)),
  }
  // A provider with rules of its own is known to say everything in its tokens.
  const wanted =
    preset.rules === undefined ? ['name', 'email', ...(groupsClaim === null ? [] : [groupsClaim])] : []
  const parameters = preset.parameters ?? stepUpParameters
  const scope = [...new Set(['openid', ...(preset.scopes ?? ['profile', 'email'])])].join(' ')

  let discovering: Promise<client.Configuration> | null = null
  let keys: ReturnType<typeof createRemoteJWKSet> | null = null
  const verified = createVerifiedTokens(SKEW_SECONDS)

  async function configuration(): Promise<client.Configuration> {
    discovering ??= client.discovery(
      issuer,
      clientId,
      {
        client_secret: preset.clientSecret,
        [client.clockTolerance]: SKEW_SECONDS,
      } as Partial<client.ClientMetadata>,
      preset.clientSecret === undefined ? client.None() : client.ClientSecretPost(preset.clientSecret),
      {
        timeout: TIMEOUT_SECONDS,
        ...(issuer.protocol === 'http:' ? { execute: [client.allowInsecureRequests] } : {}),
      },
    )
    try {
      return await discovering
    } catch (cause) {
      // A provider that was down is asked again by the next person.
      discovering = null
      throw new SignInError(
        'unavailable',
        'The identity provider does not answer just now. Try again.',
        cause,
      )
    }
  }

  return {
    id,
    title: preset.title ?? issuer.host,
    demo: false,
    people: [],
    issued: (claimed) => claimed === preset.issuer,

    async begin(redirectUri, asked) {
      const config = await configuration()
      const codeVerifier = client.randomPKCECodeVerifier()
      const state = client.randomState()
      const nonce = client.randomNonce()
      const url = client.buildAuthorizationUrl(config, {
        ...parameters(asked),
        redirect_uri: redirectUri,
        scope,
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      })
      return { url, state, nonce, codeVerifier, maxAge: asked.maxAge ?? null, acr: asked.acr ?? [] }
    },

    async finish(currentUrl, { state, nonce, codeVerifier, maxAge, acr }) {
      const config = await configuration()
      try {
        const tokens = await client.authorizationCodeGrant(config, currentUrl, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: codeVerifier,
          idTokenExpected: true,
          ...(maxAge === null ? {} : { maxAge }),
        })
        return principalOf(await completed(config, tokens, wanted), rules, 'sso', acr)
      } catch (cause) {
        throw cause instanceof SignInError ? cause : notConfirmed(cause)
      }
    },

    async verifyToken(token) {
      const known = verified.recall(token)
      if (known !== null) return known
      const { jwks_uri } = (await configuration()).serverMetadata()
      if (jwks_uri === undefined)
        throw new SignInError('unavailable', 'The identity provider publishes no keys to check tokens with.')
      keys ??= createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: TIMEOUT_SECONDS * 1_000 })
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keys, {
          issuer: preset.issuer,
          audience: clientId,
          algorithms: ALGORITHMS,
          clockTolerance: SKEW_SECONDS,
          requiredClaims: ['exp', 'iat', 'sub'],
        })
        if (!isIdToken(payload, protectedHeader.typ, clientId))
          throw new SignInError('failed', 'The token is not valid here.')
        const principal = principalOf(payload, rules, 'token')
        verified.remember(token, principal, payload.exp ?? 0)
        return principal
      } catch (cause) {
        if (cause instanceof SignInError) throw cause
        throw new SignInError('failed', 'The token is not valid here.', cause)
      }
    },

    async endSessionUrl(returnTo) {
      const config = await configuration().catch(() => null)
      if (config === null || config.serverMetadata().end_session_endpoint === undefined) return null
      return client.buildEndSessionUrl(config, { post_logout_redirect_uri: returnTo }).href
    },
  }
}

/** OpenID Connect's own way to ask for a fresher or stronger sign-in. Not every provider has a page to select an account on. */
export function stepUpParameters({ maxAge, acr, another }: StepUp): Readonly<Record<string, string>> {
  return {
    ...(another ? { prompt: 'login' } : {}),
    ...(maxAge === undefined ? {} : { max_age: String(maxAge) }),
    ...(acr === undefined ? {} : { acr_values: acr.join(' ') }),
  }
}

function checkIssuer(value: unknown, option: string): URL {
  const url = privateUrl(value)
  if (url === null)
    throw new OptionError(
      option,
      'is the https address of an OpenID Connect issuer (http only on this computer)',
    )
  return url
}

/** T18: what is missing or empty is never taken for "no check". @throws OptionError */
export function checkText(value: unknown, option: string): string {
  if (typeof value === 'string' && value.trim() !== '') return value
  throw new OptionError(option, 'is needed, and not empty')
}
