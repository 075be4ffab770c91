import * as client from 'openid-client'
import type { Claims } from './claims'
import { SignInError } from './sign-in'

/**
 * The claims of a verified ID token, and what it left out of others, as the provider's user info endpoint tells it: with the
 * authorization code flow a provider may tell them there alone (OpenID Connect Core 5.4; Okta does).
 *
 * @param wanted - claims that name a person or their groups. What decides who somebody is, or how they signed in, stands in
 *   the token and is asked for nowhere else
 * @throws SignInError when the endpoint does not answer: groups that are not known are not none
 */
export async function completed(
  config: client.Configuration,
  tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers,
  wanted: readonly string[],
): Promise<Claims> {
  const claims: Claims = tokens.claims() ?? {}
  const missing = wanted.filter((claim) => claims[claim] === undefined)
  if (missing.length === 0 || config.serverMetadata().userinfo_endpoint === undefined) return claims
  const told = await client
    // Refuses an answer about somebody else.
    .fetchUserInfo(config, tokens.access_token, String(claims.sub))
    .catch((cause: unknown) => {
      throw new SignInError(
        'unavailable',
        'The identity provider did not say your name and groups, so nothing was assumed. Try again.',
        cause,
      )
    })
  return { ...claims, ...Object.fromEntries(missing.map((claim) => [claim, told[claim]])) }
}
