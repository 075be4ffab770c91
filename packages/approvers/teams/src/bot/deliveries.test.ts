import { describe, expect, test } from 'vitest'
import { bench } from '../../test/bench'
import { textOf } from '../../test/card-schema'
import { ADA, CHANNEL, somebody, TENANT } from '../../test/fake-teams'

const CHAT = '19:chat00000000@thread.v2'
const BEN = somebody(2)
const who = (person: { aadObjectId: string }) => ({ issuer: `teams:${TENANT}`, subject: person.aadObjectId })

describe('routing', () => {
  test('each group goes where its route says, and others to the default', async () => {
    const users = [ADA.aadObjectId, BEN.aadObjectId]
    const { ask, teams } = await bench({ routes: { chat: CHAT, people: { users } } })
    teams.state.people = [ADA, BEN]
    expect((await ask({ requestId: 'r1' }, 'anything')).delivery.reached).toBe('everyone')
    expect((await ask({ requestId: 'r2' }, 'chat')).delivery.reached).toBe('everyone')
    expect((await ask({ requestId: 'r3' }, 'people')).delivery.reached).toEqual([who(ADA), who(BEN)])
    const places = teams.messages.map(({ conversation }) => conversation.split(';')[0])
    expect(places).toEqual([CHANNEL, CHAT, `a:chat-with-${users[0]}`, `a:chat-with-${users[1]}`])
  })

  test('a person of the tenant is asked themselves; others without a route keep anybody from being asked', async () => {
    const { approver, host, teams } = await bench({ conversation: undefined } as never)
    const deliver = (issuer: string, subject: string) => {
      const stages = [
        { requirement: 'r', stage: 's', atLeast: 1, reviewers: { type: 'person' as const, issuer, subject } },
      ]
      return approver.deliver(
        host.ask({ requestId: 'r1' }),
        { stages, purpose: 'ask' },
        subject,
        new AbortController().signal,
      )
    }
    expect((await deliver(`teams:${TENANT}`, ADA.aadObjectId)).reached).toEqual([who(ADA)])
    await expect(deliver('https://idp.test', 'ada')).rejects.toThrow(
      /no route for ada at https:\/\/idp\.test/,
    )
    expect(teams.messages).toHaveLength(1)
  })

  test('whom the app is not installed for is not said to be reached; with nobody left it fails', async () => {
    const users = [ADA.aadObjectId, BEN.aadObjectId]
    const { ask, teams } = await bench({ routes: { people: { users } } })
    expect((await ask({ requestId: 'r1' }, 'people')).delivery.reached).toEqual([who(ADA)])
    teams.state.people = []
    await expect(ask({ requestId: 'r2' }, 'people')).rejects.toThrow(/not installed/)
  })

  test('more people than a reference has room for are told to be too many, before anybody is asked', async () => {
    const groups = ['a', 'b'].map((group, at) => [
      group,
      { users: Array.from({ length: 6 }, (_, n) => somebody(at * 6 + n).aadObjectId) },
    ])
    const { approver, host, teams } = await bench({ routes: Object.fromEntries(groups) })
    const stages = ['a', 'b'].map((name) => ({
      requirement: 'r',
      stage: name,
      atLeast: 1,
      reviewers: { type: 'group' as const, name },
    }))
    const delivering = approver.deliver(
      host.ask({ requestId: 'r1' }),
      { stages, purpose: 'ask' },
      'd',
      new AbortController().signal,
    )
    await expect(delivering).rejects.toThrow(/12 people.*Use a channel/)
    expect(teams.messages).toEqual([])
  })

  test('ten people fit into the reference', async () => {
    const people = Array.from({ length: 10 }, (_, n) => somebody(n + 1))
    const { ask, teams, approver, host } = await bench({
      routes: { people: { users: people.map((one) => one.aadObjectId) } },
    })
    teams.state.people = people
    const { delivery, sent } = await ask({ requestId: 'r1' }, 'people')
    expect(delivery.reference?.length).toBeLessThanOrEqual(2_000)
    host.move('r1', { status: 'expired' })
    await approver.update?.(host.review('r1'), sent)
    expect(teams.messages.map(({ updates }) => updates)).toEqual(people.map(() => 1))
  })
})

