import { agent, group, type Principal, person, service, staticDirectory } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { ada, attempt, ben, ISSUER, member, olga, scene, settle } from '../../packages/core/test/scene'

/** A pending call, and its request. */
async function pendingCall(options: Parameters<typeof scene>[0] = {}) {
  const s = scene(options)
  const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })('users'))
  const request = await s.only()
  return { s, call, request, id: request.id }
}

async function expectUntouched({ s, id, call }: Awaited<ReturnType<typeof pendingCall>>): Promise<void> {
  await settle()
  expect(s.runs).toEqual([])
  expect(call.state).toBe('waiting')
  expect((await s.request(id)).status).toBe('pending')
  expect(await s.types(id)).toEqual(['request.created'])
}

describe('who may vote', () => {
  test('T01: an administrator cannot approve their own agent’s call, whatever groups they are in', async () => {
    const boss = member('boss', ['ops', 'admins', 'root', 'security'])
    const pending = await pendingCall({ agent: { id: 'bot', owner: boss } })
    expect(await pending.s.approve(pending.id, boss)).toMatchObject({
      status: 'refused',
      reason: 'own-request',
    })
    await expectUntouched(pending)
    const [refusal] = await pending.s.events('vote.refused')
    expect(refusal?.data).toMatchObject({
      reason: 'own-request',
      requestId: pending.id,
      actor: { issuer: ISSUER, subject: 'boss' },
    })
  })

  test('T01: another account of the owner is the owner', async () => {
    const identities = [{ issuer: 'slack:T1', subject: 'U1' }]
    const directory = staticDirectory({
      people: [
        { issuer: ISSUER, subject: 'boss', name: 'Boss', groups: ['ops'], identities },
        { issuer: ISSUER, subject: 'ada', name: 'Ada', groups: ['ops'] },
      ],
    })
    const pending = await pendingCall({ agent: { id: 'bot', owner: member('boss') }, directory })
    const inSlack = person('slack:T1', 'U1', { groups: ['ops'] })
    expect(await pending.s.approve(pending.id, inSlack)).toMatchObject({
      status: 'refused',
      reason: 'own-request',
    })
    await expectUntouched(pending)
  })

  test('T01: an identity linked to the owner is the owner', async () => {
    const pending = await pendingCall({ agent: { id: 'bot', owner: olga } })
    const inSlack = person('slack:T1', 'U1', { groups: ['ops'] })
    await pending.s.store.links.put(
      inSlack,
      { issuer: ISSUER, subject: 'olga', name: 'Olga', groups: ['ops'] },
      olga,
    )
    expect(await pending.s.approve(pending.id, inSlack)).toMatchObject({
      status: 'refused',
      reason: 'own-request',
    })
    await expectUntouched(pending)
  })

  test.each<[string, Principal]>([
    ['an agent', agent(ISSUER, 'bot')],
    ['a service', service(ISSUER, 'ci')],
    ['an agent in the right group', { ...agent(ISSUER, 'bot'), groups: ['ops'] }],
    ['the owner', olga],
  ])('T02: %s cannot vote', async (_who, actor) => {
    const pending = await pendingCall({ agent: { id: 'bot', owner: olga } })
    expect((await pending.s.approve(pending.id, actor)).status).toBe('refused')
    expect((await pending.s.reject(pending.id, actor)).status).toBe('refused')
    await expectUntouched(pending)
    expect(await pending.s.events('vote.refused')).toHaveLength(2)
  })

  test('T02: the person the agent acts for cannot vote, though each call may be for another', async () => {
    const s = scene()
    const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
    const calls = [ada, ben].map((who) => attempt(s.gate.as({ onBehalfOf: who }, () => tool(who.subject))))
    const [forAda, forBen] = await s.pending()
    expect(await s.approve(forAda?.id ?? '', ada)).toMatchObject({ reason: 'own-request' })
    expect(await s.approve(forBen?.id ?? '', ben)).toMatchObject({ reason: 'own-request' })
    expect(s.runs).toEqual([])
    await s.approve(forAda?.id ?? '', ben)
    await s.approve(forBen?.id ?? '', ada)
    expect(calls.map(({ state }) => state)).toEqual(['resolved', 'resolved'])
    expect(s.runs).toHaveLength(2)
  })

  test('T02: when it cannot be told whom the agent acts for, nobody is asked', async () => {
    for (const onBehalfOf of [
      () => undefined,
      () => Promise.reject(new Error('no session')),
      () => new Promise(() => {}),
    ]) {
      const s = scene({ onBehalfOf: onBehalfOf as never, timeouts: { lookup: '1s' } })
      const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
      await s.clock.advance('2s')
      expect(call.state).toBe('rejected')
      expect(await s.pending()).toEqual([])
      expect(s.runs).toEqual([])
    }
  })

  test('T03: a name in the body of a vote is no identity, and the body is refused whole', async () => {
    const pending = await pendingCall()
    const { s, id, request } = pending
    const input = {
      requestId: id,
      decision: 'approve',
      digest: request.reviewDigest,
      actor: member('mallory', []),
      by: ada,
      user: 'ada',
    }
    const vote = attempt(s.gate.vote(input as never))
    await vote.ended
    expect(vote.code).toBe('ERR_VOTE_MALFORMED')
    await expectUntouched(pending)
  })

  test('T04: an outsider learns nothing of a request by its id: not that it is there, nor how it ended', async () => {
    const pending = await pendingCall()
    const { s, id } = pending
    const outsider = member('mallory', ['interns'])
    const found = await s.approve(id, outsider)
    const unknown = await s.approve('01ARZ3NDEKTSV4RRFFQ69G5FAV', outsider)
    expect(found).toEqual(unknown)
    await expectUntouched(pending)
    await s.approve(id, ada)
    expect(await s.approve(id, outsider)).toEqual(unknown)
    expect(await s.reject(id, outsider)).toEqual(unknown)
    expect(s.runs).toHaveLength(1)
    expect(await s.events('vote.refused')).toHaveLength(4)
  })

  test('T05: one person in three groups fills no quorum alone', async () => {
    const everywhere = member('ada', ['ops', 'security', 'admins'])
    const pending = await pendingCall({ reviewers: group('ops', { atLeast: 2 }) })
    const { s, id } = pending
    expect((await s.approve(id, everywhere)).status).toBe('counted')
    expect((await s.approve(id, everywhere)).status).toBe('already-counted')
    expect((await s.approve(id, { ...everywhere, groups: ['security'], name: 'Ada L.' })).status).toBe(
      'already-counted',
    )
    expect(s.runs).toEqual([])
    await s.approve(id, ben)
    expect(s.runs).toHaveLength(1)
    expect(await s.events('request.vote-cast')).toHaveLength(2)
  })

  test('T05: one person with two accounts fills no quorum alone', async () => {
    const slack = { issuer: 'slack:T1', subject: 'U1' }
    const directory = staticDirectory({
      people: [
        { issuer: ISSUER, subject: 'ada', name: 'Ada', groups: ['ops', 'security'], identities: [slack] },
        { issuer: ISSUER, subject: 'ben', name: 'Ben', groups: ['ops'] },
      ],
    })
    const { s, id } = await pendingCall({ directory, reviewers: group('ops', { atLeast: 2 }) })
    await s.approve(id, ada)
    expect((await s.approve(id, person(slack.issuer, slack.subject))).status).toBe('already-counted')
    expect(s.runs).toEqual([])
    await s.approve(id, ben)
    expect(s.runs).toHaveLength(1)
  })

  test('T21: an equal e-mail address links nobody', async () => {
    const directory = staticDirectory({
      people: [{ issuer: ISSUER, subject: 'ada', name: 'Ada', groups: ['ops'] }],
    })
    const pending = await pendingCall({ directory })
    const foreign = person('https://other-tenant.test', 'ada', { email: 'ada@example.com', groups: ['ops'] })
    expect(await pending.s.approve(pending.id, foreign)).toMatchObject({
      status: 'refused',
      reason: 'not-found',
    })
    await expectUntouched(pending)
  })

  test('T22: a chat session approves nothing that asks for a fresh sign-in', async () => {
    const requirement = { reviewers: group('ops'), assurance: { sso: true, maxAge: '15m' as const } }
    const pending = await pendingCall({ requirement, link: (id) => `https://inbox.test/${id}` })
    const { s, id, call } = pending
    const now = s.clock.now()
    const weak = [
      { method: 'chat', authTime: now },
      { method: 'sso' },
      { method: 'sso', authTime: now - 16 * 60_000 },
      { method: 'sso', authTime: now + 61_000 },
      { method: 'local', authTime: now },
    ] as const
    for (const assurance of weak) {
      const receipt = await s.approve(id, { ...ada, assurance })
      expect(receipt).toMatchObject({
        status: 'refused',
        reason: 'assurance',
        link: `https://inbox.test/${id}`,
      })
    }
    await expectUntouched(pending)
    await s.approve(id, { ...ada, assurance: { method: 'sso', authTime: now - 60_000 } })
    await call.ended
    expect(s.runs).toHaveLength(1)
  })

  test('T22: a sign-in at a provider whose clock is a little ahead counts, and not for long', async () => {
    const requirement = { reviewers: group('ops'), assurance: { sso: true, maxAge: '15m' as const } }
    for (const [later, status] of [
      [0, 'counted'],
      [15, 'counted'],
      [17, 'refused'],
    ] as const) {
      const { s, id } = await pendingCall({ requirement })
      const assurance = { method: 'sso', authTime: s.clock.now() + 45_000 } as const
      await s.clock.advance(later * 60_000)
      expect(await s.approve(id, { ...ada, assurance })).toMatchObject({ status })
    }
  })

  test('T37: every vote names a person, not a token', async () => {
    const { s, id } = await pendingCall()
    await s.approve(id, { ...ada, assurance: { method: 'sso', authTime: 5, acr: 'mfa' } })
    const [vote] = await s.events('request.vote-cast')
    expect(vote?.data).toMatchObject({
      actor: {
        issuer: ISSUER,
        subject: 'ada',
        name: 'ada',
        type: 'human',
        assurance: { method: 'sso', authTime: 5, acr: 'mfa' },
      },
      person: { issuer: ISSUER, subject: 'ada' },
    })
  })
})
