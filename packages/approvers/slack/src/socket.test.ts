import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { fakeClock } from '@gatewright/testing'
import { SocketModeClient } from '@slack/socket-mode'
import { afterEach, describe, expect, it } from 'vitest'
import { type App, startApp } from '../test/app'
import { buttonOf, fakeSlack } from '../test/fake-slack'

let app: App
afterEach(() => app.end())

async function connected(): Promise<void> {
  const clock = fakeClock()
  const slack = await fakeSlack({ now: () => clock.now() })
  const { token, appToken, api } = slack
  const approver = { token, appToken, channel: 'C0OPS', slackApiUrl: api.url }
  app = await startApp({}, { slack, clock, options: approver })
  slack.receiver = async (payload) => {
    const answer = await slack.sockets.send(payload)
    return Object.keys(answer).length === 0 ? null : answer
  }
}

describe('by Socket Mode', () => {
  it('votes arrive without a public address, acknowledged before the store answers', async () => {
    await connected()
    expect(app.approver.handle).toBeUndefined()
    await app.ask('r1')
    expect(await app.press('U0ADA', 'r1', 'gatewright_approve')).toMatch(/counted/)
    expect(app.host.counted).toMatchObject([{ decision: 'approve', actor: { subject: 'U0ADA' } }])
    await app.ask('r2')
    const view = await app.open('U0ADA', 'r2', 'gatewright_reject')
    await app.answered('U0ADA', () => app.slack.submit('U0ADA', view, 'not now'))
    expect(app.host.counted.at(-1)).toMatchObject({ decision: 'reject', note: 'not now' })
  })

  it('it comes again when Slack asks it to, and goes on', async () => {
    await connected()
    await app.ask('r1')
    const { greeted } = app.slack.sockets
    app.slack.sockets.refresh()
    await app.slack.sockets.greetedAfter(greeted)
    expect(await app.press('U0ADA', 'r1', 'gatewright_approve')).toMatch(/counted/)
  })

  it('an event that is sent again counts once', async () => {
    await connected()
    const message = await app.ask('r1')
    const button = buttonOf(message.blocks, 'gatewright_approve')
    if (button === undefined) throw new Error('no button')
    await app.answered('U0ADA', () => app.slack.press('U0ADA', message, button))
    await app.answered('U0ADA', () => app.slack.press('U0ADA', message, button))
    expect(app.host.counted).toHaveLength(1)
  })

  it('what is malformed is acknowledged, so that it does not come again, and does nothing', async () => {
    await connected()
    expect(await app.slack.sockets.send({ type: 'block_actions', user: 'U0ADA' })).toEqual({})
    expect(app.host.votes).toEqual([])
  })

  it('a token that Slack does not take keeps the gate from starting', async () => {
    await connected()
    const { slack, clock } = app
    const wrong = { appToken: 'xapp-000000000000-wrong-token' }
    await expect(startApp(wrong, { slack, clock })).rejects.toThrow(
      /does not take the app-level token .*: invalid_auth\. .* nobody is asked/,
    )
    const wrongBot = { token: 'xoxb-000000000000-wrong-token' }
    await expect(startApp(wrongBot, { slack, clock })).rejects.toThrow(
      /does not take the bot token .*: invalid_auth\. .* nobody is asked/,
    )
  })

  it('a Slack that is out of reach keeps the gate from starting, and is said to be that', async () => {
    await connected()
    const { slack, clock } = app
    // A port at which nobody listens, nor can: a connection has it for its own end.
    const listener = createServer().listen(0, '127.0.0.1')
    await once(listener, 'listening')
    const connection = connect((listener.address() as AddressInfo).port, '127.0.0.1')
    await once(connection, 'connect')
    const nowhere = { slackApiUrl: `http://127.0.0.1:${connection.localPort}/` }
    await expect(startApp(nowhere, { slack, clock })).rejects.toThrow(
      /could not be reached, .* nobody is asked: ECONNREFUSED/,
    )
    connection.destroy()
    listener.close()
  })

  it('a connection that cannot be made again is tried again and again, and the program lives on', async () => {
    await connected()
    await app.ask('r1')
    const { api, sockets, state, until } = app.slack
    const { greeted } = sockets
    const opened = () => state.calls.filter((one) => one === 'apps.connections.open').length
    api.trouble(
      'apps.connections.open',
      { error: 'invalid_auth' },
      'lose',
      { status: 503 },
      { retryAfter: 1 },
    )
    sockets.refresh()
    for (const [tries, ms] of [
      [2, 0],
      [3, 1_000],
      [4, 2_000],
      [5, 4_000],
    ] as const) {
      await app.clock.advance(ms)
      await until(`try ${tries}`, () => opened() === tries && (ms === 4_000 || app.clock.pendingTimers > 0))
    }
    await until('it waits', () => app.clock.pendingTimers > 0)
    await app.clock.advance(8_000)
    await sockets.greetedAfter(greeted)
    expect(await app.press('U0ADA', 'r1', 'gatewright_approve')).toMatch(/counted/)
  })

  it('stopping while it tries to connect ends the trying', async () => {
    await connected()
    const { api, sockets, until } = app.slack
    api.trouble('apps.connections.open', { error: 'invalid_auth' })
    sockets.refresh()
    await until('it waits', () => app.clock.pendingTimers > 0)
    await app.approver.stop?.()
    expect(app.clock.pendingTimers).toBe(0)
  })

  it('a client of the program itself is used as it is', async () => {
    const slack = await fakeSlack()
    const { appToken, api, token } = slack
    const socketModeClient = new SocketModeClient({
      appToken,
      autoReconnectEnabled: false,
      clientOptions: { slackApiUrl: api.url },
    })
    const options = { token, socketModeClient, channel: 'C0OPS', slackApiUrl: api.url }
    app = await startApp({}, { slack, options })
    expect(slack.sockets.greeted).toBe(1)
  })
})
