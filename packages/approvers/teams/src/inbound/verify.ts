import { decodeProtectedHeader, jwtVerify } from 'jose'
import type { SigningKeys } from './signing-keys'

/** What is verified of a request, before its body is looked at; or why it counts as nobody's. */
export type Verified =
  | { readonly serviceUrl: string; readonly problem?: never }
  | { readonly problem: string; readonly serviceUrl?: never }

/** Who signs for the Bot Connector. */
const ISSUER = 'https://api.botframework.com'
/** How far clocks may be apart, in seconds. */
const SKEW = 300
const MOST_TOKEN = 16_384

/**
 * Judges the token of an inbound request
 * (https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication): RS256 by a published
 * key that is endorsed for Teams, of the Bot Connector, for this app, within its time give or take five minutes.
 *
 * @param now - milliseconds since the epoch
 * @throws whatever keeps the keys from being read: then nothing can be verified, and nothing is taken
 */
export async function verifyToken(
  authorization: string | null,
  { appId, keys, now }: { readonly appId: string; readonly keys: SigningKeys; readonly now: number },
): Promise<Verified> {
  const [, token = ''] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '') ?? []
  if (token === '' || token.length > MOST_TOKEN) return { problem: 'there is no bearer token' }
  const id = keyIdOf(token)
  if (id === null) return { problem: 'the token is not signed with RS256 by a named key' }
  const key = await keys.find(id)
  if (key === null) return { problem: 'the token is signed by a key that may not sign for Teams' }
  try {
    const { payload } = await jwtVerify(token, key, {
      issuer: ISSUER,
      audience: appId,
      // Said outright: neither "none" nor an HMAC with the public key.
      algorithms: ['RS256'],
      clockTolerance: SKEW,
      currentDate: new Date(now),
      requiredClaims: ['exp', 'serviceurl'],
    })
    const { serviceurl } = payload
    if (typeof serviceurl !== 'string') return { problem: 'the token names no service' }
    return { serviceUrl: serviceurl }
  } catch {
    return { problem: 'the token is not valid here and now' }
  }
}

function keyIdOf(token: string): string | null {
  try {
    const { alg, kid } = decodeProtectedHeader(token)
    return alg === 'RS256' && typeof kid === 'string' ? kid : null
  } catch {
    return null
  }
}
