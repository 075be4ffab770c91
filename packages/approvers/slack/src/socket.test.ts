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
  const socketModeClient = new SocketModeClient({
    appToken: slack.appToken,
    clientOptions: { slackApiUrl: slack.api.url },
    // How long it waits before it comes again.
    clientPingTimeout: 200,
    logger: {
      debug() {},
      info() {},
      warn() {},
      error() {},
      setLevel() {},
      getLevel: () => 'error' as never,
      setName() {},
    },
  })
  app = await startApp({ signingSecret: undefined, socketModeClient } as never, { slack, clock })
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
    await expect(
      startApp({ appToken: 'xapp-000000000000-wrong-token' }, { slack: app.slack, clock: app.clock }),
    ).rejects.toThrow(/invalid_auth/)
    await expect(startApp({ token: 'xoxb-000000000000-wrong-token' }, { slack: app.slack })).rejects.toThrow(
      /invalid_auth/,
    )
  })

  it('the client that the approver makes of a token connects and ends', async () => {
    const slack = await fakeSlack()
    app = await startApp({ appToken: slack.appToken }, { slack })
    expect(slack.sockets.greeted).toBe(1)
  })
})
