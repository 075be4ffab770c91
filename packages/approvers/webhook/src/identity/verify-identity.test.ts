import { createHmac, generateKeyPairSync } from 'node:crypto'
import { fakeClock } from '@gatewright/testing'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  AUDIENCE,
  type Claims,
  type IdentityProvider,
  ISSUER,
  identityProvider,
} from '../../test/identity-provider'
import { parseIssuers, type WebhookIssuerOptions } from './issuer-options'
import { identityVerifier } from './verify-identity'

const NONCE = 'n'.repeat(43)
const clock = fakeClock()
const NOW = Math.floor(clock.now() / 1_000)
let provider: IdentityProvider
beforeAll(async () => {
  provider = await identityProvider()
})

function verify(token: string, options: Partial<WebhookIssuerOptions> = {}, nonce = NONCE) {
  const issuers = parseIssuers([{ ...provider.options, ...options }], 'issuers')
  return identityVerifier(issuers, clock).verify(token, nonce)
}

const token = (claims: Claims = {}, header: Claims = {}) => provider.token(NONCE, clock.now(), claims, header)

test('a person’s own token says who they are, and how they proved it', async () => {
  const claims = { acr: 'urn:mfa', email: 'ada@example.com', groups: ['admins'] }
  expect(await verify(await token(claims))).toEqual({
    principal: {
      type: 'human',
      issuer: ISSUER,
      subject: 'ada',
      name: 'Ada Moreno',
      email: 'ada@example.com',
      groups: [],
      assurance: { method: 'token', authTime: (NOW - 60) * 1_000, acr: 'urn:mfa' },
    },
  })
})

test('what a token does not say is not made up', async () => {
  const { principal } = await verify(await token({ name: undefined, auth_time: 'yesterday', acr: 7 }))
  expect(principal).toEqual({
    type: 'human',
    issuer: ISSUER,
    subject: 'ada',
    name: 'ada',
    groups: [],
    assurance: { method: 'token' },
  })
})

test.each(['RS256', 'EdDSA'] as const)('%s is accepted too', async (alg) => {
  const other = await identityProvider(alg)
  const signed = await other.token(NONCE, clock.now())
  expect((await verify(signed, { keys: [other.jwk] })).principal?.subject).toBe('ada')
})

test('one of several audiences, and one of several keys, is enough', async () => {
  const other = await identityProvider('RS256', ISSUER, 'k2')
  const options = { audience: ['web', AUDIENCE], keys: [other.jwk, provider.jwk] }
  const { principal } = await verify(await token({ aud: ['x', AUDIENCE] }), options)
  expect(principal?.subject).toBe('ada')
})

