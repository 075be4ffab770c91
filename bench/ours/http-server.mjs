// A review server over HTTP, as it is by default but for its limits, whose people have tokens of an identity provider here.
import { createServer } from 'node:http'
import { createReviewServer, generateApiKey, oidc, serve } from '@gatewright/server'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

const CLIENT = 'bench'

/** A provider that publishes its keys, and signs tokens for whom it is told. */
async function identityProvider() {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'one', use: 'sig' }
  const listener = createServer((request, response) => {
    const answers = {
      '/.well-known/openid-configuration': {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      },
      '/jwks': { keys: [jwk] },
    }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answers[request.url]))
  })
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${listener.address().port}`
  return {
    issuer,
    token: (subject, groups) =>
      new SignJWT({ name: subject, groups })
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(issuer)
        .setAudience(CLIENT)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime('2h')
        .sign(privateKey),
  }
}

/**
 * Serves a gate on a free port of this computer.
 *
 * @param {import('@gatewright/core').Gate} gate
 * @param {number} readers how many API keys may read everything
 */
export async function serveGate(gate, readers = 0) {
  const provider = await identityProvider()
  const keys = Array.from({ length: readers }, generateApiKey)
  const server = createReviewServer(gate, {
    url: 'http://127.0.0.1/',
    signIn: oidc({ issuer: provider.issuer, clientId: CLIENT }),
    secrets: ['a secret of the bench, long enough for it'],
    apiKeys: keys.map(({ hash }, index) => ({ id: `reader-${index}`, hash, scopes: ['read'] })),
    rateLimit: false,
  })
  const { port } = await serve(server, { port: 0 })
  return { port, token: provider.token, keys: keys.map(({ key }) => key) }
}
