import { createHmac, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { bench } from '../../test/bench'
import type { Sent } from '../../test/client'
import { ADA, keyPair, publicJwk, somebody, TENANT, tokenOf } from '../../test/fake-teams'

const OTHER = '44444444-4444-4444-8444-444444444444'

/** An approver with one request asked, and what would approve it but for what a test changes. */
async function asked(more: Parameters<typeof bench>[0] = {}) {
  const b = await bench(more)
  await b.ask({ requestId: 'r1' })
  const client = b.client()
  return { ...b, client, approve: (sent: Sent) => client.press('r1', 'approve', undefined, sent) }
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('T03: a request that Teams did not sign', () => {
  test.each<[string, Sent, number]>([
    ['another issuer', { token: { issuer: 'https://sts.windows.net/x/' } }, 401],
    ['another audience', { token: { audience: OTHER } }, 401],
    [
      'another key of the same id',
      { token: { key: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey } },
      401,
    ],
    ['a key that is not published', { token: { kid: 'k2' } }, 401],
    ['an end that is over five minutes past', { token: { expiresIn: -301 } }, 401],
    ['a beginning over five minutes ahead', { token: { notBeforeIn: 301 } }, 401],
    ['no service', { token: { serviceurl: undefined } }, 401],
    ['a service that is no text', { token: { serviceurl: 7 } }, 401],
    [
      'another service than the activity',
      { token: { serviceurl: 'https://smba.trafficmanager.net/teams/' } },
      403,
    ],
    ['no token', { authorization: null }, 401],
    ['an empty token', { authorization: 'Bearer ' }, 401],
    ['another scheme', { authorization: 'Basic YTpi' }, 401],
    ['a long token', { authorization: `Bearer ${'a'.repeat(9_000)}.${'b'.repeat(9_000)}.c` }, 401],
    ['another channel', { activity: { channelId: 'webchat' } }, 403],
    ['another tenant in one place', { activity: { channelData: { tenant: { id: OTHER } } } }, 403],
    [
      'another tenant in the other',
      { activity: { conversation: { id: '19:a@thread.tacv2', tenantId: OTHER } } },
      403,
    ],
    ['no tenant at all', { activity: { channelData: {}, conversation: { id: '19:a@thread.tacv2' } } }, 403],
  ])('has no say: %s', async (_what, sent, status) => {
    const { approve, host } = await asked()
    expect((await approve(sent))?.status).toBe(status)
    expect(host.votes).toEqual([])
  })

  test.each([
    ['expiresIn', -290],
    ['notBeforeIn', 290],
  ])('clocks may be apart by five minutes: %s %d', async (name, seconds) => {
    const { approve, host } = await asked()
    expect((await approve({ token: { [name]: seconds } }))?.status).toBe(200)
    expect(host.counted).toHaveLength(1)
  })

  test('has no say: a service that is not on the list, though the token names it', async () => {
    const { approve, host } = await asked()
    for (const serviceurl of [
      'https://evil.example.com/teams/',
      'http://127.0.0.1.evil.example.com/',
      'nowhere',
    ]) {
      const response = await approve({ token: { serviceurl }, activity: { serviceUrl: serviceurl } })
      expect(response?.status).toBe(403)
    }
    expect(host.votes).toEqual([])
  })

  test('has no say: algorithm "none", and HS256 with the public key', async () => {
    const { approve, host, teams, clock } = await asked()
    const payload = {
      iss: 'https://api.botframework.com',
      aud: '22222222-2222-4222-8222-222222222222',
      serviceurl: teams.serviceUrl,
      exp: clock.now() / 1_000 + 600,
    }
    const pem = keyPair().publicKey.export({ type: 'spki', format: 'pem' })
    for (const alg of ['none', 'HS256', 'hs256']) {
      const head = `${encode({ alg, typ: 'JWT', kid: 'k1' })}.${encode(payload)}`
      const mac = createHmac('sha256', pem).update(head).digest('base64url')
      for (const signature of [mac, '', 'x'])
        expect((await approve({ authorization: `Bearer ${head}.${signature}` }))?.status).toBe(401)
    }
    expect(host.votes).toEqual([])
  })

  test('has no say: a key that is endorsed for other channels, or is no RSA key', async () => {
    const { client, host, teams } = await asked()
    teams.state.keys = [
      publicJwk('k1', ['webchat']),
      publicJwk('k2', []),
      { kty: 'oct', kid: 'k3', k: 'c2VjcmV0', endorsements: ['msteams'] },
      publicJwk('k4', ['msteams']),
    ]
    const { message, action } = (await client.button('r1', 'gatewright.view')) ?? {}
    if (message === undefined || action === undefined) throw new Error('there is no button')
    const press = async (kid: string) =>
      (await client.execute(message, action, {}, { token: { kid } })).status
    expect([await press('k1'), await press('k2'), await press('k3'), await press('k4')]).toEqual([
      401, 401, 401, 200,
    ])
    expect(host.votes).toEqual([])
  })

  test('has no say: another service than the token’s, though both are allowed', async () => {
    const { approve, host, teams } = await asked()
    expect((await approve({ activity: { serviceUrl: `${teams.serviceUrl}other/` } }))?.status).toBe(403)
    expect((await approve({ token: { serviceurl: `${teams.serviceUrl}other/` } }))?.status).toBe(403)
    expect(host.votes).toEqual([])
  })

  test('nothing is taken while the keys cannot be read', async () => {
    const { client, host, teams, clock } = await asked()
    const { message, action } = (await client.button('r1', 'gatewright.approve')) ?? {}
    if (message === undefined || action === undefined) throw new Error('there is no button')
    teams.state.fault = ({ path }) => (path === '/keys' ? { status: 500 } : undefined)
    await clock.advance('5m')
    expect((await client.execute(message, action, {}, { token: { kid: 'k9' } })).status).toBe(503)
    expect(host.votes).toEqual([])
  })

  test('a new key is found, and unknown ids do not make us ask more often than every five minutes', async () => {
    const { client, teams, clock, host } = await asked()
    const { message, action } = (await client.button('r1', 'gatewright.approve')) ?? {}
    if (message === undefined || action === undefined) throw new Error('there is no button')
    const reads = () => teams.calls.filter((call) => call === 'GET /keys').length
    expect(reads()).toBe(1)
    teams.state.keys = [publicJwk('k2', ['msteams'])]
    const press = (kid: string) => client.execute(message, action, {}, { token: { kid } })
    expect((await press('k2')).status).toBe(401)
    expect(reads()).toBe(1)
    await clock.advance('5m')
    expect((await press('k2')).status).toBe(200)
    for (let n = 0; n < 5; n += 1) expect((await press(`x${n}`)).status).toBe(401)
    expect([reads(), host.counted.length]).toEqual([2, 1])
  })
})

describe('T21: who somebody is', () => {
  test.each<[string, Parameters<typeof somebody>[1], string]>([
    ['a guest', { userRole: 'guest' }, 'Guests cannot decide'],
    ['somebody anonymous', { userRole: 'anonymous' }, 'Guests cannot decide'],
    ['somebody of whom Teams does not say what they are', { userRole: '' }, 'Guests cannot decide'],
    ['somebody of another tenant', { tenantId: OTHER }, 'other organizations'],
  ])('%s cannot decide, whatever their name', async (_what, more, said) => {
    const { teams, client, host, approve } = await asked()
    await client.button('r1', 'gatewright.approve')
    teams.state.people = [somebody(1, more)]
    expect((await approve({}))?.status).toBe(200)
    expect(client.toasts.join()).toContain(said)
    expect(host.votes).toEqual([])
  })

  test.each([
    ['a bot', { id: '28:bot', aadObjectId: ADA.aadObjectId }],
    ['a bot by its role', { ...ADA, role: 'bot' }],
    ['no object id', { id: ADA.id, name: 'Ada' }],
    ['an object id that is none', { ...ADA, aadObjectId: "' or 1=1" }],
    ['somebody else’s object id', { ...ADA, aadObjectId: somebody(2).aadObjectId }],
    ['a tenant of their own', { ...ADA, tenantId: OTHER }],
  ])('%s votes for nobody', async (_what, from) => {
    const { client, host, approve } = await asked()
    await client.button('r1', 'gatewright.approve')
    await approve({ activity: { from } })
    expect(host.votes).toEqual([])
    expect(client.toasts.join()).toMatch(/Only people|other organizations/)
  })

  test('nobody is taken for a member while Teams does not say who they are', async () => {
    const { teams, client, host, approve } = await asked()
    await client.button('r1', 'gatewright.approve')
    teams.state.fault = ({ path }) => (path.includes('/members/') ? { status: 503 } : undefined)
    await approve({})
    expect(host.votes).toEqual([])
    expect(client.toasts.join()).toContain('Nothing was decided')
  })

  test('guests vote where they are allowed, as themselves', async () => {
    const guest = somebody(5, { userRole: 'guest' })
    const b = await bench({ allowGuests: true })
    b.teams.state.people = [guest]
    await b.ask({ requestId: 'r1' })
    await b.client(guest).press('r1', 'approve')
    expect(b.host.counted[0]?.actor).toMatchObject({
      issuer: `teams:${TENANT}`,
      subject: guest.aadObjectId,
      assurance: { method: 'chat' },
    })
  })
})

describe('what a body may do', () => {
  const bodies: readonly (string | Uint8Array)[] = [
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{"type":"invoke"}',
    '\u0000',
    new Uint8Array([0xff, 0xfe]),
    '{"__proto__":{"type":"invoke"}}',
    JSON.stringify({ type: 'invoke', value: { action: null } }),
  ]
  test.each(bodies)('a hostile body is answered with 4xx and is no vote: %j', async (body) => {
    const { approver, teams, clock, host } = await asked()
    const authorization = `Bearer ${await tokenOf(teams, clock.now())}`
    const request = new Request('https://gate.test/approvers/teams/messages', {
      method: 'POST',
      headers: { authorization },
      body: body as string,
    })
    const { status } = (await approver.handle?.(request)) ?? {}
    expect(status).toBe(400)
    expect(host.votes).toEqual([])
  })

  test('one over 256 KiB is refused before anything else, however it is sent', async () => {
    const { approver } = await asked()
    const large = new Uint8Array(256 * 1_024 + 1)
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(large)
        controller.close()
      },
    })
    for (const body of [large, stream]) {
      const init = { method: 'POST', body, duplex: 'half' } as RequestInit
      expect(
        (await approver.handle?.(new Request('https://gate.test/approvers/teams/messages', init)))?.status,
      ).toBe(413)
    }
  })

  test.each<[string, Record<string, unknown>]>([
    ['no value', { gatewright: undefined }],
    ['another deed', { gatewright: { does: 'execute', value: 'x', delivery: 'd' } }],
    ['a value of another type', { gatewright: { does: 'approve', value: 7, delivery: 'd' } }],
    ['a long note', { note: 'x'.repeat(10_001) }],
    ['a note of another type', { note: { toString: 'x' } }],
  ])('a button of ours with %s is refused', async (_what, data) => {
    const { approve, host } = await asked()
    expect((await approve({ data }))?.status).toBe(400)
    expect(host.votes).toEqual([])
  })

  test('T29: only POST to /messages is looked at', async () => {
    const { approver } = await asked()
    const status = async (path: string, method: string) =>
      (await approver.handle?.(new Request(`https://gate.test/approvers/teams${path}`, { method })))?.status
    expect(await status('/messages', 'GET')).toBe(405)
    expect(await status('/messages', 'HEAD')).toBe(405)
    expect(await status('/other', 'POST')).toBe(404)
  })
})

