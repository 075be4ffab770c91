import { canonicalize, defineAction, group, person, sha256Hex, when } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { ada, ben, member } from '../../../core/test/scene'
import { keys, tokenOf, world } from '../../test/world'
import { review, summary } from './request-schema'

const kim = member('kim', ['auditors'])
const sam = member('sam', ['sales'])
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

describe('votes', () => {
  test('I5: an API key does not vote, and that it tried is recorded', async () => {
    const w = world()
    const { id, reviewDigest } = await w.ask()
    const word = { decision: 'approve', digest: reviewDigest }
    for (const key of [keys.bot, keys.auditor]) {
      const { status, body } = await w.call(key, 'POST', `/api/v1/requests/${id}/votes`, word)
      expect(status).toBe(403)
      expect(body).toMatchObject({ code: 'vote-not-human' })
    }
    expect(await w.s.request(id)).toMatchObject({ status: 'pending', votes: [] })
    const refused = await w.s.events('vote.refused')
    expect(refused.map(({ data }) => data)).toMatchObject([
      { reason: 'not-human', actor: { subject: 'bot' } },
      { reason: 'not-human', actor: { subject: 'auditor' } },
    ])
  })

  test('a person votes with their own token', async () => {
    const w = world()
    const { id } = await w.ask()
    expect(await w.vote(id, ada, { note: 'fine' })).toMatchObject({
      status: 200,
      body: { status: 'counted', requestStatus: 'approved' },
    })
    expect((await w.s.request(id)).votes[0]).toMatchObject({
      note: 'fine',
      channel: 'api',
      actor: { subject: 'ada' },
    })
  })

  test.each([
    [{ actor: { issuer: 'https://idp.test', subject: 'ben' } }, '/actor'],
    [{ voter: 'ben' }, '/voter'],
    [{ status: 'approved' }, '/status'],
    [{ votes: [] }, '/votes'],
    [{ reviewers: ['ben'] }, '/reviewers'],
    [{ requestId: 'another' }, '/requestId'],
    [{ proof: 'x' }, '/proof'],
  ])('T03, T08: a body with %j is refused, and remembered', async (more, path) => {
    const w = world()
    const { id } = await w.ask()
    const { status, body } = await w.vote(id, ada, more)
    expect(status).toBe(422)
    expect(body).toMatchObject({ errors: [{ path, message: 'is not a field here' }] })
    expect(await w.s.request(id)).toMatchObject({ status: 'pending', votes: [] })
    expect(w.log).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ fields: [path] }) }),
    )
  })

  test('T08: a field named __proto__ is unknown like any other', async () => {
    const w = world()
    const { id, reviewDigest } = await w.ask()
    const text = `{"decision":"approve","digest":"${reviewDigest}","__proto__":{"actor":"x"}}`
    const answered = await w.call(await tokenOf(ada), 'POST', `/api/v1/requests/${id}/votes`, text)
    expect(answered.status).toBe(422)
    expect((await w.s.request(id)).votes).toEqual([])
  })

  test('T01, T02: the owner of the agent does not approve, by token or by the key', async () => {
    const { s: _, ...w } = world({
      apiKeys: [{ id: 'bot', hash: sha256Hex(keys.bot), scopes: ['request'], owner: ada }],
    })
    const { id } = await w.ask()
    const answered = await w.vote(id, ada)
    expect(answered).toMatchObject({ status: 403, body: { code: 'vote-own-request' } })
    expect((await w.vote(id, ben)).status).toBe(200)
  })

  test('I4: nor does the person for whom its key says it acts', async () => {
    const w = world({
      apiKeys: [{ id: 'bot', hash: sha256Hex(keys.bot), scopes: ['request'], owner: null, onBehalfOf: ada }],
    })
    const { id } = await w.ask()
    expect(await w.vote(id, ada)).toMatchObject({ status: 403, body: { code: 'vote-own-request' } })
  })

  test('T04: an outsider hears of a request what he hears of none', async () => {
    const w = world()
    const { id } = await w.ask()
    const none = '01KAZ4Q9W3M2T8V5XH6C7B1D0E'
    const shapes = async (as: string, target: string) => {
      const word = { decision: 'approve', digest: '0'.repeat(64) }
      const tries = [
        await w.call(as, 'GET', `/api/v1/requests/${target}`),
        await w.call(as, 'GET', `/api/v1/requests/${target}?wait=60`),
        await w.call(as, 'GET', `/api/v1/requests/${target}/events`),
        await w.call(as, 'POST', `/api/v1/requests/${target}/cancel`, {}),
        ...(as === keys.eve ? [] : [await w.call(as, 'POST', `/api/v1/requests/${target}/votes`, word)]),
      ]
      return tries.map(({ status, body }) => ({ status, body: { ...body, requestId: '' } }))
    }
    for (const as of [await tokenOf(sam), keys.eve]) {
      const told = await shapes(as, id)
      expect(told).toEqual(await shapes(as, none))
      expect(told.map(({ status }) => status)).toEqual(told.map(() => 404))
      expect((await w.call(as, 'GET', '/api/v1/requests')).body).toEqual({ requests: [], cursor: null })
    }
    const claim = { argumentsDigest: '0'.repeat(64), claimId: 'x' }
    for (const target of [id, none])
      expect(await w.call(keys.eve, 'POST', `/api/v1/requests/${target}/claim`, claim)).toMatchObject({
        status: 404,
        body: { code: 'ERR_REQUEST_NOT_FOUND' },
      })
  })

  test('T19, T25: the same vote again is counted once', async () => {
    const w = world({}, { reviewers: group('ops', { atLeast: 2 }) })
    const { id } = await w.ask()
    expect((await w.vote(id, ada)).body).toMatchObject({ status: 'counted' })
    expect((await w.vote(id, ada)).body).toMatchObject({ status: 'already-counted' })
    expect(await w.s.request(id)).toMatchObject({ status: 'pending', votes: [{ decision: 'approve' }] })
  })

  test('T38: a digest of another document is refused', async () => {
    const w = world()
    const one = await w.ask()
    const other = await w.ask({ arguments: { table: 'orders' }, callId: 'c2' })
    expect(await w.vote(one.id, ada, { digest: other.reviewDigest })).toMatchObject({
      status: 409,
      body: { code: 'vote-digest' },
    })
  })

  test('I6: a late vote changes nothing, and is answered politely', async () => {
    const w = world()
    const { id } = await w.approved()
    expect(await w.vote(id, ben, { decision: 'reject' })).toMatchObject({
      status: 409,
      body: { code: 'vote-too-late' },
    })
    expect(await w.s.request(id)).toMatchObject({ status: 'approved' })
  })

  test('T22: a requirement of a fresh sign-in is said in the answer', async () => {
    const requirement = { reviewers: group('ops'), assurance: { maxAge: '5m' as const } }
    const w = world({}, { requirement })
    const { id } = await w.ask()
    const answered = await w.vote(id, ada)
    expect(answered).toMatchObject({ status: 403, body: { code: 'vote-assurance' } })
    expect(answered.headers.get('www-authenticate')).toContain('insufficient_user_authentication')
  })

  test('edits go with an approval', async () => {
    const w = world({ actions: [defineAction({ name: 'data.export' })] })
    const { id } = await w.ask()
    const { status } = await w.vote(id, ada, { edits: [{ path: '/table', value: 'orders' }] })
    expect(status).toBe(200)
    expect((await w.call(keys.bot, 'GET', `/api/v1/requests/${id}`)).body.request).toMatchObject({
      status: 'approved',
      edited: true,
      argumentsDigest: sha256Hex(canonicalize([{ table: 'orders' }])),
    })
    const other = await w.ask({ callId: 'c2' })
    for (const edit of [{ path: '/table' }, { path: '/table', value: 1, remove: true }, { value: 1 }, 1])
      expect((await w.vote(other.id, ada, { edits: [edit] })).status).toBe(422)
  })
})

