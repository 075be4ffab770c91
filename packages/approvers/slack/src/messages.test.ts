import { fakeClock } from '@gatewright/testing'
import { fakeHost } from '@gatewright/testing/conformance'
import { afterEach, describe, expect, it } from 'vitest'
import { type App, startApp } from '../test/app'
import { buttonOf, fakeSlack } from '../test/fake-slack'
import { displayed } from '../test/fake-slack/displayed'

let app: App
afterEach(() => app.end())

const { signal } = new AbortController()
const to = { stages: [], purpose: 'ask' } as const
const count = (method: string): number => app.slack.state.calls.filter((one) => one === method).length
const replies = () => app.slack.messages('C0OPS').filter(({ thread_ts }) => thread_ts !== null)
const roots = () => app.slack.messages('C0OPS').filter(({ thread_ts }) => thread_ts === null)

async function refresh(requestId: string, reference?: string): Promise<void> {
  const message = app.messageOf(requestId)
  const place = reference ?? JSON.stringify([['C0OPS', message?.ts]])
  await app.approver.update?.(app.host.review(requestId, app.approver.limits), { id: 'd', reference: place })
}

/** Another process with the same workspace and requests: nothing is known of what was sent. */
async function restart(): Promise<void> {
  await app.approver.stop?.()
  app = await startApp({}, { slack: app.slack, clock: app.clock, host: app.host })
}

describe('T51: a message whose sending was cut', () => {
  it('is found again when only the answer was lost, and sent again when it was not sent', async () => {
    app = await startApp()
    for (const trouble of ['lose', { status: 500 }] as const) {
      const review = app.host.ask({ requestId: `r-${JSON.stringify(trouble)}` }, app.approver.limits)
      app.slack.api.trouble('chat.postMessage', trouble)
      await expect(app.approver.deliver(review, to, 'same', signal)).rejects.toThrow()
      const { reference } = await app.approver.deliver(review, to, 'same', signal)
      expect(reference).toBe(JSON.stringify([['C0OPS', app.messageOf(review.requestId)?.ts]]))
    }
    expect(roots()).toHaveLength(2)
    expect(count('chat.postMessage')).toBe(3)
  })

  it('is one, however many ask for it at once', async () => {
    app = await startApp()
    const review = app.host.ask({ requestId: 'r1' }, app.approver.limits)
    const all = ['same', 'same', 'other'].map((id) => app.approver.deliver(review, to, id, signal))
    expect(new Set((await Promise.all(all)).map(({ reference }) => reference)).size).toBe(1)
    expect(roots()).toHaveLength(1)
  })

  it('is found again after a restart', async () => {
    app = await startApp()
    await app.ask('r1', {}, 'same')
    await restart()
    await app.ask('r1', {}, 'same')
    expect(app.slack.messages('C0OPS')).toHaveLength(1)
  })

  it('is found behind many others, and what another app claims is not believed', async () => {
    app = await startApp()
    const message = await app.ask('r1', {}, 'same')
    const { messages = [] } = app.slack.state.channels.get('C0OPS') ?? {}
    for (let index = 0; index < 450; index += 1)
      messages.push({
        ...message,
        ts: `${message.ts.slice(0, 11)}9${`${index}`.padStart(5, '0')}`,
        metadata: null,
      })
    const claimed = { ...message, bot_id: 'B0OTHER', ts: `${message.ts.slice(0, 11)}999999` }
    messages.push(claimed)
    await restart()
    const review = app.host.review('r1', app.approver.limits)
    const { reference } = await app.approver.deliver(review, to, 'same', signal)
    expect(reference).toBe(JSON.stringify([['C0OPS', message.ts]]))
    expect(count('conversations.history')).toBeGreaterThan(2)
  })

  it('that is given up at the deadline while Slack still takes it leaves one message', async () => {
    app = await startApp()
    const review = app.host.ask({ requestId: 'r1' }, app.approver.limits)
    let take = (): void => {}
    app.slack.api.trouble('chat.postMessage', { after: new Promise<void>((resolve) => (take = resolve)) })
    const deadline = new AbortController()
    const first = app.approver.deliver(review, to, 'same', deadline.signal)
    await app.slack.until('it is on its way', () => count('chat.postMessage') === 1)
    deadline.abort()
    await expect(first).rejects.toThrow()
    const second = app.approver.deliver(review, to, 'same', signal)
    await app.clock.settle()
    take()
    await second
    expect(count('chat.postMessage')).toBe(1)
    expect(roots()).toHaveLength(1)
  })

  it('is not sent when the channel cannot be read: two live messages would be worse', async () => {
    app = await startApp()
    const review = app.host.ask({ requestId: 'r1' }, app.approver.limits)
    app.slack.api.trouble('conversations.history', { error: 'missing_scope' })
    await expect(app.approver.deliver(review, to, 'same', signal)).rejects.toThrow(/missing_scope/)
    expect(app.slack.messages('C0OPS')).toEqual([])
  })
})

