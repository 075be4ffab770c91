import { createGate, group, memoryAudit, memoryStore } from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { fakeClock } from '@gatewright/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bench, optionsFor } from '../../test/bench'
import { textOf } from '../../test/card-schema'
import { principalOf, teamsClient } from '../../test/client'
import { ADA, CHANNEL, fakeTeams, somebody, TENANT } from '../../test/fake-teams'
import { teamsApprover } from '../index'

const identity = { issuer: `teams:${TENANT}`, subject: ADA.aadObjectId }

async function pressed(answer: Parameters<Awaited<ReturnType<typeof bench>>['host']['answerNext']>[0]) {
  const b = await bench()
  await b.ask({ requestId: 'r1' })
  const ada = b.client()
  b.host.answerNext(answer)
  await ada.press('r1', 'approve')
  return { ...b, ada, read: async () => (await ada.cards()).map(textOf).join('\n') }
}

describe('whoever pressed is told', () => {
  test('T22: that a fresh sign-in is asked for, and where', async () => {
    const { read } = await pressed({
      status: 'refused',
      reason: 'assurance',
      message: 'Sign in again.',
      link: 'https://gate.test/up/r1',
    })
    expect(await read()).toMatch(
      /Sign in again\.[\s\S]*\[Continue in the browser\] https:\/\/gate\.test\/up\/r1/,
    )
  })

  test('where to link their account, alone: nobody else’s card holds the invitation', async () => {
    const { read, teams, host } = await pressed({
      status: 'refused',
      reason: 'not-found',
      message: 'You cannot vote on it.',
    })
    const invitation = host.invite(identity, 'Ada') ?? ''
    expect(await read()).toContain(`[Link my account] ${invitation}`)
    expect(JSON.stringify(teams.messages)).not.toContain(invitation)
  })

  test.each([
    ['already-counted', 'Your vote was counted before.'],
    ['too-late', 'It is too late: it expired.'],
  ] as const)('that it is %s', async (status, message) => {
    const { read } = await pressed({ status, requestStatus: 'expired', message })
    expect(await read()).toContain(message)
  })

  test('T42: that a vote was not stored, and it is not cast again; then they can', async () => {
    const { read, ada, host } = await pressed(new Error('the store is away'))
    expect(await read()).toContain('nothing was decided. Try again')
    expect(await read()).not.toContain('✅')
    await ada.press('r1', 'approve')
    expect(host.counted).toHaveLength(1)
  })

  test('in time, though the store takes longer; and nothing is claimed', async () => {
    const { ask, client, host, clock } = await bench()
    await ask({ requestId: 'r1' })
    const ada = client()
    const { message, action } = (await ada.button('r1', 'gatewright.approve')) ?? {}
    if (message === undefined || action === undefined) throw new Error('there is no button')
    const real = host.vote
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    host.vote = async (vote) => {
      await held
      return real(vote)
    }
    const pressing = ada.execute(message, action, {})
    await expect.poll(() => clock.pendingTimers).toBe(1)
    await clock.advance('7s')
    expect((await pressing).status).toBe(200)
    expect(textOf(await ada.seen(message))).toMatch(/still being stored/)
    expect(textOf(await ada.seen(message))).not.toContain('✅')
    release()
    await clock.settle()
    expect(host.counted).toHaveLength(1)
  })
})

test('older clients submit: the vote counts, and what is said stands in the chat with that person alone', async () => {
  const { ask, client, host, teams } = await bench()
  await ask({ requestId: 'r1' })
  const ada = client()
  const { message, action } = (await ada.button('r1', 'gatewright.reject')) ?? {}
  if (message === undefined || action === undefined) throw new Error('there is no button')
  host.answerNext({ status: 'refused', reason: 'not-found', message: 'You cannot vote on it.' })
  for (const note of ['no', 'still no']) {
    const value = { ...action.data, note }
    expect((await ada.send({ ...ada.activityOf(message), type: 'message', value })).status).toBe(200)
  }
  expect(host.counted.map(({ decision, note }) => [decision, note])).toEqual([['reject', 'still no']])
  const told = teams.messages.filter(({ conversation }) => conversation.startsWith('a:chat-with-'))
  expect(told.map(({ card }) => textOf(card)).join()).toMatch(/gate\.test\/link[\s\S]*Your vote was counted/)
  expect(JSON.stringify(message.card)).not.toContain('/link/')
})

test('messages, installations and other events are taken and decide nothing; where the app was added is logged', async () => {
  const { ask, client, host, teams } = await bench()
  await ask({ requestId: 'r1' })
  const said: unknown[] = []
  host.logger.info = (...line) => void said.push(line)
  const ada = client()
  const here = ada.activityOf({ conversation: CHANNEL, id: '1' })
  for (const over of [
    { type: 'message', text: 'approve r1' },
    { type: 'message', value: { approve: 'r1' } },
    { type: 'installationUpdate', action: 'add' },
    { type: 'installationUpdate', action: 'remove' },
    { type: 'conversationUpdate', membersAdded: [{ id: '28:bot' }] },
    { type: 'conversationUpdate', membersAdded: [{ id: '29:x' }] },
    { type: 'typing' },
  ])
    expect((await ada.send({ ...here, ...over })).status).toBe(200)
  expect((await ada.send({ ...here, type: 'invoke', name: 'task/fetch' })).status).toBe(400)
  expect(host.votes).toEqual([])
  expect(said).toHaveLength(3)
  expect(JSON.stringify(said[0])).toContain(CHANNEL)
  expect(teams.messages).toHaveLength(1)
})

test('with a gate: an unlinked account is nobody, is invited, is linked, and then its approval runs the call', async () => {
  const clock = fakeClock()
  const teams = await fakeTeams(clock.now)
  const approver = teamsApprover(optionsFor(teams))
  const ops = { issuer: 'https://idp.test', subject: 'ada', name: 'Ada', groups: ['ops'] }
  const ran: number[] = []
  const gate = createGate({
    agent: { id: 'ops-bot', owner: null },
    reviewers: group('ops'),
    approvers: [approver],
    store: memoryStore({ clock }),
    audit: memoryAudit(),
    clock,
    secrets: ['s'.repeat(32)],
    link: (id) => `https://gate.test/requests/${id}`,
    linking: (token) => `https://gate.test/link/${token}`,
    directory: {
      resolve: async ({ issuer, subject }) => (issuer === ops.issuer && subject === ops.subject ? ops : null),
    },
  })
  onTestFinished(async () => {
    await gate.close()
    await teams.close()
  })
  const run = gate.requireApproval(async (rows: number) => void ran.push(rows), { action: 'data.export' })(10)
  await expect.poll(() => teams.messages.length).toBe(1)
  const ada = teamsClient(teams, approver, clock.now)
  const [message] = teams.messages
  if (message === undefined) throw new Error('there is no message')
  const [request] = (await gate.requests.list({})).requests
  const id = request?.id ?? ''
  await ada.press(id, 'approve')
  const [, link = ''] =
    /\[Link my account\] https:\/\/gate\.test\/link\/(\S+)/.exec(textOf(await ada.seen(message))) ?? []
  expect(ran).toEqual([])
  await reviewAccess(gate).identities.link(link, {
    ...ops,
    type: 'human',
    assurance: { method: 'sso' },
  })
  await ada.press(id, 'approve')
  await run
  expect(ran).toEqual([10])
  await expect.poll(() => textOf(message.card)).toMatch(/✅ Approved; it ran and succeeded/)
  expect(textOf(message.card)).toContain('(approved)')
  expect(principalOf(somebody(1)).subject).toBe(ADA.aadObjectId)
  expect(teams.breaches).toEqual([])
})