describe('reading', () => {
  test('people see what asks them, viewers and readers all, an agent its own', async () => {
    const w = world()
    const { id } = await w.ask()
    const ids = async (as: string) =>
      (await w.call(as, 'GET', '/api/v1/requests')).body.requests.map((one: { id: string }) => one.id)
    for (const as of [await tokenOf(ada), await tokenOf(kim), keys.auditor, keys.bot])
      expect(await ids(as)).toEqual([id])
    for (const as of [await tokenOf(sam), keys.eve]) expect(await ids(as)).toEqual([])
  })

  test('a viewer sees and does not vote', async () => {
    const w = world()
    const { id } = await w.ask()
    expect((await w.call(await tokenOf(kim), 'GET', `/api/v1/requests/${id}`)).status).toBe(200)
    expect((await w.vote(id, kim)).status).toBe(404)
  })

  test('what is answered is what is described', async () => {
    const w = world()
    const { id } = await w.approved()
    const { body } = await w.call(keys.bot, 'GET', `/api/v1/requests/${id}`)
    expect(summary.strict().parse(body.request)).toEqual(body.request)
    expect(review.strict().parse(body.review)).toEqual(body.review)
    expect(body.request.link).toBe(`https://approvals.test/base/requests/${id}`)
    expect(JSON.stringify(body.request)).not.toContain('customers')
  })

  test('pages hold each once, whatever is hidden between, and cursors are nobody else’s', async () => {
    const w = world()
    const ids: string[] = []
    for (let call = 0; call < 5; call += 1) ids.unshift((await w.ask({ callId: `c${call}` })).id)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const { body } = await w.call(keys.bot, 'GET', `/api/v1/requests?limit=2${query}`)
      seen.push(...body.requests.map((one: { id: string }) => one.id))
      cursor = body.cursor
    } while (cursor !== null)
    expect(seen).toEqual(ids)
    const first = (await w.call(keys.bot, 'GET', '/api/v1/requests?limit=2')).body.cursor
    const at = `cursor=${encodeURIComponent(first)}`
    expect((await w.call(keys.eve, 'GET', `/api/v1/requests?limit=2&${at}`)).body.code).toBe('cursor')
    expect((await w.call(keys.bot, 'GET', `/api/v1/requests?status=pending&${at}`)).body.code).toBe('cursor')
    expect((await w.call(keys.bot, 'GET', '/api/v1/requests?cursor=3')).body.code).toBe('cursor')
  })

  test('T20: what is sealed for one purpose is nothing for another', async () => {
    const w = world()
    await w.ask()
    await w.ask({ callId: 'c2' })
    const { cursor } = (await w.call(keys.bot, 'GET', '/api/v1/requests?limit=1')).body
    const asSession = await w.call(null, 'GET', '/api/v1/requests', undefined, {
      cookie: `__Host-gatewright=${cursor}`,
    })
    expect(asSession.status).toBe(401)
    const session = ((await w.session(ada)).cookie ?? '').split('=')[1]
    expect((await w.call(keys.bot, 'GET', `/api/v1/requests?limit=1&cursor=${session}`)).body.code).toBe('cursor')
  })

  test('filters narrow, and those that are not known are refused', async () => {
    const w = world()
    const { id } = await w.approved()
    await w.ask({ callId: 'c2', runId: 'r2' })
    const list = async (query: string, as = keys.auditor) => w.call(as, 'GET', `/api/v1/requests?${query}`)
    expect((await list('status=approved,rejected')).body.requests).toMatchObject([{ id }])
    expect((await list('runId=r2')).body.requests).toMatchObject([{ runId: 'r2' }])
    expect((await list('requester=nobody')).body.requests).toEqual([])
    expect((await list('requester=eve', keys.bot)).body.requests).toEqual([])
    expect((await list('requester=bot', keys.bot)).body.requests).toHaveLength(2)
    for (const query of [
      'state=approved',
      'status=open',
      'limit=0',
      'limit=201',
      'limit=1e1',
      'createdAfter=now',
    ])
      expect((await list(query)).status, query).toBe(422)
  })

  test('waiting ends with the decision', async () => {
    const w = world()
    const { id } = await w.ask()
    const waiting = w.call(keys.bot, 'GET', `/api/v1/requests/${id}?wait=60`)
    await w.s.pending()
    await w.vote(id, ada)
    expect((await waiting).body.request).toMatchObject({ status: 'approved' })
  })

  test('waiting ends with its time', async () => {
    const w = world()
    const { id } = await w.ask()
    const waiting = w.call(keys.bot, 'GET', `/api/v1/requests/${id}?wait=30`)
    await w.s.pending()
    await w.s.clock.advance('31s')
    expect((await waiting).body.request).toMatchObject({ status: 'pending' })
    expect((await w.call(keys.bot, 'GET', `/api/v1/requests/${id}?wait=61`)).status).toBe(422)
    expect((await w.call(keys.bot, 'HEAD', `/api/v1/requests/${id}?wait=60`)).status).toBe(200)
  })

  test('statistics are for those who may know of each request', async () => {
    const w = world()
    await w.approved()
    const ask = (as: string, query = '') => w.call(as, 'GET', `/api/v1/statistics${query}`)
    for (const as of [keys.auditor, keys.bot, await tokenOf(kim)])
      expect((await ask(as)).body).toMatchObject({ requests: 1, approved: 1 })
    expect((await ask(keys.eve)).body).toMatchObject({ requests: 0 })
    expect((await ask(keys.eve, '?requester=bot')).status).toBe(403)
    expect((await ask(await tokenOf(ada))).status).toBe(403)
  })
})

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
    const send = (body: Uint8Array | string) =>
      w.server.fetch(
        new Request('https://approvals.test/base/api/v1/requests', {
          method: 'POST',
          headers: { authorization: `Bearer ${keys.bot}`, 'content-type': 'application/json' },
          body: body as never,
        }),
      )
    expect((await send(new Uint8Array([0x22, 0xff, 0x22]))).status).toBe(400)
    const large = await send('x'.repeat(2_097_153))
    expect([large.status, large.headers.get('content-type')]).toEqual([413, problem])
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
