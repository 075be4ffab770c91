import { canonicalize, defineAction, group, sha256Hex } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { ada, ben, keys, member, tokenOf, world } from '../../test/world'

const sam = member('sam', ['sales'])

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

  test('T03, I6: a vote whose form is refused is in the audit log, of whoever proved who they are alone', async () => {
    const w = world()
    const { id, reviewDigest } = await w.ask()
    const at = `/api/v1/requests/${id}/votes`
    const word = { decision: 'approve', digest: reviewDigest }
    const secret = `password=${'s3cr3t'.repeat(4)}`
    await w.call(keys.bot, 'POST', at, { ...word, actor: { issuer: 'https://idp.test', subject: 'ben' } })
    await w.call(keys.bot, 'POST', at, '{')
    await w.call(keys.bot, 'POST', at, { ...word, ['__proto__x']: 1, [`\u202e${secret}`]: secret })
    await w.vote(id, ada, { voter: 'ben' })
    await w.vote(id, ben, { decision: 'perhaps' })
    // Nobody, no vote, and no request.
    await w.call(null, 'POST', at, { ...word, voter: 'ben' })
    await w.call('gw_guessed', 'POST', at, { ...word, voter: 'ben' })
    await w.call(keys.bot, 'POST', `/api/v1/requests/${id}/cancel`, { voter: 'ben' })
    await w.call(keys.bot, 'GET', at)
    const refused = (await w.s.events('vote.refused')).map(({ data }) => data)
    const bot = { type: 'service', issuer: 'gatewright:api-key', subject: 'bot' }
    expect(refused).toMatchObject([
      { reason: 'not-human', actor: bot, requestId: id, fields: ['/actor'], channel: 'api', decision: null },
      { reason: 'not-human', actor: bot, requestId: id, fields: [] },
      { reason: 'not-human', actor: bot, requestId: id },
      { reason: 'malformed', actor: { type: 'human', subject: 'ada' }, fields: ['/voter'] },
      { reason: 'malformed', actor: { type: 'human', subject: 'ben' }, fields: ['/decision'] },
    ])
    expect(JSON.stringify(refused)).not.toMatch(/s3cr3ts3cr3t|\u202e/)
    expect(await w.s.request(id)).toMatchObject({ status: 'pending', votes: [] })
  })

  test('a flood of votes whose form is refused does not fill the audit log', async () => {
    let now = 0
    const w = world({ now: () => now })
    const { id } = await w.ask()
    const flood = async (key: string) => {
      for (let call = 0; call < 30; call += 1)
        expect((await w.call(key, 'POST', `/api/v1/requests/${id}/votes`, { call })).status).toBe(422)
      return (await w.s.events('vote.refused')).length
    }
    expect(await flood(keys.bot)).toBe(20)
    expect(await flood(keys.eve)).toBe(40)
    now = 120_000
    expect(await flood(keys.bot)).toBe(60)
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
