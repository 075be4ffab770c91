import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { generateWebhookKeys, messageSigner } from './signing'
import { webhookVerifier } from './webhook-verifier'

const NOW = 1_790_000_000_500
const SECONDS = Math.floor(NOW / 1_000)
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const OTHER = `whsec_${Buffer.alloc(64, 7).toString('base64')}`
const body = Buffer.from('{"test": 2432232314}')
const keys = generateWebhookKeys()

function headersOf(secret: string | readonly string[], seconds: number = SECONDS, id = 'm-1') {
  return new Headers({
    'webhook-id': id,
    'webhook-timestamp': `${seconds}`,
    'webhook-signature': messageSigner(secret, 'secret').sign(id, seconds, body),
  })
}

test("takes the example of the specification's own tests", () => {
  const headers = new Headers({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
  const verifier = webhookVerifier(SECRET, 'secret')
  expect(verifier.verify(headers, body, 1_614_265_330_000)).toEqual({ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek' })
})

test("takes what the specification's own library signs", () => {
  const signature = new Webhook(SECRET).sign('m-1', new Date(NOW), body.toString())
  const headers = new Headers({
    'webhook-id': 'm-1',
    'webhook-timestamp': `${SECONDS}`,
    'webhook-signature': signature,
  })
  expect(webhookVerifier(SECRET, 'secret').verify(headers, body, NOW)).toEqual({ id: 'm-1' })
})

test('one good signature by one known key is enough, so that either end can change first', () => {
  const all = headersOf([OTHER, SECRET, keys.secret])
  for (const known of [SECRET, OTHER, keys.publicKey, [keys.publicKey, SECRET]])
    expect(webhookVerifier(known, 'secret').verify(all, body, NOW)).toEqual({ id: 'm-1' })
  const unknown = generateWebhookKeys().publicKey
  expect(webhookVerifier(unknown, 'secret').verify(all, body, NOW).problem).toContain('no signature')
})

describe('a message is nobody’s', () => {
  const verifier = webhookVerifier([SECRET, keys.publicKey], 'secret')
  const good = headersOf([SECRET, keys.secret])
  const changed = (name: string, value: string | null) => {
    const headers = new Headers(good)
    if (value === null) headers.delete(name)
    else headers.set(name, value)
    return headers
  }
  const [v1 = '', v1a = ''] = (good.get('webhook-signature') ?? '').split(' ')

  test.each([
    ['without an id', changed('webhook-id', null)],
    ['with another id', changed('webhook-id', 'm-2')],
    ['with a full stop in its id', changed('webhook-id', 'm-1.1')],
    ['without a timestamp', changed('webhook-timestamp', null)],
    ['with another timestamp', changed('webhook-timestamp', `${SECONDS + 1}`)],
    ['with a timestamp of another form', changed('webhook-timestamp', `${SECONDS}.0`)],
    ['without a signature', changed('webhook-signature', null)],
    ['with a signature of another version', changed('webhook-signature', v1.replace('v1,', 'v2,'))],
    ['with a signature under the other version', changed('webhook-signature', v1.replace('v1,', 'v1a,'))],
    [
      'with a signature of a property of objects',
      changed('webhook-signature', v1.replace('v1,', 'toString,')),
    ],
    ['with half a signature', changed('webhook-signature', v1.slice(0, 20))],
    ['with half an Ed25519 signature', changed('webhook-signature', v1a.slice(0, 40))],
    ['with the signature after more than ten', changed('webhook-signature', `${'v1,AAAA '.repeat(10)}${v1}`)],
    ['with signatures that are separated by something else', changed('webhook-signature', `v1,AA,${v1}`)],
  ])('%s', (_, headers) => {
    expect(verifier.verify(good, body, NOW)).toEqual({ id: 'm-1' })
    expect(verifier.verify(headers, body, NOW).problem).toEqual(expect.any(String))
  })

  test('with another body', () => {
    expect(verifier.verify(good, Buffer.from(`${body} `), NOW).problem).toContain('no signature')
    expect(verifier.verify(good, new Uint8Array(), NOW).problem).toContain('no signature')
  })
})

test('T19: a timestamp is good for the tolerance, before and after', () => {
  const verifier = webhookVerifier(SECRET, 'secret', '1m')
  for (const away of [-60, -1, 0, 1, 60])
    expect(verifier.verify(headersOf(SECRET, SECONDS + away), body, SECONDS * 1_000).id).toBe('m-1')
  for (const away of [-61, 61, -1_000_000, 1_000_000])
    expect(verifier.verify(headersOf(SECRET, SECONDS + away), body, SECONDS * 1_000).problem).toContain('60')
})

describe('T18: a missing or empty key verifies nothing', () => {
  test.each([undefined, null, '', [], [''], [SECRET, '']])('%j', (key) => {
    expect(() => webhookVerifier(key as never, 'secret')).toThrow(
      expect.objectContaining({ code: 'ERR_SECRET_MISSING' }),
    )
  })
})

test.each([
  ['that is short', `whsec_${Buffer.alloc(23).toString('base64')}`],
  ['that is secret', keys.secret],
  ['of another form', 'secret'],
  ['that is no Ed25519 key', `whpk_${Buffer.alloc(31).toString('base64')}`],
  ['that is no string', 7],
])('a key %s is refused', (_, key) => {
  expect(() => webhookVerifier(key as string, 'its.secret')).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION_INVALID', option: 'its.secret' }),
  )
})

test.each([0, 999, '2h', 'soon'])('a tolerance of %s is refused', (tolerance) => {
  expect(() => webhookVerifier(SECRET, 'secret', tolerance as never)).toThrow(/tolerance/)
})
