import { canonicalize, person, sha256Hex, when } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { ada, keys, tokenOf, world } from '../../test/world'

describe('programs', () => {
  test('T25: the same call sent twice is asked once, and at once', async () => {
    const w = world()
    const [one, other] = await Promise.all([w.ask(), w.ask()])
    expect(one?.id).toBe(other?.id)
    expect(await w.s.pending()).toHaveLength(1)
    const asked = { action: 'data.export', arguments: { table: 'other' }, callId: 'c1' }
    expect(await w.call(keys.bot, 'POST', '/api/v1/requests', asked)).toMatchObject({
      status: 409,
      body: { code: 'ERR_KEY_CONFLICT' },
    })
  })

  test('T53: the header names the call, and two agents do not share names', async () => {
    const w = world()
    const asked = { action: 'data.export', arguments: {} }
    const ask = (as: string, key: string) =>
      w.call(as, 'POST', '/api/v1/requests', asked, { 'idempotency-key': key })
    const first = await ask(keys.bot, 'k1')
    expect(first.headers.get('location')).toBe(`/base/api/v1/requests/${first.body.request.id}`)
    expect((await ask(keys.bot, 'k1')).body.request.id).toBe(first.body.request.id)
    expect((await ask(keys.bot, 'k2')).body.request.id).not.toBe(first.body.request.id)
    expect((await ask(keys.eve, 'k1')).body.request.id).not.toBe(first.body.request.id)
    expect(await w.call(keys.bot, 'POST', '/api/v1/requests', asked)).toMatchObject({
      status: 422,
      body: { code: 'key-missing' },
    })
  })

  test('T03: whom the agent acts for, and its owner, are not for its body to say', async () => {
    const w = world()
    for (const more of [
      { onBehalfOf: 'ada' },
      { owner: null },
      { agent: { id: 'x' } },
      { requester: 'x' },
      { status: 'approved' },
    ]) {
      const asked = { action: 'data.export', arguments: {}, callId: 'c1', ...more }
      expect((await w.call(keys.bot, 'POST', '/api/v1/requests', asked)).status).toBe(422)
    }
    const id = (await w.ask({ intent: 'I am ada', model: 'm1' })).id
    expect(await w.s.request(id)).toMatchObject({
      requester: { id: 'bot', name: 'Bot', owner: null },
      onBehalfOf: null,
      intent: 'I am ada',
      origin: { model: 'm1' },
    })
  })

  test('I2: what is digested is canonical, and a digest that differs is refused', async () => {
    const w = world()
    const args = { b: 1, a: [-0, 1.5, 'é'] }
    const right = sha256Hex(canonicalize([args]))
    expect((await w.ask({ arguments: args, argumentsDigest: right })).argumentsDigest).toBe(right)
    const wrong = { action: 'data.export', arguments: args, callId: 'c2', argumentsDigest: 'f'.repeat(64) }
    expect(await w.call(keys.bot, 'POST', '/api/v1/requests', wrong)).toMatchObject({
      status: 422,
      body: { code: 'digest-differs' },
    })
    expect(await w.s.pending()).toHaveLength(1)
  })

  test.each([
    ['{"n":9007199254740993}', 'not-valid'],
    ['{"s":"\\ud800"}', 'ERR_ARGUMENTS_UNSUPPORTED'],
    ['{"__proto__":{"a":1}}', 'ERR_ARGUMENTS_UNSUPPORTED'],
    [`${'{"a":'.repeat(1_500)}1${'}'.repeat(1_500)}`, 'ERR_ARGUMENTS_UNSUPPORTED'],
    ['[1]', 'not-valid'],
    ['null', 'not-valid'],
  ])('T50: arguments that JSON or we cannot keep are refused: %.40s', async (args, code) => {
    const w = world()
    const text = `{"action":"data.export","callId":"c1","arguments":${args}}`
    expect(await w.call(keys.bot, 'POST', '/api/v1/requests', text)).toMatchObject({
      status: 422,
      body: { code },
    })
    expect(await w.s.pending()).toEqual([])
  })

  test('I1, I3: approved, claimed once, run and told', async () => {
    const w = world()
    const { id, argumentsDigest } = await w.ask()
    const claim = (claimId: string) =>
      w.call(keys.bot, 'POST', `/api/v1/requests/${id}/claim`, { argumentsDigest, claimId })
    expect((await claim('k1')).status).toBe(409)
    await w.vote(id, ada)
    const [one, other] = await Promise.all([claim('k1'), claim('k2')])
    expect([one?.status, other?.status].sort()).toEqual([200, 409])
    const won = one?.status === 200 ? one : other
    expect(won?.body).toMatchObject({
      action: 'data.export',
      arguments: { table: 'customers' },
      leaseMs: 30_000,
    })
    expect(await w.s.types(id)).toContain('execution.started')
    const { fencingToken } = won?.body ?? {}
    const path = `/api/v1/requests/${id}`
    expect((await w.call(keys.bot, 'POST', `${path}/heartbeat`, { fencingToken, lease: 60 })).body).toEqual({
      leaseMs: 60_000,
    })
    // T52: nobody else tells how it ended.
    expect(
      (await w.call(keys.bot, 'POST', `${path}/outcome`, { fencingToken: 'x', status: 'failed' })).status,
    ).toBe(409)
    expect(
      (await w.call(keys.eve, 'POST', `${path}/outcome`, { fencingToken, status: 'failed' })).status,
    ).toBe(404)
    const told = { fencingToken, status: 'succeeded', summary: '1200 rows' }
    expect((await w.call(keys.bot, 'POST', `${path}/outcome`, told)).body.request).toMatchObject({
      status: 'succeeded',
      outcome: { summary: '1200 rows' },
    })
    expect(await claim('k3')).toMatchObject({ status: 409, body: { code: 'ERR_ALREADY_EXECUTED' } })
  })

  test('I8, T52: without a sign of life it is unknown, and the one who comes late is heard', async () => {
    const w = world()
    const { id, argumentsDigest } = await w.approved()
    const path = `/api/v1/requests/${id}`
    const { body } = await w.call(keys.bot, 'POST', `${path}/claim`, {
      argumentsDigest,
      claimId: 'k1',
      lease: 5,
    })
    await w.s.clock.advance('3m')
    expect(await w.s.request(id)).toMatchObject({ status: 'unknown' })
    const told = { fencingToken: body.fencingToken, status: 'succeeded' }
    expect((await w.call(keys.bot, 'POST', `${path}/outcome`, told)).body.request).toMatchObject({
      status: 'unknown',
      lateOutcome: { status: 'succeeded' },
    })
  })

  test('policy decides for them too: denied is a problem, allowed needs no vote', async () => {
    const policy = [
      when('data.drop').deny('never', { id: 'no-drop', version: 1 }),
      when('data.count').allow({ id: 'count', version: 1 }),
    ]
    const w = world({}, { policy })
    const drop = { action: 'data.drop', arguments: {}, callId: 'c1' }
    expect(await w.call(keys.bot, 'POST', '/api/v1/requests', drop)).toMatchObject({
      status: 403,
      body: { code: 'ERR_APPROVAL_DENIED' },
    })
    const { id, argumentsDigest } = await w.ask({ action: 'data.count' })
    const claim = { argumentsDigest, claimId: 'k' }
    expect((await w.call(keys.bot, 'POST', `/api/v1/requests/${id}/claim`, claim)).status).toBe(200)
  })

  test('a key without the scope, and people, do not ask', async () => {
    const w = world()
    const asked = { action: 'data.export', arguments: {}, callId: 'c1' }
    expect(await w.call(keys.auditor, 'POST', '/api/v1/requests', asked)).toMatchObject({
      status: 403,
      body: { code: 'scope' },
    })
    expect(await w.call(await tokenOf(ada), 'POST', '/api/v1/requests', asked)).toMatchObject({
      status: 403,
      body: { code: 'key-needed' },
    })
  })

  test('cancelling is for those whose call it is', async () => {
    const owner = person('https://idp.test', 'olga', { name: 'olga' })
    const keysOf = [
      { id: 'bot', hash: sha256Hex(keys.bot), scopes: ['request' as const], owner },
      { id: 'auditor', hash: sha256Hex(keys.auditor), scopes: ['read' as const] },
    ]
    const w = world({ apiKeys: keysOf })
    const one = await w.ask()
    const cancel = (as: string, id: string) =>
      w.call(as, 'POST', `/api/v1/requests/${id}/cancel`, { reason: 'stop' })
    expect((await cancel(await tokenOf(ada), one.id)).status).toBe(403)
    expect((await cancel(keys.auditor, one.id)).status).toBe(403)
    expect((await cancel(await tokenOf(owner), one.id)).body.request).toMatchObject({
      status: 'cancelled',
      resolution: { by: { subject: 'olga' }, reason: 'cancelled by olga: stop' },
    })
    const other = await w.ask({ callId: 'c2' })
    expect((await cancel(keys.bot, other.id)).body.request).toMatchObject({ status: 'cancelled' })
    const third = await w.ask({ callId: 'c3' })
    await w.vote(third.id, ada, { decision: 'reject', note: 'no' })
    expect((await cancel(keys.bot, third.id)).status).toBe(409)
  })
})