describe('a card in a conversation', () => {
  test('refreshes by itself for members of the tenant, and nobody else; sixty at most', async () => {
    const { ask, teams } = await bench()
    const strangers = [
      somebody(90, { userRole: 'guest' }),
      somebody(91, { tenantId: 'x' }),
      somebody(92, { aadObjectId: '' }),
    ]
    teams.state.people = [...strangers, ...Array.from({ length: 80 }, (_, n) => somebody(n + 1))]
    await ask({ requestId: 'r1' })
    const [message] = teams.messages
    const { refresh } = (message?.card ?? {}) as { refresh: { userIds: string[] } }
    expect(refresh.userIds).toHaveLength(60)
    for (const { id } of strangers) expect(refresh.userIds).not.toContain(id)
  })

  test('has nobody’s buttons: others than those get theirs by "Decide…"', async () => {
    const { ask, teams, client, host } = await bench()
    teams.state.people = []
    await ask({ requestId: 'r1' })
    teams.state.people = [BEN]
    const ben = client(BEN)
    expect(await ben.press('r1', 'approve')).toBeNull()
    expect((await ben.press('r1', 'view'))?.status).toBe(200)
    expect((await ben.press('r1', 'approve'))?.status).toBe(200)
    expect(host.counted.map(({ actor }) => actor.subject)).toEqual([BEN.aadObjectId])
  })

  test('I4: whoever answers for the agent sees no buttons, in a channel and alone', async () => {
    const { ask, client, host, teams } = await bench({ routes: { ada: { users: [ADA.aadObjectId] } } })
    host.setOwner('r1', who(ADA))
    await ask({ requestId: 'r1' })
    await ask({ requestId: 'r1' }, 'ada')
    const ada = client()
    for (const does of ['approve', 'reject'] as const) expect(await ada.press('r1', does)).toBeNull()
    expect((await ada.cards()).map(textOf).join()).toContain('somebody else decides')
    expect(teams.messages).toHaveLength(2)
  })

  test('is sent though the members cannot be read', async () => {
    const { ask, teams, client } = await bench()
    teams.state.fault = ({ path }) => (path.includes('pagedmembers') ? { status: 500 } : undefined)
    await ask({ requestId: 'r1' })
    expect(await client().press('r1', 'view')).not.toBeNull()
  })
})

