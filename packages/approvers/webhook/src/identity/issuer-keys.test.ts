import { fakeClock } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, ISSUER, identityProvider, keyServer } from '../../test/identity-provider'
import { parseIssuers, type WebhookIssuerOptions } from './issuer-options'
import { identityVerifier } from './verify-identity'

const NONCE = 'n'.repeat(43)
const here = { allow: ['127.0.0.1'], allowHttp: true } as const

/** An issuer whose keys are served, and a verifier that reads them. */
async function served(answer?: () => { readonly status: number; readonly body: string }) {
  const clock = fakeClock()
  const first = await identityProvider('ES256', ISSUER, 'k1')
  const second = await identityProvider('ES256', ISSUER, 'k2')
  const state = { keys: [first.jwk] }
  const server = await keyServer(
    answer ?? (() => ({ status: 200, body: JSON.stringify({ keys: state.keys }) })),
  )
  const issuers = parseIssuers(
    [{ issuer: ISSUER, audience: AUDIENCE, keysUrl: server.url, ...here }],
    'issuers',
  )
  const verifier = identityVerifier(issuers, clock)
  return {
    clock,
    state,
    server,
    verifier,
    first,
    second,
    who: async (provider: typeof first) =>
      (await verifier.verify(await provider.token(NONCE, clock.now()), NONCE)).principal?.subject,
  }
}

test('keys are read once, by however many tokens, and again after ten minutes', async () => {
  const { server, who, first, clock, verifier } = await served()
  expect(await Promise.all([who(first), who(first), who(first)])).toEqual(['ada', 'ada', 'ada'])
  expect(server.reads()).toBe(1)
  await clock.advance('9m')
  expect(await who(first)).toBe('ada')
  expect(server.reads()).toBe(1)
  await clock.advance('1m')
  expect(await who(first)).toBe('ada')
  expect(server.reads()).toBe(2)
  verifier.close()
})

test('a new key is found at once, and made-up ones do not have the keys read all the time', async () => {
  const { server, who, first, second, clock, state, verifier } = await served()
  expect(await who(first)).toBe('ada')
  for (let n = 0; n < 20; n += 1) expect(await who(second)).toBeUndefined()
  expect(server.reads()).toBe(1)
  state.keys = [second.jwk]
  await clock.advance('30s')
  expect(await who(second)).toBe('ada')
  expect(await who(first)).toBeUndefined()
  expect(server.reads()).toBe(2)
  verifier.close()
})

test('a clock that jumps back does not keep a withdrawn key', async () => {
  const { who, first, clock, state, second, verifier } = await served()
  expect(await who(first)).toBe('ada')
  state.keys = [second.jwk]
  clock.setNow(clock.now() - 3_600_000)
  expect(await who(first)).toBeUndefined()
  verifier.close()
})

describe('nobody is known while the keys cannot be read', () => {
  test.each([
    ['a failure', 500, '{"keys":[]}'],
    ['no JSON', 200, '<html>'],
    ['JSON of another form', 200, '{"keys":{}}'],
    ['nothing', 200, 'null'],
    ['too much', 200, JSON.stringify({ keys: ['x'.repeat(300_000)] })],
  ])('%s', async (_, status, body) => {
    const { who, first, verifier } = await served(() => ({ status, body }))
    await expect(who(first)).rejects.toThrow(`the keys of ${ISSUER} could not be read`)
    verifier.close()
  })

  test('also when they could be read before', async () => {
    let down = false
    const provider = await identityProvider()
    const body = JSON.stringify({ keys: [provider.jwk] })
    const { who, clock, verifier } = await served(() => ({ status: down ? 503 : 200, body }))
    expect(await who(provider)).toBe('ada')
    down = true
    await clock.advance('10m')
    await expect(who(provider)).rejects.toThrow('could not be read')
    verifier.close()
  })
})

test('an empty list of keys is a list: every token is by nobody', async () => {
  const { who, first, verifier } = await served(() => ({ status: 200, body: '{"keys":[]}' }))
  expect(await who(first)).toBeUndefined()
  verifier.close()
})

test('T36: keys inside the network are not read unless that is allowed', async () => {
  const { server } = await served()
  for (const keysUrl of [server.url, 'http://169.254.169.254/latest', 'https://[::1]/jwks'])
    expect(() =>
      parseIssuers([{ issuer: ISSUER, audience: AUDIENCE, keysUrl, allowHttp: true }], 'issuers'),
    ).toThrow(expect.objectContaining({ code: 'ERR_OUTBOUND_FORBIDDEN' }))
  expect(server.reads()).toBe(0)
})

const { options } = await identityProvider()
const wrong: readonly (readonly [string, Record<string, unknown>, string])[] = [
  ['nobody to vouch', { issuer: '' }, 'issuer'],
  ['no audience', { audience: undefined }, 'audience'],
  ['an empty audience', { audience: [] }, 'audience'],
  ['an audience with an empty name', { audience: ['a', ''] }, 'audience'],
  ['no keys', { keys: undefined }, 'keys'],
  ['an empty list of keys', { keys: [] }, 'keys'],
  ['keys twice', { keysUrl: 'https://idp.test/jwks' }, 'keys'],
  ['a symmetric key', { keys: [{ kty: 'oct', k: 'AAAA' }] }, 'keys[0]'],
  ['a private key', { keys: [{ ...options.keys?.[0], d: 'AAAA' }] }, 'keys[0]'],
  ['keys without ids', { keys: [{ kty: 'EC' }, { kty: 'EC' }] }, 'keys[0].kid'],
  ['the algorithm none', { algorithms: ['none'] }, 'algorithms'],
  ['a symmetric algorithm', { algorithms: ['ES256', 'HS256'] }, 'algorithms'],
  ['no algorithm', { algorithms: [] }, 'algorithms'],
  ['another binding', { binding: 'jti' }, 'binding'],
  ['an age of nothing', { maxAge: 0 }, 'maxAge'],
  ['a list of addresses for no URL', { allow: ['10.0.0.0/8'] }, 'allow'],
  ['a misspelt option', { audiences: 'x' }, 'audiences'],
]
test.each(wrong)('an issuer with %s is refused', (_, change, option) => {
  expect(() => parseIssuers([{ ...options, ...change } as WebhookIssuerOptions], 'issuers')).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION_INVALID', option: `issuers[0].${option}` }),
  )
})

test('an issuer stands in the options once', () => {
  expect(() => parseIssuers([options, options], 'issuers')).toThrow(/issuers\[1\]\.issuer.*twice/)
  expect(() => parseIssuers([], 'issuers')).toThrow(/at least one/)
})
