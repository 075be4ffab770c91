import type { ApproverFinding } from '@gatewright/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { optionsFor } from '../../test/bench'
import { APP, CHANNEL, type FakeTeams, fakeTeams } from '../../test/fake-teams'
import type { TeamsApproverOptions } from './options'
import { teamsApprover } from './teams-approver'

const CHAT = '19:chat00000000@thread.v2'

async function tenant(): Promise<FakeTeams> {
  const teams = await fakeTeams()
  onTestFinished(async () => {
    await teams.close()
    expect(teams.breaches).toEqual([])
  })
  return teams
}

async function checked(
  teams: FakeTeams,
  more: Partial<TeamsApproverOptions> = {},
): Promise<readonly ApproverFinding[]> {
  const { check } = teamsApprover(optionsFor(teams, more))
  return (await check?.(new AbortController().signal)) ?? []
}

const told = ({ status, message, fix }: ApproverFinding): string => `${status}: ${message} → ${fix}`

test('of a bot that is set up all is well, and nothing is sent', async () => {
  const teams = await tenant()
  const routes = { ops: CHANNEL, chat: CHAT, people: { users: ['33333333-3333-4333-8333-000000000001'] } }
  const found = await checked(teams, { routes })
  expect(found.map(({ status, message }) => `${status}: ${message}`)).toEqual([
    `ok: the bot ${APP} signs in at Entra`,
    `ok: the bot is in the conversation ${CHANNEL}`,
    `ok: the bot is in the conversation ${CHAT}`,
  ])
  expect(teams.messages).toEqual([])
  expect(teams.calls.filter((call) => !call.startsWith('GET '))).toEqual([
    expect.stringMatching(/^POST .*oauth2\/v2\.0\/token$/),
  ])
})

describe('it is told, with the way to mend it, that', () => {
  test('Entra refuses the credential, which stands in no line', async () => {
    const teams = await tenant()
    const password = 'another-password-of-the-bot-0123456789'
    const found = (await checked(teams, { password })).map(told)
    expect(found).toEqual([
      'problem: the bot could not sign in at Entra (401, invalid_client, AADSTS7000215) → correct appId, tenantId or the credential: a client secret of Entra ends after a time',
    ])
    expect(found.join()).not.toContain(password)
  })

  test('Entra does not answer as it should, or not at all', async () => {
    const teams = await tenant()
    teams.state.fault = () => ({ status: 503 })
    expect((await checked(teams)).map(told)).toEqual([
      'problem: the bot could not sign in at Entra (503, no code) → let this machine reach login.microsoftonline.com by HTTPS, and look again',
    ])
    teams.state.fault = () => ({ status: 200, lost: true })
    expect((await checked(teams)).map(told)).toEqual([
      expect.stringMatching(/^problem: the bot could not sign in at Entra: .+ → let this machine reach/),
    ])
  })

  test.each([
    [
      404,
      'ConversationNotFound',
      /^problem: the bot is not in .*: 404, ConversationNotFound → install the app/,
    ],
    [403, 'BotNotInConversationRoster', /^problem: the bot is not in .*: 403, BotNotIn.* → install the app/],
    [403, undefined, /^problem: the bot is not in .*: 403 → install the app/],
    [502, undefined, /^warning: Teams did not say whether the bot is in .*: 502 → look again in a minute$/],
  ])('Teams answers %s %s of a conversation', async (status, code, line) => {
    const teams = await tenant()
    teams.state.fault = ({ path }) =>
      path.includes('pagedmembers') ? { status, ...(code === undefined ? {} : { code }) } : undefined
    expect((await checked(teams)).map(told)).toEqual([
      expect.stringMatching(/^ok: the bot .* signs in/),
      expect.stringMatching(line),
    ])
  })
})

test('a check that is given up ends', async () => {
  const teams = await tenant()
  teams.state.stall = true
  const given = new AbortController()
  const ends = teamsApprover(optionsFor(teams)).check?.(given.signal)
  given.abort(new Error('given up'))
  await expect(ends).rejects.toThrow('given up')
})
