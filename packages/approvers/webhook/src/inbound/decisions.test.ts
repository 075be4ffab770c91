import { describe, expect, test, vi } from 'vitest'
import { gateRoom, SECRETS } from '../../test/gate-room'
import { identityProvider } from '../../test/identity-provider'
import { OURS, secretOf, THEIRS } from '../../test/keys'
import { DECISIONS_URL, type Sending } from '../../test/office'
import { statementNonce, type WebhookAnswer } from '..'

/** A gate with one call that waits. */
async function waiting(...options: Parameters<typeof gateRoom>) {
  const room = await gateRoom({ wait: 'suspend', ...options[0] }, options[1])
  const { requestId } = await room.call({ table: 'customers' })
  const votes = async () => (await room.gate.requests.get(requestId))?.votes.length
  return { ...room, requestId, votes }
}

describe('what is not signed by the receiver is not read', () => {
  const cases: readonly (readonly [string, Sending])[] = [
    ['by a stranger', { secret: secretOf(9) }],
    ['by what signs our own messages', { secret: OURS }],
    ['T19: too long ago', { at: Date.UTC(2026, 0, 1) - 301_000 }],
    ['T19: in the future', { at: Date.UTC(2026, 0, 1) + 301_000 }],
    ['under an id that is none', { webhookId: 'a.b' }],
  ]
  test.each(cases)('signed %s', async (_, sending) => {
    const { office, requestId, statement, votes } = await waiting()
    expect(await office.send(statement(requestId), sending)).toMatchObject({
      status: 401,
      answer: { status: 'invalid', message: expect.stringContaining('Nothing was decided') },
    })
    expect(await votes()).toBe(0)
  })

  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('without %s', async (header) => {
    const { office, requestId, statement, votes } = await waiting()
    const request = office.request(await office.bodyOf(statement(requestId)))
    request.headers.delete(header)
    expect((await office.approver.handle(request)).status).toBe(401)
    expect(await votes()).toBe(0)
  })

  test('with a body that was changed on the way', async () => {
    const { office, requestId, statement, votes } = await waiting()
    const body = await office.bodyOf(statement(requestId, 'reject'))
    const { headers } = office.request(body)
    const changed = new Request(DECISIONS_URL, {
      method: 'POST',
      headers,
      body: body.replace('reject', 'approve'),
    })
    expect((await office.approver.handle(changed)).status).toBe(401)
    expect(await votes()).toBe(0)
  })
})