describe('no vote is made of a token', () => {
  const cases: readonly (readonly [string, Claims, string])[] = [
    ['of an issuer that is not known', { iss: 'https://evil.test' }, 'issuer'],
    ['of an issuer that only begins so', { iss: `${ISSUER}/` }, 'issuer'],
    ['of no issuer', { iss: undefined }, 'issuer'],
    ['for somebody else', { aud: 'another-service' }, '"aud"'],
    ['for nobody', { aud: undefined }, '"aud"'],
    ['that is expired', { exp: NOW - 61 }, 'expired'],
    ['that never expires', { exp: undefined }, '"exp"'],
    ['that is not valid yet', { nbf: NOW + 61 }, '"nbf"'],
    ['of the future', { iat: NOW + 61 }, '"iat"'],
    ['that was issued too long ago', { iat: NOW - 661 }, 'expired'],
    ['that was issued nobody knows when', { iat: undefined }, '"iat"'],
    ['of nobody', { sub: undefined }, '"sub"'],
    ['of an empty name', { sub: '' }, 'nobody'],
    ['of a name that is too long', { sub: 'a'.repeat(256) }, 'nobody'],
    ['that is bound to another decision', { nonce: 'm'.repeat(43) }, 'not bound'],
    ['that is bound to nothing', { nonce: undefined }, 'not bound'],
    ['that is bound to many', { nonce: [NONCE] }, 'not bound'],
    ['T02: of an agent that acts for the person', { act: { sub: 'ops-bot' } }, 'program'],
    ['T02: of a client that is its own subject', { sub: 'svc', azp: 'svc' }, 'program'],
    ['T02: of a client, as Entra says it', { idtyp: 'app' }, 'program'],
    ['T02: of a client, as Auth0 says it', { gty: 'client-credentials' }, 'program'],
  ]
  test.each(cases)('%s', async (_, claims, words) => {
    expect((await verify(await token())).principal?.subject).toBe('ada')
    const { problem } = await verify(await token(claims))
    expect(problem).toContain(words)
    expect(problem).not.toContain('evil')
  })

  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: ISSUER, sub: 'ada', aud: AUDIENCE, iat: NOW, exp: NOW + 300, nonce: NONCE }

  test.each(['none', 'None', 'NONE', ''])('signed with the algorithm "%s"', async (alg) => {
    for (const end of ['', 'AAAA']) {
      const { problem } = await verify(`${part({ alg, typ: 'JWT' })}.${part(claims)}.${end}`)
      expect(problem).toEqual(expect.any(String))
    }
  })

  test('signed with the public key, as HS256', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 })
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1' } as never
    const body = `${part({ alg: 'HS256', kid: 'k1' })}.${part(claims)}`
    const secrets = [
      publicKey.export({ format: 'pem', type: 'spki' }),
      publicKey.export({ format: 'der', type: 'spki' }),
      JSON.stringify(jwk),
      JSON.stringify(provider.jwk),
    ]
    for (const secret of secrets) {
      const forged = `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
      expect((await verify(forged, { keys: [jwk] })).problem).toContain('algorithm')
    }
  })

  test('signed with another key, whatever its header says of it', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const jwk = await exportJWK(publicKey)
    for (const header of [{}, { jwk }, { jku: 'https://evil.test/jwks' }, { x5u: 'https://evil.test/x' }]) {
      const forged = await new SignJWT(claims as JWTPayload)
        .setProtectedHeader({ alg: 'ES256', kid: 'k1', ...header } as never)
        .sign(privateKey)
      expect((await verify(forged)).problem).toContain('signature')
    }
    const unknown = await new SignJWT(claims as JWTPayload)
      .setProtectedHeader({ alg: 'ES256', kid: 'k9' })
      .sign(privateKey)
    expect((await verify(unknown)).problem).toContain('key')
  })

  test('that was changed, cut, or is none', async () => {
    const good = await token()
    const [head = '', , end = ''] = good.split('.')
    const hostile = [
      '',
      '.',
      '..',
      'a.b.c',
      '\u0000',
      `${head}..${end}`,
      good.slice(0, -4),
      `${good}.x`,
      `${good}.x.y`,
    ]
    hostile.push(
      `${head}.${part({ ...claims, sub: 'mallory' })}.${end}`,
      good.replaceAll('.', ' '),
      'é'.repeat(50),
    )
    for (const one of hostile) expect((await verify(one)).problem).toEqual(expect.any(String))
  })

  test('with a critical header that is not understood', async () => {
    expect(
      (await verify(`${part({ alg: 'ES256', crit: ['x'], x: 1 })}.${part(claims)}.AAAA`)).problem,
    ).toEqual(expect.any(String))
  })

  test('signed with an algorithm that the issuer’s options leave out', async () => {
    expect((await verify(await token(), { algorithms: ['RS256'] })).problem).toContain('algorithm')
  })
})

test('clocks may differ by a minute', async () => {
  for (const claims of [{ exp: NOW - 59 }, { nbf: NOW + 59 }, { iat: NOW + 59 }, { iat: NOW - 659 }])
    expect((await verify(await token(claims))).principal?.subject).toBe('ada')
})

describe('authorization_details bind a token where the options say so', () => {
  const options = { binding: 'authorization_details' } as const
  const details = (one: unknown) => ({ nonce: undefined, authorization_details: one })

  test('by the entry of our type with the digest', async () => {
    const entries = [null, { type: 'other' }, { type: 'gatewright_decision', statement_digest: NONCE }]
    expect((await verify(await token(details(entries)), options)).principal?.subject).toBe('ada')
  })

  test.each([
    [undefined],
    [[]],
    [{ type: 'gatewright_decision', statement_digest: NONCE }],
    [[{ type: 'other', statement_digest: NONCE }]],
    [[{ type: 'gatewright_decision', statement_digest: 'x' }]],
  ])('and by nothing else: %j', async (entries) => {
    expect((await verify(await token(details(entries)), options)).problem).toContain('not bound')
    expect((await verify(await token({ authorization_details: entries }), options)).problem).toContain(
      'not bound',
    )
  })
})

test('T21: Entra’s object id is the subject where the options say so, and an address never is', async () => {
  const options = { subjectClaim: 'oid' } as const
  const { principal } = await verify(await token({ oid: 'o-1', email: 'ada@example.com' }), options)
  expect(principal?.subject).toBe('o-1')
  expect((await verify(await token(), options)).problem).toContain('"oid"')
  for (const subjectClaim of ['email', 'upn', 'preferred_username'])
    expect(() => parseIssuers([{ ...provider.options, subjectClaim: subjectClaim as 'sub' }], 'i')).toThrow(
      expect.objectContaining({ option: 'i[0].subjectClaim' }),
    )
})

test('groups come from the claim that the options name, and from no other form of it', async () => {
  const groups = async (claim: unknown) =>
    (await verify(await token({ roles: claim, groups: ['admins'] }), { groupsClaim: 'roles' })).principal
      ?.groups
  expect(await groups(['ops', 'dba'])).toEqual(['ops', 'dba'])
  for (const claim of [undefined, 'ops', { 0: 'ops' }, ['ops', 7], ['']])
    expect(await groups(claim)).toEqual([])
})
