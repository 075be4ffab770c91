import { expect, test } from 'vitest'
import { AUDIENCE, identityProvider, keyServer } from '../test/identity-provider'
import { OURS, THEIRS } from '../test/keys'
import { DECISIONS_URL } from '../test/office'
import { type WebhookIssuerOptions, webhookApprover } from '.'

const given = await identityProvider('ES256', 'https://given.test')
const HOSTED = { issuer: 'https://idp.test', audience: AUDIENCE, allow: ['127.0.0.1'], allowHttp: true }

function approverOf(...issuers: readonly WebhookIssuerOptions[]) {
  const url = 'https://approvals.example.com/hook?key=s3cret'
  return webhookApprover({
    url,
    secret: OURS,
    decisions: { url: DECISIONS_URL, secret: THEIRS, issuers },
  })
}

async function checked(...issuers: readonly WebhookIssuerOptions[]): Promise<readonly string[]> {
  const found = (await approverOf(...issuers).check?.(new AbortController().signal)) ?? []
  return found.map(({ status, message, fix }) => `${status}: ${message}${fix === null ? '' : ` → ${fix}`}`)
}

const SET_UP = 'ok: messages go to approvals.example.com; whether it takes them, a first one tells'

test('the keys of issuers are read, and the receiver is sent nothing', async () => {
  const { url: keysUrl, reads } = await keyServer(() => ({
    status: 200,
    body: JSON.stringify({ keys: [given.jwk] }),
  }))
  expect(await checked(given.options, { ...HOSTED, keysUrl })).toEqual([
    SET_UP,
    'ok: the keys of https://idp.test can be read',
  ])
  expect(reads()).toBe(1)
})

test.each([
  [404, 'not found', /: .*404.* → correct its "keysUrl", or let this machine reach 127\.0\.0\.1:\d+$/],
  [200, '<html>', /: what stands there is no list of keys →/],
  [200, '{"keys":7}', /: what stands there is no list of keys →/],
])('of keys that cannot be had it is said why (%s %s)', async (status, body, line) => {
  const { url: keysUrl } = await keyServer(() => ({ status, body }))
  expect(await checked({ ...HOSTED, keysUrl })).toEqual([
    SET_UP,
    expect.stringMatching(
      /^problem: the keys of https:\/\/idp\.test cannot be read, so no decision of its people/,
    ),
  ])
  expect((await checked({ ...HOSTED, keysUrl }))[1]).toMatch(line)
})

test('a check that is given up ends', async () => {
  const { url: keysUrl } = await keyServer(() => ({ status: 200, body: '{}' }))
  const gone = AbortSignal.abort(new Error('given up'))
  await expect(approverOf({ ...HOSTED, keysUrl }).check?.(gone)).rejects.toThrow('given up')
})
