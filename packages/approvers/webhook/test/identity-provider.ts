import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'
import type { WebhookIssuerOptions, WebhookJwk } from '../src'

/** What to put into a token in place of what belongs there; `undefined` leaves it out. */
export type Claims = Readonly<Record<string, unknown>>

/** An identity provider in a test: one key, and tokens for whoever the test says. */
export interface IdentityProvider {
  readonly issuer: string
  readonly jwk: WebhookJwk
  /** The options under which its tokens are good. */
  readonly options: WebhookIssuerOptions
  /** An ID token of Ada for a statement's nonce, as of a time in milliseconds, with other claims on top. */
  token(nonce: string, now: number, claims?: Claims, header?: Claims): Promise<string>
}

export const ISSUER = 'https://idp.test'
export const AUDIENCE = 'approvals'

/** Makes a provider with a new key. */
export async function identityProvider(
  alg: 'ES256' | 'RS256' | 'EdDSA' = 'ES256',
  issuer: string = ISSUER,
  kid = 'k1',
): Promise<IdentityProvider> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid } as unknown as WebhookJwk
  return {
    issuer,
    jwk,
    options: { issuer, audience: AUDIENCE, keys: [jwk] },
    token(nonce, now, claims = {}, header = {}) {
      const seconds = Math.floor(now / 1_000)
      const whole = {
        iss: issuer,
        sub: 'ada',
        aud: AUDIENCE,
        iat: seconds,
        exp: seconds + 300,
        auth_time: seconds - 60,
        name: 'Ada Moreno',
        nonce,
        ...claims,
      }
      const given = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined))
      return new SignJWT(given as JWTPayload).setProtectedHeader({ alg, kid, ...header }).sign(privateKey)
    },
  }
}

/** Serves what a test says are the keys, on the loopback. */
export async function keyServer(answer: () => { readonly status: number; readonly body: string }) {
  let reads = 0
  const server = createServer((_request, response) => {
    reads += 1
    const { status, body } = answer()
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/jwks`, reads: () => reads }
}