describe('T08: nothing but what the schema says is taken', () => {
  test.each([
    ['a field beside the others', { more: { actor: { issuer: 'https://idp.test', subject: 'mallory' } } }],
    ['another version', { more: { version: 2 } }],
    ['a prototype', { more: JSON.parse('{"__proto__":{"identity":"x"}}') }],
    ['no identity', { more: { identity: undefined } }],
    ['an identity that is no text', { more: { identity: { sub: 'ada' } } }],
  ] as const)('in the decision: %s', async (_, sending) => {
    const { office, requestId, statement, votes } = await waiting()
    expect((await office.send(statement(requestId), sending as Sending)).status).toBe(400)
    expect(await votes()).toBe(0)
  })

  const changes: readonly (readonly [string, Record<string, unknown>])[] = [
    ['an actor', { actor: 'mallory' }],
    ['a status', { status: 'approved' }],
    ['another decision', { decision: 'approved' }],
    ['a decision in a list', { decision: ['approve'] }],
    ['a note that is too long', { note: 'n'.repeat(4_001) }],
    ['a note that is no text', { note: null }],
    ['no token', { token: undefined }],
    ['edits with a rejection', { decision: 'reject', edits: [{ path: '/table', value: 'x' }] }],
    ['no edits', { edits: [] }],
    ['an edit of both kinds', { edits: [{ path: '/table', value: 'x', remove: true }] }],
    ['an edit of no kind', { edits: [{ path: '/table' }] }],
    ['an edit that removes nothing', { edits: [{ path: '/table', remove: false }] }],
    ['an edit with a field more', { edits: [{ path: '/table', value: 1, by: 'ada' }] }],
    ['an edit of a prototype', { edits: [JSON.parse('{"path":"/table","value":1,"__proto__":1}')] }],
    ['too many edits', { edits: Array.from({ length: 1_001 }, () => ({ path: '', value: 1 })) }],
  ]
  test.each(changes)('in the statement: %s', async (_, change) => {
    const { office, requestId, statement, votes } = await waiting()
    const { status, answer } = await office.send(JSON.stringify({ ...statement(requestId), ...change }))
    expect([status, answer.status]).toEqual([400, 'invalid'])
    expect(await votes()).toBe(0)
  })

  test('an edit may hold null and anything else of JSON, as the gate judges it', async () => {
    const { office, requestId, statement } = await waiting()
    const edits = [{ path: '/table', value: { a: [null, true, 1.5, {}] } }]
    const { answer } = await office.send(statement(requestId, 'approve', { edits }))
    expect(answer).toMatchObject({ status: 'counted' })
  })

  test('what is nested deeper than any argument is refused before anything walks through it', async () => {
    const { office, requestId, statement, votes } = await waiting()
    const flat = JSON.stringify(statement(requestId, 'approve', { edits: [{ path: '/table', value: 7 }] }))
    const pairs = [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const
    for (const [opening, closing] of pairs) {
      const deep = `${opening.repeat(20_000)}7${closing.repeat(20_000)}`
      const { status, answer } = await office.send(flat.replace('"value":7', `"value":${deep}`))
      expect([status, answer.message]).toEqual([400, expect.stringContaining('statement')])
    }
    const brackets = statement(requestId, 'approve', { note: '['.repeat(200) })
    expect((await office.send(brackets)).answer.status).toBe('counted')
    expect(await votes()).toBe(1)
  })

  test('what is refused is said without repeating it, and is logged', async () => {
    const warn = vi.fn()
    const { office, requestId, statement } = await waiting({ logger: { info() {}, warn, error() {} } })
    const { answer } = await office.send(statement(requestId), { more: { '<script>': 1 } })
    expect(answer.message).toBe('the decision has a field that is not known. Nothing was decided.')
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('not known'), { webhookId: expect.any(String) })
  })
})

describe('a statement and an identity belong together', () => {
  test('T03: the token of one person is no vote on another statement', async () => {
    const { office, requestId, statement, clock, votes } = await waiting()
    const rejecting = JSON.stringify(statement(requestId, 'reject'))
    const identity = await office.provider.token(statementNonce(rejecting), clock.now())
    const others = [
      JSON.stringify(statement(requestId, 'approve')),
      JSON.stringify(statement(requestId, 'reject', { note: 'x' })),
      `${rejecting} `,
      rejecting.replace(':', ': '),
    ]
    for (const other of others)
      expect(await office.send(other, { identity })).toMatchObject({
        status: 403,
        answer: { message: expect.stringContaining('not bound') },
      })
    expect(await votes()).toBe(0)
    expect((await office.send(rejecting, { identity })).answer.status).toBe('counted')
  })

  test('a token for signing in somewhere is no vote', async () => {
    const { office, requestId, statement, votes } = await waiting()
    for (const claims of [{ nonce: undefined }, { nonce: 'n-0S6_WzA2Mj' }, { aud: 'mail' }])
      expect((await office.send(statement(requestId), { claims })).status).toBe(403)
    expect(await votes()).toBe(0)
  })
})