describe('the service’s patience', () => {
  test('a 429 is waited for as long as it says, and leaves one message', async () => {
    const { ask, teams, clock } = await bench()
    let refusals = 1
    teams.state.fault = ({ method }) =>
      method === 'POST' && refusals-- > 0 ? { status: 429, headers: { 'retry-after': '20' } } : undefined
    const asking = ask({ requestId: 'r1' })
    await expect.poll(() => clock.pendingTimers).toBe(1)
    await clock.advance('19s')
    expect(teams.messages).toHaveLength(0)
    await clock.advance('1s')
    await asking
    expect(teams.messages).toHaveLength(1)
  })

  test('one that asks for too long is told, and an aborted wait ends at once', async () => {
    const { ask, teams, clock, approver, host } = await bench()
    teams.state.fault = ({ method }) =>
      method === 'POST' ? { status: 429, headers: { 'retry-after': '31' } } : undefined
    await expect(ask({ requestId: 'r1' })).rejects.toThrow(/429/)
    teams.state.fault = ({ method }) =>
      method === 'POST' ? { status: 429, headers: { 'retry-after': '30' } } : undefined
    const deadline = new AbortController()
    const delivering = approver.deliver(
      host.ask({ requestId: 'r2' }),
      { stages: [], purpose: 'ask' },
      'd',
      deadline.signal,
    )
    delivering.catch(() => {})
    await expect.poll(() => clock.pendingTimers).toBe(1)
    deadline.abort(new Error('the deadline'))
    await expect(delivering).rejects.toThrow('the deadline')
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('T51: a send whose answer was lost', () => {
  test('leaves a second message, which is removed as soon as somebody looks at it; no vote is lost', async () => {
    const { ask, teams, client, host } = await bench()
    let losses = 1
    teams.state.fault = ({ method }) =>
      method === 'POST' && losses-- > 0 ? { status: 0, lost: true } : undefined
    await expect(ask({ requestId: 'r1' }, 'ops', 'd1')).rejects.toMatchObject({ code: 'ERR_OUTBOUND_FAILED' })
    await ask({ requestId: 'r1' }, 'ops', 'd1')
    expect(teams.messages).toHaveLength(2)
    const [first, second] = teams.messages
    if (first === undefined) throw new Error('there is no message')
    const ada = client()
    await ada.seen(first)
    expect(teams.messages).toEqual([second])
    await ada.press('r1', 'approve')
    expect([host.counted.length, teams.messages.length]).toEqual([1, 1])
  })

  test('and of several places only those are sent to again that have no message', async () => {
    const users = [ADA.aadObjectId, BEN.aadObjectId]
    const { ask, teams } = await bench({ routes: { people: { users } } })
    teams.state.people = [ADA, BEN]
    teams.state.fault = ({ path, method }) =>
      method === 'POST' && path.includes(`${BEN.aadObjectId}/activities`) ? { status: 502 } : undefined
    await expect(ask({ requestId: 'r1' }, 'people', 'd1')).rejects.toThrow(/502/)
    teams.state.fault = () => undefined
    expect((await ask({ requestId: 'r1' }, 'people', 'd1')).delivery.reached).toEqual([who(ADA), who(BEN)])
    expect(teams.messages).toHaveLength(2)
  })
})

describe('T34: an update', () => {
  test('edits the message where it stands, for every state, and keeps who decided', async () => {
    const { ask, teams, client, host } = await bench()
    const { update } = await ask({ requestId: 'r1' })
    await client().press('r1', 'approve')
    for (const status of ['approved', 'executing', 'succeeded', 'failed', 'unknown'] as const) {
      host.move('r1', { status })
      await update()
      expect(textOf(teams.messages[0]?.card)).toContain('Votes: Ada (approved)')
      expect(JSON.stringify(teams.messages[0]?.card)).not.toMatch(/Action\.(Execute|Submit)|refresh/)
    }
    expect(teams.messages.map(({ updates }) => updates)).toEqual([5])
  })

  test.each([
    ['ConversationNotFound', 404],
    ['BotNotInConversationRoster', 403],
  ])('of a message that is no more (%s) says so', async (code, status) => {
    const { ask, teams } = await bench()
    const { update } = await ask({ requestId: 'r1' })
    teams.state.fault = ({ method }) => (method === 'PUT' ? { status, code } : undefined)
    await expect(update()).rejects.toMatchObject({ code: 'ERR_MESSAGE_GONE' })
  })

  test('that fails otherwise comes again; a reference that is none of ours is gone', async () => {
    const { ask, teams, approver, host } = await bench()
    const { update } = await ask({ requestId: 'r1' })
    for (const fault of [{ status: 500 }, { status: 403, code: 'Forbidden' }]) {
      teams.state.fault = ({ method }) => (method === 'PUT' ? fault : undefined)
      await expect(update()).rejects.toMatchObject({ code: 'ERR_TEAMS_FAILED' })
    }
    for (const reference of [null, '{', '[1]', '[]'])
      await expect(approver.update?.(host.review('r1'), { id: 'x', reference })).rejects.toMatchObject({
        code: 'ERR_MESSAGE_GONE',
      })
  })

  test('of one place that is gone does not keep the others from being true', async () => {
    const { ask, teams, host } = await bench({
      routes: { people: { users: [ADA.aadObjectId, BEN.aadObjectId] } },
    })
    teams.state.people = [ADA, BEN]
    const { update } = await ask({ requestId: 'r1' }, 'people')
    teams.messages.shift()
    host.move('r1', { status: 'expired' })
    await update()
    expect(textOf(teams.messages[0]?.card)).toContain('Expired')
  })
})

test('T43: what people are not shown is in nothing that is sent', async () => {
  const { ask, teams, client } = await bench()
  await ask({ requestId: 'r1', args: { password: 'hunter2', user: 'ada' }, redacted: ['/password'] })
  await client().press('r1', 'reject', 'no')
  expect(JSON.stringify([teams.messages, await client().cards()])).not.toContain('hunter2')
  expect(textOf(teams.messages[0]?.card)).toContain('password  [redacted]'.replace('  ', '\u00A0 '))
})

test('T34: a message whose reference was not stored is found by its id, and one that was never sent is gone', async () => {
  const { ask, teams, approver, host } = await bench()
  const { sent } = await ask({ requestId: 'r1' })
  host.move('r1', { status: 'expired' })
  await approver.update?.(host.review('r1'), { ...sent, reference: null })
  expect(textOf(teams.messages[0]?.card)).toContain('Expired')
  const never = approver.update?.(host.review('r1'), { id: 'never', reference: null })
  await expect(never).rejects.toMatchObject({ code: 'ERR_MESSAGE_GONE' })
  expect(teams.messages).toHaveLength(1)
})
