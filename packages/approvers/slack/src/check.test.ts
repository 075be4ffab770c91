import type { ApproverFinding } from '@gatewright/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { optionsFor } from '../test/app'
import { type FakeSlack, fakeSlack } from '../test/fake-slack'
import { type SlackApproverOptions, slackApprover } from '.'

async function workspace(): Promise<FakeSlack> {
  const slack = await fakeSlack()
  onTestFinished(() => slack.close())
  return slack
}

async function checked(
  slack: FakeSlack,
  more: Partial<SlackApproverOptions> = {},
): Promise<readonly ApproverFinding[]> {
  const { check } = slackApprover(optionsFor(slack, more))
  return (await check?.(new AbortController().signal)) ?? []
}

const wrong = async (...told: Parameters<typeof checked>): Promise<readonly string[]> =>
  (await checked(...told))
    .filter(({ status }) => status !== 'ok')
    .map(({ status, message, fix }) => `${status}: ${message} → ${fix}`)

test('of an app that is set up all is well, and nothing is sent, opened or read', async () => {
  const slack = await workspace()
  const found = await checked(slack, {
    appToken: slack.appToken,
    routes: { ops: 'C0OPS', security: { channel: 'C0SEC', mention: ['S0OPS'], users: ['U0ADA'] } },
    groups: { ops: 'S0OPS', few: ['U0BEN'] },
  })
  expect(found.map(({ status, message }) => `${status}: ${message}`)).toEqual([
    'ok: Slack takes the bot token, as @gatewright of Home (T0HOME)',
    'ok: the app has the permissions that it needs',
    'ok: Slack takes the app-level token, for Socket Mode',
    'ok: @gatewright is in the channel C0OPS',
    'ok: @gatewright is in the channel C0SEC',
    'ok: the user group S0OPS has 2 members',
  ])
  expect([...slack.state.calls].sort()).toEqual([
    'apps.connections.open',
    'auth.test',
    'conversations.history',
    'conversations.history',
    'usergroups.users.list',
    'users.info',
  ])
})

test('a history is asked for so that it holds no message', async () => {
  const slack = await workspace()
  const asked: unknown[] = []
  const real = slackApprover(optionsFor(slack))
  slack.api.server.on('request', (request) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      if (request.url === '/api/conversations.history')
        asked.push(Object.fromEntries(new URLSearchParams(Buffer.concat(pieces).toString())))
    })
  })
  await real.check?.(new AbortController().signal)
  expect(asked).toEqual([{ channel: 'C0OPS', oldest: '9999999999', limit: '1' }])
})

describe('it is told, with the way to mend it, that', () => {
  test('Slack takes no token, which stands in no line', async () => {
    const slack = await workspace()
    const token = 'xoxb-000000000000-another-token'
    const found = await wrong(slack, { token })
    expect(found).toEqual([
      'problem: Slack does not take the bot token (xoxb-…): invalid_auth → copy it anew from "OAuth & Permissions" of the app (https://api.slack.com/apps)',
    ])
    expect(found.join()).not.toContain(token)
    const appToken = 'xapp-000000000000-another-token'
    expect(await wrong(slack, { appToken })).toEqual([
      'problem: Slack does not take the app-level token (xapp-…): invalid_auth → copy it anew from "Basic Information" of the app (https://api.slack.com/apps)',
    ])
  })

  test('the app lacks a permission, or one that only user groups need', async () => {
    const slack = await workspace()
    slack.state.scopes = slack.state.scopes.filter((scope) => scope !== 'chat:write')
    expect(await wrong(slack)).toEqual([
      expect.stringMatching(/^problem: the app lacks permissions: chat:write →/),
    ])
    slack.state.scopes = slack.state.scopes.filter((scope) => scope !== 'usergroups:read')
    expect(await wrong(slack)).toEqual([expect.stringMatching(/permissions: chat:write →/)])
  })

  test('the app is not in a channel, or there is none', async () => {
    const slack = await workspace()
    slack.state.channels.get('C0SEC')?.members.delete('U0BOT')
    expect(await wrong(slack, { routes: { security: 'C0SEC', others: 'C0NONE' } })).toEqual([
      'problem: @gatewright is not in the channel C0SEC → there: /invite @gatewright',
      expect.stringMatching(
        /^problem: there is no channel C0NONE that @gatewright may see → correct its id; /,
      ),
    ])
  })

  test('somebody or a user group is no more, or empty', async () => {
    const slack = await workspace()
    slack.state.usergroups.set('S0NONE', [])
    const routes = { ops: { users: ['U0ADA', 'U0GONE', 'U0NOBODY'] } }
    const groups = { ops: 'S0OPS', empty: 'S0NONE', lost: 'S0LOST' }
    expect(await wrong(slack, { routes, groups })).toEqual([
      'problem: the person U0GONE is not in this workspace, or no more → take them out of "routes"',
      'problem: the person U0NOBODY is not in this workspace, or no more → take them out of "routes"',
      'problem: nobody is in the user group S0NONE → put people into it, or name another in "groups"',
      'problem: there is no user group S0LOST → correct its id in "groups"',
    ])
  })

  test('Slack asks to wait, or is broken', async () => {
    const slack = await workspace()
    slack.api.trouble('conversations.history', { retryAfter: 1 })
    expect(await wrong(slack)).toEqual([
      'warning: Slack did not say whether @gatewright is in C0OPS: ratelimited → look again in a minute',
    ])
    slack.api.trouble('auth.test', { status: 500 })
    expect(await wrong(slack)).toEqual([expect.stringMatching(/^problem: Slack could not be reached: /)])
  })

  test('nobody is there, and a check that is given up ends', async () => {
    const slack = await workspace()
    slack.api.trouble('auth.test', 'lose')
    expect(await wrong(slack)).toEqual([
      expect.stringMatching(
        /^problem: Slack could not be reached: .+ → let this machine reach slack\.com by HTTPS$/,
      ),
    ])
    slack.api.stall()
    const given = new AbortController()
    const ends = slackApprover(optionsFor(slack)).check?.(given.signal)
    given.abort(new Error('given up'))
    expect(await ends).toEqual([expect.objectContaining({ status: 'problem' })])
  })
})
