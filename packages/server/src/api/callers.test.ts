import { sha256Hex } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { ada, keys, tokenOf, world } from '../../test/world'

const problem = 'application/problem+json'

describe('who calls', () => {
  test.each([
    ['nobody', null, {}],
    ['a key that is none', 'gw_nothing', {}],
    ['a token that is none', 'x.y.z', {}],
    ['another scheme', null, { authorization: 'Basic Ym90OmJvdA==' }],
    ['an empty token', null, { authorization: 'Bearer ' }],
    ['a cookie that is none', null, { cookie: '__Host-gatewright=x' }],
  ])('%s is answered 401 with how to authenticate', async (_, as, headers) => {
    const {
      status,
      headers: answered,
      body,
    } = await world().call(as, 'GET', '/api/v1/requests', undefined, headers)
    expect(status).toBe(401)
    expect(answered.get('www-authenticate')).toContain('Bearer realm="gatewright"')
    expect(answered.get('content-type')).toBe(problem)
    expect(body).toMatchObject({ code: 'unauthenticated', requestId: answered.get('x-request-id') })
  })

  test('a bad header counts for nobody, whatever cookie stands beside it', async () => {
    const w = world()
    const session = await w.session(ada)
    expect((await w.call('gw_no', 'GET', '/api/v1/requests', undefined, session)).status).toBe(401)
    expect((await w.call(null, 'GET', '/api/v1/requests', undefined, session)).status).toBe(200)
  })

  test('T29: a session changes something only with its own CSRF token, from this site', async () => {
    const w = world()
    const { id, reviewDigest } = await w.ask()
    const session = await w.session(ada)
    const word = { decision: 'approve', digest: reviewDigest }
    const vote = (headers: Record<string, string>) =>
      w.call(null, 'POST', `/api/v1/requests/${id}/votes`, word, headers)
    expect((await vote({ cookie: session.cookie ?? '' })).status).toBe(403)
    expect((await vote({ ...session, 'x-csrf-token': 'x' })).status).toBe(403)
    expect((await vote({ ...session, origin: 'https://evil.test' })).status).toBe(403)
    expect((await vote({ ...session, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await w.s.request(id)).votes).toEqual([])
    expect((await vote(session)).status).toBe(200)
    expect((await w.s.request(id)).votes[0]?.actor).toMatchObject({
      subject: 'ada',
      assurance: { method: 'sso' },
    })
  })

  test('T29: reading decides nothing', async () => {
    const w = world()
    const { id } = await w.ask()
    const token = await tokenOf(ada)
    for (const path of [`/${id}/votes`, `/${id}/cancel`, `/${id}/claim`])
      expect((await w.call(token, 'GET', `/api/v1/requests${path}?decision=approve`)).status).toBe(405)
    expect(await w.s.request(id)).toMatchObject({ status: 'pending', votes: [] })
  })

  test('keys and people are counted apart, and so is who proves nothing', async () => {
    const w = world({ rateLimit: { max: 2, per: '1m' }, now: () => 60_000 })
    const get = async (as: string | null) => (await w.call(as, 'GET', '/api/v1/requests')).status
    expect([await get(keys.bot), await get(keys.bot), await get(keys.bot)]).toEqual([200, 200, 429])
    expect([await get(keys.eve), await get(await tokenOf(ada))]).toEqual([200, 200])
    expect([await get('gw_1'), await get('gw_2'), await get('gw_3')]).toEqual([401, 401, 429])
    const limited = await w.call(keys.bot, 'GET', '/api/v1/requests')
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('the form of requests', () => {
  test.each([
    ['{"decision":', 'application/json', 400, 'malformed'],
    ['', 'application/json', 400, 'malformed'],
    ['null', 'application/json', 422, 'not-valid'],
    ['[]', 'application/json', 422, 'not-valid'],
    ['{}', 'text/plain', 415, 'not-json'],
    ['{}', 'application/json; charset=latin1', 415, 'not-json'],
    ['decision=approve', 'application/x-www-form-urlencoded', 415, 'not-json'],
  ])('%j as %s is a problem', async (text, type, status, code) => {
    const w = world()
    const { id } = await w.ask()
    const path = `/api/v1/requests/${id}/votes`
    const answered = await w.call(await tokenOf(ada), 'POST', path, text, { 'content-type': type })
    expect(answered).toMatchObject({ status, body: { code } })
    expect(answered.headers.get('content-type')).toBe(problem)
  })

  test('what is no UTF-8, and what is too large, are problems', async () => {
    const w = world()
    const send = (body: Uint8Array | string, more: Readonly<Record<string, string>> = {}) =>
      w.server.fetch(
        new Request('https://approvals.test/base/api/v1/requests', {
          method: 'POST',
          headers: { authorization: `Bearer ${keys.bot}`, 'content-type': 'application/json', ...more },
          body: body as never,
        }),
      )
    expect((await send(new Uint8Array([0x22, 0xff, 0x22]))).status).toBe(400)
    const most = 2_097_152
    // By what it says, where HTTP keeps to that, and else by what comes.
    for (const said of [null, `${most + 1}`, 'many', '']) {
      const large = await send('x'.repeat(most + 1), said === null ? {} : { 'content-length': said })
      expect([large.status, large.headers.get('content-type')]).toEqual([413, problem])
    }
    const chunked = { 'content-length': '1', 'transfer-encoding': 'chunked' }
    expect((await send('x'.repeat(most + 1), chunked)).status).toBe(413)
    expect((await send(' '.repeat(most), { 'content-length': `${most}` })).status).toBe(400)
  })

  test('methods, paths and other origins', async () => {
    const w = world()
    const wrong = await w.call(keys.bot, 'DELETE', '/api/v1/requests')
    expect(wrong).toMatchObject({ status: 405, body: { code: 'method' } })
    expect(wrong.headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS')
    expect((await w.call(keys.bot, 'GET', '/api/v1/nothing')).status).toBe(404)
    expect((await w.call(null, 'GET', '/api/nothing')).status).toBe(404)
    const preflight = await w.call(null, 'OPTIONS', '/api/v1/requests', undefined, {
      origin: 'https://evil.test',
      'access-control-request-method': 'POST',
    })
    expect(preflight.status).toBe(204)
    const answered = await w.call(keys.bot, 'GET', '/api/v1/requests', undefined, {
      origin: 'https://evil.test',
    })
    for (const { headers } of [preflight, answered])
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    expect((await w.call(keys.bot, 'HEAD', '/api/v1/requests')).status).toBe(200)
  })

  test('T18: a key with an owner that is nobody does not start', () => {
    const hash = sha256Hex(keys.bot)
    const nobody = { issuer: 'x', subject: '' } as never
    expect(() => world({ apiKeys: [{ id: 'bot', hash, scopes: ['request'], owner: nobody }] })).toThrow(
      /owner/,
    )
    expect(() =>
      world({ apiKeys: [{ id: 'bot', hash, scopes: ['request'], owner: null, onBehalfOf: nobody }] }),
    ).toThrow(/onBehalfOf/)
    expect(() => world({ apiKeys: [{ id: 'bot', hash: '', scopes: ['request'], owner: null }] })).toThrow(
      /hash/,
    )
    expect(() => world({ secrets: [] })).toThrow(/secrets/)
  })
})