describe('when Slack asks to wait', () => {
  it('it is waited, and then sent once', async () => {
    app = await startApp()
    const review = app.host.ask({ requestId: 'r1' }, app.approver.limits)
    app.slack.api.trouble('chat.postMessage', { retryAfter: 30 })
    const sending = app.approver.deliver(review, to, 'd', signal)
    await app.slack.until('Slack asked to wait', () => app.clock.pendingTimers > 0)
    await app.clock.advance('29s')
    expect(count('chat.postMessage')).toBe(1)
    await app.clock.advance('1s')
    await sending
    expect(roots()).toHaveLength(1)
  })

  it('a delivery whose deadline passes meanwhile is given up and leaves no timer', async () => {
    app = await startApp()
    const review = app.host.ask({ requestId: 'r1' }, app.approver.limits)
    app.slack.api.trouble('chat.postMessage', { retryAfter: 30 })
    const deadline = new AbortController()
    const sending = app.approver.deliver(review, to, 'd', deadline.signal)
    await app.slack.until('Slack asked to wait', () => app.clock.pendingTimers > 0)
    deadline.abort()
    await expect(sending).rejects.toThrow()
    await app.approver.stop?.()
    expect(app.clock.pendingTimers).toBe(0)
  })

  it('a burst of requests goes out at one message a second, and none is lost', async () => {
    app = await startApp()
    const all = Array.from({ length: 15 }, (_, index) => app.ask(`r${index}`))
    await app.slack.until('the burst is out', () => roots().length === 10)
    for (let second = 1; second <= 5; second += 1) {
      await app.clock.advance('1s')
      await app.slack.until(`message ${10 + second} is out`, () => roots().length === 10 + second)
    }
    await Promise.all(all)
    expect(roots()).toHaveLength(15)
  })
})

describe('the thread', () => {
  it('tells votes, an edit and the end once each, while the message itself shows how it stands', async () => {
    app = await startApp()
    await app.ask('r1', { args: { table: 'old' } })
    app.host.move('r1', { args: { table: 'new' }, editedBy: 'Ben' })
    await refresh('r1')
    expect(displayed(roots()[0]?.blocks ?? [])).toMatch(/table {2}"new"[\s\S]*Edited by: Ben/)
    await app.press('U0ADA', 'r1', 'gatewright_approve')
    await refresh('r1')
    await refresh('r1')
    app.host.move('r1', { status: 'succeeded' })
    await refresh('r1')
    const told = replies().map(({ blocks }) => displayed(blocks))
    expect(told).toHaveLength(3)
    expect(told[0]).toMatch(/Edited: by Ben/)
    expect(told[1]).toMatch(/Approval: Ada[\s\S]*Approved by Ada/)
    expect(told[2]).toMatch(/ran and succeeded/)
    const root = displayed(roots()[0]?.blocks ?? [])
    expect(root).toMatch(/ran and succeeded/)
    expect(root).toMatch(/Votes: Ada \(approved\)/)
  })

  it('goes on after a restart where it was, without telling anything twice', async () => {
    app = await startApp()
    await app.ask('r1')
    await app.press('U0ADA', 'r1', 'gatewright_approve')
    await refresh('r1')
    await restart()
    await refresh('r1')
    expect(replies()).toHaveLength(1)
    app.host.move('r1', { status: 'executing' })
    await refresh('r1')
    expect(replies()).toHaveLength(2)
  })

  it('has the reminder, seen in the channel too, and no second message to decide on', async () => {
    app = await startApp({ routes: { ops: { channel: 'C0OPS', mention: ['S0OPS', 'U0BEN'] } } })
    await app.ask('r1')
    const stages = [
      { requirement: 'x', stage: 'review', reviewers: { type: 'group', name: 'ops' } as const, atLeast: 1 },
    ]
    const review = app.host.review('r1', app.approver.limits)
    const { reference } = await app.approver.deliver(review, { stages, purpose: 'remind' }, 'd2', signal)
    expect(reference).toBe(JSON.stringify([['C0OPS', roots()[0]?.ts]]))
    expect(replies()).toMatchObject([{ broadcast: true, thread_ts: roots()[0]?.ts }])
    expect(displayed(replies()[0]?.blocks ?? [])).toMatch(
      /@S0OPS @U0BEN Still waits|@S0OPS @U0BEN 🔔 Still waits/,
    )
    expect(
      app.slack.messages('C0OPS').filter(({ blocks }) => buttonOf(blocks, 'gatewright_approve')),
    ).toHaveLength(1)
  })

  it('that cannot be told leaves the message true, and is not told again', async () => {
    app = await startApp()
    await app.ask('r1')
    app.host.move('r1', { status: 'expired' })
    app.slack.api.trouble('chat.postMessage', { error: 'restricted_action' })
    await refresh('r1')
    expect(displayed(roots()[0]?.blocks ?? [])).toMatch(/Expired/)
    expect(replies()).toEqual([])
  })
})