describe('T20, T38: a token is good for its request, document and receiver', () => {
  test('of another request, it decides that one', async () => {
    const { office, call, gate, requestId, statement } = await waiting()
    const other = await call({ table: 'orders' })
    await office.send(statement(other.requestId))
    expect((await gate.requests.get(other.requestId))?.votes).toHaveLength(1)
    expect((await gate.requests.get(requestId))?.votes).toHaveLength(0)
  })

  test('of another receiver or another approver, it does nothing', async () => {
    const { office, votes } = await waiting()
    const elsewhere = await gateRoom({ wait: 'suspend', secrets: SECRETS })
    const renamed = await gateRoom({ wait: 'suspend', secrets: SECRETS }, { name: 'other' })
    for (const room of [elsewhere, renamed]) {
      const { requestId } = await room.call({ table: 'customers' })
      expect(await office.send(room.statement(requestId))).toMatchObject({ status: 403 })
    }
    expect(await votes()).toBe(0)
  })

  test('changed, made up or past its end, it does nothing', async () => {
    const { office, requestId, statement, clock, votes, gate } = await waiting()
    const { token } = statement(requestId)
    const hostile = [
      token.slice(0, -2),
      token.split('.')[0] ?? '',
      `${token}.x`,
      'x',
      `x.${token}`,
      token.toUpperCase(),
    ]
    for (const one of hostile)
      expect((await office.send({ token: one, decision: 'approve' })).status).toBe(403)
    await clock.advance('61m')
    expect((await office.send({ token, decision: 'approve' })).status).toBe(403)
    expect(await votes()).toBe(0)
    expect((await gate.requests.get(requestId))?.status).toBe('expired')
  })
})

describe('T19: one decision counts once', () => {
  test('the same message again gets the first answer, as already counted', async () => {
    const { office, requestId, statement, votes } = await waiting()
    const body = await office.bodyOf(statement(requestId))
    const post = async (at?: number) => {
      const sending = { webhookId: 'd-1', ...(at === undefined ? {} : { at }) }
      const response = await office.approver.handle(office.request(body, sending))
      return [response.status, await response.json()] as const
    }
    expect(await post()).toMatchObject([200, { status: 'counted', requestStatus: 'approved' }])
    const again = [200, { status: 'already-counted', requestStatus: 'approved', message: expect.any(String) }]
    expect(await post()).toEqual(again)
    expect(await post(Date.UTC(2026, 0, 1) + 60_000)).toEqual(again)
    expect(await votes()).toBe(1)
  })

  test('also at the same time, and under another id', async () => {
    const { office, requestId, statement, votes } = await waiting()
    const body = await office.bodyOf(statement(requestId))
    const post = async (webhookId: string) =>
      ((await (await office.approver.handle(office.request(body, { webhookId }))).json()) as WebhookAnswer)
        .status
    const all = await Promise.all(['a', 'a', 'b', 'a', 'c'].map(post))
    expect(all.filter((status) => status === 'counted')).toHaveLength(1)
    expect(all.filter((status) => status === 'already-counted')).toHaveLength(4)
    expect(await votes()).toBe(1)
  })

  test('a refusal stays one when it is replayed, though the same would count by now', async () => {
    const requirement = { stages: [{ reviewers: personOf('ben') }, { reviewers: personOf('ada') }] }
    const { office, requestId, statement, votes } = await waiting({ requirement })
    const early = await office.bodyOf(statement(requestId))
    const post = async (webhookId: string) =>
      (await office.approver.handle(office.request(early, { webhookId }))).json()
    expect(await post('early')).toMatchObject({ reason: 'earlier-stage' })
    await office.send(statement(requestId), { claims: { sub: 'ben' } })
    expect(await votes()).toBe(1)
    expect(await post('early')).toMatchObject({ reason: 'earlier-stage' })
    expect(await votes()).toBe(1)
  })

  test('another body under a known id is refused', async () => {
    const { office, requestId, statement, votes } = await waiting()
    const reject = statement(requestId, 'reject', { note: 'no' })
    await office.send(reject, { webhookId: 'd-1' })
    const { status, answer } = await office.send(statement(requestId), { webhookId: 'd-1' })
    expect([status, answer.status]).toEqual([409, 'invalid'])
    expect(await votes()).toBe(1)
  })

  test('a decision that was refused for its identity can be sent again under its id', async () => {
    const { office, requestId, statement } = await waiting()
    const sending = { webhookId: 'd-1' }
    expect((await office.send(statement(requestId), { ...sending, claims: { exp: 1 } })).status).toBe(403)
    expect((await office.send(statement(requestId), sending)).answer.status).toBe('counted')
  })
})

