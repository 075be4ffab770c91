import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

type Pair = Awaited<ReturnType<typeof generateKeyPair>>

/** What `ciSystem` gives. */
export type CiSystem = Awaited<ReturnType<typeof ciSystem>>

// Making one takes a second: one for all.
let made: Promise<Pair> | null = null

/** A CI system on this computer: its discovery document and keys, the way to them, and tokens for its jobs. */
export async function ciSystem() {
  made ??= generateKeyPair('RS256', { extractable: true })
  const pair = await made
  const heard: IncomingMessage[] = []
  const state = { down: false, issuer: '' }
  const server = createServer(async (request, response) => {
    heard.push(request)
    if (state.down) return response.writeHead(503).end()
    // Where a job of GitHub asks for its token.
    if (request.url?.startsWith('/token'))
      return response.end(
        JSON.stringify({
          value: await token({ aud: new URL(request.url, origin).searchParams.get('audience') ?? '' }),
        }),
      )
    const answer = request.url?.includes('openid-configuration')
      ? { issuer: state.issuer, jwks_uri: `${origin}/keys` }
      : { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] }
    return response.end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const token = (
    claims: JWTPayload = {},
    {
      key = pair.privateKey,
      ...header
    }: { key?: Pair['privateKey'] | Uint8Array; alg?: string; kid?: string; typ?: string } = {},
    expires = '5m',
  ) =>
    new SignJWT({
      iss: origin,
      aud: 'gatewright',
      sub: 'repo:o/r:ref:refs/heads/main',
      repository: 'o/r',
      actor: 'ada',
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header })
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(key)
  state.issuer = origin
  return {
    heard,
    issuer: origin,
    pair,
    state,
    close() {
      server.closeAllConnections()
      server.close()
    },
    token,
  }
}
