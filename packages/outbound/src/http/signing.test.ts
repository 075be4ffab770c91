import { createPublicKey, verify } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { generateWebhookKeys, messageSigner } from './signing'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER = `whsec_${Buffer.alloc(64, 7).toString('base64')}`
const body = Buffer.from('{"test": 2432232314}')

test("gives the signature that the specification's own tests have", () => {
  expect(messageSigner(SECRET, 'secret').sign('msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, body)).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  )
})

test('signs with every secret, in their order, so that either end can change first', () => {
  const now = Math.floor(Date.now() / 1_000)
  const keys = generateWebhookKeys()
  const signature = messageSigner([SECRET, OTHER, keys.secret], 'secret').sign('m-1', now, body)
  expect(signature.split(' ').map((one) => one.split(',')[0])).toEqual(['v1', 'v1', 'v1a'])
  const headers = { 'webhook-id': 'm-1', 'webhook-timestamp': `${now}`, 'webhook-signature': signature }
  for (const secret of [SECRET, OTHER])
    expect(new Webhook(secret).verify(body, headers)).toEqual({ test: 2_432_232_314 })
  expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`).verify(body, headers)).toThrow()
})

test('an Ed25519 signature verifies with the public key, and only over the very message', () => {
  const { secret, publicKey } = generateWebhookKeys()
  const seed = `whsk_${Buffer.from(secret.slice(5), 'base64').subarray(0, 32).toString('base64')}`
  const [, signature = ''] = messageSigner(secret, 'secret').sign('m-1', 7, body).split(',')
  expect(messageSigner(seed, 'secret').sign('m-1', 7, body)).toBe(`v1a,${signature}`)
  const spki = Buffer.from('302a300506032b6570032100', 'hex')
  expect(publicKey).toMatch(/^whpk_/)
  const der = Buffer.concat([spki, Buffer.from(publicKey.slice(5), 'base64')])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  const verifies = (content: string): boolean =>
    verify(null, Buffer.from(content), key, Buffer.from(signature, 'base64'))
  expect(verifies(`m-1.7.${body}`)).toBe(true)
  expect([`m-1.8.${body}`, `m-2.7.${body}`, `m-1.7.${body} `].map(verifies)).toEqual([false, false, false])
})

describe('T18: a missing or empty secret signs nothing', () => {
  test.each([undefined, null, '', [], [''], [SECRET, ''], [undefined]])('%j', (secret) => {
    expect(() => messageSigner(secret as never, 'secret')).toThrow(
      expect.objectContaining({ code: 'ERR_SECRET_MISSING' }),
    )
  })
})

describe('a secret is refused', () => {
  const base64 = (bytes: number): string => Buffer.alloc(bytes, 9).toString('base64')
  test.each([
    ['of another form', base64(32)],
    ['that is short', `whsec_${base64(23)}`],
    ['that is long', `whsec_${base64(65)}`],
    ['that is nothing but its prefix', 'whsec_'],
    ['that is no base64', `whsec_${base64(32)}!`],
    ['with spaces in it', `whsec_ ${base64(32)}`],
    ['in base64url', `whsec_${Buffer.alloc(32, 0xff).toString('base64url')}`],
    ['that is public', `whpk_${base64(32)}`],
    ['of Ed25519 with a wrong length', `whsk_${base64(48)}`],
    ['of Ed25519 whose halves are of two keys', `whsk_${base64(64)}`],
    ['that is no string', 7],
  ])('%s, and not quoted', (_, secret) => {
    const attempt = (): unknown => messageSigner(secret as string, 'send.secret')
    expect(attempt).toThrow(expect.objectContaining({ code: 'ERR_OPTION_INVALID', option: 'send.secret' }))
    expect(attempt).not.toThrow(`${secret}`.slice(5, 30) || 'no such text')
  })
})