describe('T42: what is answered is what is stored', () => {
  test('a store that fails is said to have, and the same decision counts later', async () => {
    const { office, requestId, statement, store, votes } = await waiting()
    const failing = vi.spyOn(store, 'transition').mockRejectedValue(new Error('disk full'))
    const body = await office.bodyOf(statement(requestId))
    const post = () => office.approver.handle(office.request(body, { webhookId: 'd-1' }))
    const failed = await post()
    expect([failed.status, failed.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await failed.json()).toMatchObject({ status: 'unavailable' })
    failing.mockRestore()
    expect(await votes()).toBe(0)
    expect(await (await post()).json()).toMatchObject({ status: 'counted' })
  })

  test('an issuer whose keys cannot be read is no reason to refuse somebody', async () => {
    const provider = await identityProvider()
    const keysUrl = 'https://127.0.0.1:9/jwks'
    const issuer = { issuer: provider.issuer, audience: 'approvals', keysUrl, allow: ['127.0.0.1'] }
    const room = await gateRoom(
      { wait: 'suspend' },
      { decisions: { url: DECISIONS_URL, secret: THEIRS, issuers: [issuer] } },
    )
    const { requestId } = await room.call({ table: 'customers' })
    expect(await room.office.send(room.statement(requestId))).toMatchObject({
      status: 503,
      answer: { status: 'unavailable' },
    })
    expect((await room.gate.requests.get(requestId))?.votes).toEqual([])
  })

  test('nothing is decided once the gate has stopped, also by what was under way', async () => {
    const { office, requestId, statement, gate, store } = await waiting()
    const body = await office.bodyOf(statement(requestId))
    const underWay = office.approver.handle(office.request(body))
    await gate.close()
    expect((await underWay).status).toBe(503)
    expect((await office.approver.handle(office.request(body))).status).toBe(503)
    expect((await store.get(requestId))?.votes).toEqual([])
  })
})

describe('T29: other requests are told what is missing', () => {
  const cases: readonly (readonly [number, string, RequestInit])[] = [
    [404, 'https://gate.test/approvers/webhook', { method: 'POST', body: '{}' }],
    [404, 'https://gate.test/approvers/webhook/decisions/r1?approve', { method: 'POST' }],
    [405, DECISIONS_URL, { method: 'GET' }],
    [405, DECISIONS_URL, { method: 'PUT', body: '{}' }],
    [405, `${DECISIONS_URL}?decision=approve`, { method: 'HEAD' }],
    [415, DECISIONS_URL, { method: 'POST', body: 'a=b' }],
    [415, DECISIONS_URL, { method: 'POST', body: '{}', headers: { 'content-type': 'application/jsonp' } }],
  ]
  test.each(cases)('%i for %s', async (status, url, init) => {
    const { office, votes } = await waiting()
    const response = await office.approver.handle(new Request(url, init))
    expect(response.status).toBe(status)
    expect(await votes()).toBe(0)
  })

  test('a body past the bound is not read to its end', async () => {
    const { office } = await waiting()
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    const headers = { 'content-type': 'application/json' }
    const endless = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
    expect((await office.approver.handle(new Request(DECISIONS_URL, endless))).status).toBe(413)
    expect(sent).toBeLessThan(1_000_000)
    const announced = new Request(DECISIONS_URL, { method: 'POST', headers, body: '{}' })
    announced.headers.set('content-length', '262145')
    expect((await office.approver.handle(announced)).status).toBe(413)
  })

  test('a body that breaks off is refused', async () => {
    const { office } = await waiting()
    const body = new ReadableStream({ start: (controller) => controller.error(new Error('reset')) })
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
    expect((await office.approver.handle(new Request(DECISIONS_URL, init))).status).toBe(400)
  })
})

function personOf(subject: string) {
  return { type: 'person', issuer: 'https://idp.test', subject } as never
}
