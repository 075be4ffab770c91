import { base64url, exportSPKI, importJWK, type JWK, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { oidc } from '../src/index'
import { ciSystem } from './ci-system'
import { type IdentityProvider, identityProvider } from './identity-provider'
import { type World, world } from './world'

let ours: IdentityProvider
let another: IdentityProvider
let good: string

beforeAll(async () => {
  const groups = { ada: ['ops'], sam: ['sales'] }
  ours = await identityProvider(['approvals', 'other-program'], groups)
  another = await identityProvider(['approvals'], groups)
  good = await ours.idToken('approvals', 'ada')
})

afterAll(async () => {
  await ours.close()
  await another.close()
})

afterEach(() => void vi.useRealTimers())

function server(): World {
  return world({
    signIn: oidc({ issuer: ours.issuer, clientId: 'approvals', clientSecret: 'the secret of approvals' }),
  })
}

async function voting(w: World, token: string, callId = 'c1') {
  const { id, reviewDigest } = await w.ask({ callId })
  const word = { decision: 'approve', digest: reviewDigest }
  const answered = await w.call(token, 'POST', `/api/v1/requests/${id}/votes`, word)
  return { answered, request: await w.s.request(id) }
}

/** The parts of a token, to make another one of. */
function parts(token: string) {
  const [header = '', payload = '', signature = ''] = token.split('.')
  return { header, payload, signature, claims: JSON.parse(Buffer.from(base64url.decode(payload)).toString()) }
}

const encoded = (value: object): string => base64url.encode(JSON.stringify(value))

async function publishedKey(): Promise<JWK> {
  const { keys } = (await (await fetch(`${ours.issuer}/jwks`)).json()) as { keys: JWK[] }
  const [key] = keys
  if (key === undefined) throw new Error('the provider publishes no key')
  return key
}

describe('votes with ID tokens of a real provider', () => {
  test('I5: the person it names votes, by issuer and subject', async () => {
    const { answered, request } = await voting(server(), good)
    expect(answered).toMatchObject({ status: 200, body: { status: 'counted' } })
    expect(request.votes[0]?.actor).toMatchObject({
      type: 'human',
      issuer: ours.issuer,
      subject: 'ada',
      groups: ['ops'],
      assurance: { method: 'token' },
    })
  })

  test('T04: somebody whom nobody asked hears that there is none', async () => {
    const { answered, request } = await voting(server(), await ours.idToken('approvals', 'sam'))
    expect(answered.status).toBe(404)
    expect(request.votes).toEqual([])
  })

  const forgeries: [string, () => Promise<string> | string][] = [
    ['for another program (audience)', () => ours.idToken('other-program', 'ada')],
    ['of another issuer', () => another.idToken('approvals', 'ada')],
    [
      'of another issuer, which calls itself ours',
      async () => {
        const { header, claims, signature } = parts(await another.idToken('approvals', 'ada'))
        return [header, encoded({ ...claims, iss: ours.issuer }), signature].join('.')
      },
    ],
    [
      'with another subject than was signed',
      async () => {
        const { header, claims, signature } = parts(await ours.idToken('approvals', 'sam'))
        return [header, encoded({ ...claims, sub: 'ada', groups: ['ops'] }), signature].join('.')
      },
    ],
    [
      'without a signature (alg none)',
      () => {
        const { payload } = parts(good)
        return `${encoded({ alg: 'none', typ: 'JWT' })}.${payload}.`
      },
    ],
    ['with its signature cut off', () => `${good.slice(0, good.lastIndexOf('.'))}.`],
    [
      'signed with the public key as a secret',
      async () => {
        const { claims } = parts(good)
        const jwk = await publishedKey()
        const pem = await exportSPKI(
          (await importJWK(jwk, 'RS256', { extractable: true })) as Parameters<typeof exportSPKI>[0],
        )
        return new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', kid: jwk.kid ?? '' })
          .sign(new TextEncoder().encode(pem))
      },
    ],
  ]

  test.each(forgeries)('I5: a token %s votes for nobody', async (_, forge) => {
    const { answered, request } = await voting(server(), await forge())
    expect(answered).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
    expect(answered.headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect(request).toMatchObject({ status: 'pending', votes: [] })
  })

  test('an expired token votes for nobody', async () => {
    const w = server()
    expect((await voting(w, good)).answered.status).toBe(200)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 })
    const { answered, request } = await voting(w, good, 'c2')
    expect(answered.status).toBe(401)
    expect(request.votes).toEqual([])
  })

  test('a provider that does not answer is said to be out of reach, and nobody votes', async () => {
    const gone = await identityProvider(['approvals'], { ada: ['ops'] })
    const token = await gone.idToken('approvals', 'ada')
    const w = world({ signIn: oidc({ issuer: gone.issuer, clientId: 'approvals' }) })
    await gone.close()
    const { answered, request } = await voting(w, token)
    expect(answered).toMatchObject({ status: 503, body: { code: 'sign-in' } })
    expect(request.votes).toEqual([])
  })
})

describe('T02: what a provider signs for the same audience, and is no ID token of this client', () => {
  const { aud, other } = { aud: 'approvals', other: 'an-agent' }
  const tokens: readonly (readonly [string, object, object])[] = [
    ['an access token by its type', {}, { typ: 'at+jwt' }],
    ['an access token by its whole type', {}, { typ: 'application/at+jwt' }],
    ['a logout token by its type', {}, { typ: 'logout+jwt' }],
    ['a logout token', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }, {}],
    ['given to another program', { azp: other }, {}],
    ['given to another program, as Entra says it', { appid: other }, {}],
    ['given to another program, as Okta says it', { cid: other }, {}],
    ['given to another program, as RFC 9068 says it', { client_id: other }, {}],
    ['given to another program, for several', { aud: [aud, 'more'], azp: other }, {}],
    ['for several programs, and does not say to which it was given', { aud: [aud, 'more'] }, {}],
    ['given to several programs', { azp: [aud] }, {}],
  ]

  test.each(tokens)('a token that is %s votes for nobody', async (_, claims, header) => {
    const provider = await ciSystem()
    try {
      const w = world({ signIn: oidc({ issuer: provider.issuer, clientId: aud }) })
      const person = { sub: 'ada', groups: ['ops'], aud }
      const refused = await voting(w, await provider.token({ ...person, ...claims }, header))
      expect(refused.answered).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
      expect(refused.request.votes).toEqual([])
      const own = await provider.token({ ...person, aud: [aud, 'more'], azp: aud }, { typ: 'JWT' })
      expect((await voting(w, own, 'c2')).answered.status).toBe(200)
    } finally {
      provider.close()
    }
  })
})