describe('T34: a message that cannot be updated', () => {
  it.each([['message_not_found'], ['channel_not_found'], ['is_archived'], ['edit_window_closed']])(
    'because of %s is gone',
    async (error) => {
      app = await startApp()
      await app.ask('r1')
      app.host.move('r1', { status: 'expired' })
      app.slack.api.trouble('chat.update', { error })
      await expect(refresh('r1')).rejects.toMatchObject({ code: 'ERR_MESSAGE_GONE', requestId: 'r1' })
    },
  )

  it('for another reason is tried again', async () => {
    app = await startApp()
    await app.ask('r1')
    app.host.move('r1', { status: 'expired' })
    for (const trouble of [{ error: 'internal_error' }, 'lose', { status: 500 }] as const) {
      app.slack.api.trouble('chat.update', trouble)
      await expect(refresh('r1')).rejects.not.toMatchObject({ code: 'ERR_MESSAGE_GONE' })
    }
    await refresh('r1')
    expect(buttonOf(roots()[0]?.blocks ?? [], 'gatewright_')?.action_id).toBe('gatewright_link')
  })

  it('is gone only when none of its places stands any more', async () => {
    app = await startApp()
    const { ts } = await app.ask('r1')
    app.host.move('r1', { status: 'expired' })
    await refresh(
      'r1',
      JSON.stringify([
        ['C0OPS', ts],
        ['C0SEC', '1767225600.999999'],
      ]),
    )
    expect(displayed(roots()[0]?.blocks ?? [])).toMatch(/Expired/)
  })

  it('that somebody deleted is posted anew when the request is asked for again', async () => {
    app = await startApp()
    await app.ask('r1')
    app.slack.state.channels.get('C0OPS')?.messages.splice(0)
    await app.approver.deliver(
      app.host.review('r1', app.approver.limits),
      { ...to, purpose: 'remind' },
      'd2',
      signal,
    )
    expect(roots()).toHaveLength(1)
  })

  it('never shows an older state after a newer one', async () => {
    app = await startApp()
    const { ts } = await app.ask('r1')
    const old = app.host.review('r1', app.approver.limits)
    app.host.move('r1', { status: 'expired' })
    await refresh('r1')
    await app.approver.update?.(old, { id: 'd', reference: JSON.stringify([['C0OPS', ts]]) })
    expect(displayed(roots()[0]?.blocks ?? [])).toMatch(/Expired/)
  })

  it.each([[null], [''], ['{}'], ['[[1,2]]'], ['[["C0OPS"]]']])(
    'of a reference that is none of ours: %j',
    async (reference) => {
      app = await startApp()
      await app.ask('r1')
      const updates = count('chat.update')
      await app.approver.update?.(app.host.review('r1'), { id: 'd', reference })
      expect(count('chat.update')).toBe(updates)
    },
  )
})

describe('the fake Slack', () => {
  it('fails a test that breaks a rule', async () => {
    const clock = fakeClock()
    const slack = await fakeSlack({ now: () => clock.now() })
    app = await startApp(
      {},
      { slack: await fakeSlack({ now: () => clock.now() }), clock, host: fakeHost(clock) },
    )
    const body = new URLSearchParams({ channel: 'C0OPS', text: 'x', blocks: '[]' })
    const headers = { authorization: `Bearer ${slack.token}` }
    await fetch(`${slack.api.url}chat.postMessage`, { method: 'POST', body, headers })
    await expect(slack.close()).rejects.toThrow(/rules of Slack were broken/)
  })
})