describe('T19, T20, T38: a button', () => {
  test('counts once, however often it is sent', async () => {
    const { client, host } = await asked()
    const { message, action } = (await client.button('r1', 'gatewright.approve')) ?? {}
    if (message === undefined || action === undefined) throw new Error('there is no button')
    for (let n = 0; n < 3; n += 1) expect((await client.execute(message, action, {})).status).toBe(200)
    expect(host.counted).toHaveLength(1)
    expect(JSON.stringify(await client.seen(message))).toContain('Your vote was counted before.')
  })

  test.each<[string, Sent]>([
    ['in another channel', { activity: { conversation: { id: '19:other@thread.tacv2', tenantId: TENANT } } }],
    [
      'with its value changed',
      { data: { gatewright: { does: 'approve', value: 'AAAA.BBBB', delivery: 'd' } } },
    ],
  ])('is nothing %s', async (_what, sent) => {
    const { approve, client, host } = await asked()
    expect((await approve(sent))?.status).toBe(200)
    expect(client.toasts.join()).toContain('no longer good, or not good here')
    expect(host.votes).toEqual([])
  })

  test('decides on its own request, though newer ones wait', async () => {
    const { ask, client, host } = await asked()
    await ask({ requestId: 'r2' })
    await ask({ requestId: 'r3' })
    await client.press('r2', 'approve')
    expect(host.counted.map(({ requestId }) => requestId)).toEqual(['r2'])
  })
})
