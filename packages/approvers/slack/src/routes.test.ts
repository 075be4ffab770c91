import type { Recipients, ReviewerSelector } from '@gatewright/core'
import { afterEach, describe, expect, it } from 'vitest'
import { type App, startApp } from '../test/app'
import { displayed } from '../test/fake-slack/displayed'

let app: App
afterEach(() => app.end())

const { signal } = new AbortController()
const ops: ReviewerSelector = { type: 'group', name: 'ops' }
const security: ReviewerSelector = { type: 'group', name: 'security' }
const ada: ReviewerSelector = { type: 'person', issuer: 'slack:T0HOME', subject: 'U0ADA' }

function to(...reviewers: readonly ReviewerSelector[]): Recipients {
  return {
    purpose: 'ask',
    stages: reviewers.map((one, index) => ({
      requirement: 'x',
      stage: `${index}`,
      reviewers: one,
      atLeast: 1,
    })),
  }
}

async function deliver(recipients: Recipients, id = 'd1') {
  const review = app.host.ask({ requestId: 'r1' }, app.approver.limits)
  return app.approver.deliver(review, recipients, id, signal)
}

const shownIn = (channel: string): number => app.slack.messages(channel).length

describe('a request goes', () => {
  it('to the channels of its groups, each once, and calls whom the route names', async () => {
    app = await startApp({ routes: { ops: 'C0OPS', security: { channel: 'C0SEC', mention: ['S0OPS'] } } })
    const { reached, reference = '' } = await deliver(
      to(ops, security, { type: 'anyOf', of: [ops, security] }),
    )
    expect([shownIn('C0OPS'), shownIn('C0SEC')]).toEqual([1, 1])
    expect(reached).toBe('everyone')
    expect(JSON.parse(reference)).toHaveLength(2)
    expect(displayed(app.slack.messages('C0SEC')[0]?.blocks ?? [])).toMatch(/@S0OPS/)
  })

  it('to people of this workspace as a direct message, and reaches those alone', async () => {
    app = await startApp({ routes: { ops: { users: ['U0BEN', 'U0GONE'] } } })
    const { reached } = await deliver(to(ada, ops))
    expect([shownIn('D0ADA'), shownIn('D0BEN'), shownIn('C0OPS')]).toEqual([1, 1, 0])
    expect(reached).toEqual(
      [
        { issuer: 'slack:T0HOME', subject: 'U0BEN' },
        { issuer: 'slack:T0HOME', subject: 'U0ADA' },
      ].sort((one, other) => (one.subject < other.subject ? -1 : 1)),
    )
  })

  it('to the default channel for everybody else', async () => {
    app = await startApp({ routes: { ops: 'C0SEC' } })
    await deliver(to(security, { type: 'person', issuer: 'https://idp.test', subject: '00u1' }))
    expect([shownIn('C0OPS'), shownIn('C0SEC')]).toEqual([1, 0])
  })

  it('nowhere, and says so, when somebody has no place: a stage must not look asked', async () => {
    app = await startApp({ channel: undefined, routes: { ops: 'C0OPS' } } as never)
    await expect(deliver(to(ops, security))).rejects.toThrow(/no route for the group security/)
    expect(shownIn('C0OPS')).toBe(0)
  })

  it('again where a channel failed, without a second message where it did not', async () => {
    app = await startApp({ routes: { ops: 'C0OPS', security: 'C0SEC' } })
    const channel = app.slack.state.channels.get('C0SEC')
    channel?.members.delete('U0BOT')
    await expect(deliver(to(ops, security))).rejects.toThrow(/not_in_channel/)
    channel?.members.add('U0BOT')
    await deliver(to(ops, security))
    expect([shownIn('C0OPS'), shownIn('C0SEC')]).toEqual([1, 1])
  })

  it('T55: to no channel that is no more: the other channel alone is no delivery', async () => {
    app = await startApp({ routes: { ops: 'C0OPS', security: 'C0MISSING' } })
    await expect(deliver(to(ops, security))).rejects.toThrow(/channel_not_found/)
  })

  it('T55: to nobody when no person can be written to, and is then no delivery', async () => {
    app = await startApp({ routes: { ops: { users: ['U0GONE'] } } })
    await expect(deliver(to(ops))).rejects.toThrow(/user_disabled/)
  })

  it('and a press in a direct message is answered there', async () => {
    app = await startApp()
    await deliver(to(ada))
    const [message] = app.slack.messages('D0ADA')
    const button = message?.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []))[0]
    if (message === undefined || button === undefined) throw new Error('nothing to press')
    expect(await app.answered('U0ADA', () => app.slack.press('U0ADA', message, button))).toMatch(/counted/)
    expect(app.host.counted).toHaveLength(1)
  })
})
