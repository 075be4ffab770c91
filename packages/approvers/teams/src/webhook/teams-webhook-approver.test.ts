import type { Approver, ReviewDocument } from '@gatewright/core'
import { type FakeClock, fakeClock } from '@gatewright/testing'
import { fakeHost } from '@gatewright/testing/conformance'
import { describe, expect, onTestFinished, test } from 'vitest'
import { textOf } from '../../test/card-schema'
import { fakeWorkflow, SIGNATURE } from '../../test/workflow'
import { teamsWebhookApprover } from './teams-webhook-approver'

async function started(
  more: Partial<Parameters<typeof teamsWebhookApprover>[0]> = {},
  clock: FakeClock = fakeClock(),
) {
  const workflow = await fakeWorkflow()
  const { url, network } = workflow
  const approver: Approver = teamsWebhookApprover({ url, network, ...more })
  const host = fakeHost(clock)
  await approver.start?.(host)
  onTestFinished(async () => {
    await approver.stop?.()
    await workflow.close()
  })
  const deliver = (review: ReviewDocument, id = 'd1', signal = new AbortController().signal) =>
    approver.deliver(review, { stages: [], purpose: 'ask' }, id, signal)
  return {
    workflow,
    approver,
    host,
    clock,
    deliver,
    ask: () => host.ask({ requestId: 'r1' }, approver.limits),
  }
}

describe('options', () => {
  const url = `https://prod.logic.example.com/workflows/1?sig=${SIGNATURE}`
  test.each([
    ['T18: no signature', { url: 'https://prod.logic.example.com/workflows/1' }, /sig=/],
    ['T18: an empty signature', { url: 'https://prod.logic.example.com/workflows/1?sig=' }, /sig=/],
    ['no address', { url: 'nowhere' }, /url/],
    ['plain http', { url: url.replace('https', 'http') }, /https:/],
    ['a misspelt option', { url, outcome: true }, /outcomes/],
    ['a wrong name', { url, name: 'a/b' }, /name/],
  ])('%s is refused', (_what, options, said) => {
    expect(() => teamsWebhookApprover(options as never)).toThrow(said)
  })

  test.each(['127.0.0.1', '169.254.169.254', '[::1]', '10.0.0.1'])(
    'T36: the internal address %s is refused',
    (host) => {
      const inside = `https://${host}/workflows/1?sig=${SIGNATURE}`
      const refuse = () => teamsWebhookApprover({ url: inside })
      expect(refuse).toThrow(expect.objectContaining({ code: 'ERR_OUTBOUND_FORBIDDEN' }))
      expect(refuse).not.toThrow(new RegExp(`${SIGNATURE}|workflows`))
    },
  )

  test('a gate without a link does not start: its cards could only be looked at', async () => {
    const approver = teamsWebhookApprover({ url })
    const host = { ...fakeHost(fakeClock()), link: () => null }
    await expect(approver.start?.(host)).rejects.toThrow(/createGate\.link/)
  })
})

describe('a workflow', () => {
  test('T43: its address is in no error, whatever it answers', async () => {
    const { workflow, deliver, ask } = await started()
    for (const status of [302, 400, 401, 404, 500]) {
      workflow.state.answers.push({ status })
      const failure: unknown = await deliver(ask()).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'ERR_TEAMS_FAILED' })
      expect(`${failure} ${JSON.stringify(failure)} ${(failure as Error).stack}`).not.toMatch(
        /sig=|aVerySecret|127\.0/,
      )
    }
    expect(workflow.cards).toEqual([])
  })

  test('is waited for when it asks for patience, and the message is then sent once', async () => {
    const { workflow, clock, deliver, ask } = await started()
    workflow.state.answers.push({ status: 429, headers: { 'retry-after': '7' } })
    const delivered = deliver(ask())
    await expect.poll(() => clock.pendingTimers).toBe(1)
    await clock.advance('6s')
    expect(workflow.state.calls).toBe(1)
    await clock.advance('1s')
    await delivered
    expect([workflow.state.calls, workflow.cards.length]).toEqual([2, 1])
  })

  test('T51: what failed is sent again under its id, and what was sent is not', async () => {
    const { workflow, deliver, ask } = await started()
    workflow.state.answers.push({ status: 503 })
    await expect(deliver(ask())).rejects.toThrow(/503/)
    await Promise.all([deliver(ask()), deliver(ask())])
    await deliver(ask())
    expect(workflow.cards).toHaveLength(1)
  })

  test('gets one short card for each end, since its message cannot be changed; none while it waits or runs', async () => {
    const { workflow, approver, host, deliver, ask } = await started()
    await deliver(ask())
    const update = () => approver.update?.(host.review('r1', approver.limits), { id: 'd1', reference: 'd1' })
    await update()
    expect(workflow.cards).toHaveLength(1)
    expect(textOf(workflow.cards[0])).toMatch(/stays as it was sent/)
    for (const status of ['approved', 'executing', 'succeeded'] as const) {
      host.move('r1', { status })
      await update()
      await update()
    }
    expect(
      workflow.cards
        .slice(1)
        .map(textOf)
        .map((text) => /✅ [^:\n]*/.exec(text)?.[0]),
    ).toEqual(['✅ Approved', '✅ Approved; it ran and succeeded'])
    expect(textOf(workflow.cards[1])).toContain('Open in inbox')
  })

  test('gets no outcomes when none are wanted', async () => {
    const { workflow, approver, host, deliver, ask } = await started({ outcomes: false })
    await deliver(ask())
    host.move('r1', { status: 'expired' })
    await approver.update?.(host.review('r1'), { id: 'd1', reference: 'd1' })
    expect(workflow.cards).toHaveLength(1)
  })

  test('that was deleted counts as a message that is gone; one that fails is told again', async () => {
    const { workflow, approver, host, deliver, ask } = await started()
    await deliver(ask())
    host.move('r1', { status: 'expired' })
    const update = () => approver.update?.(host.review('r1'), { id: 'd1', reference: 'd1' })
    workflow.state.answers.push({ status: 500 }, { status: 404 })
    await expect(update()).rejects.toMatchObject({ code: 'ERR_TEAMS_FAILED' })
    await expect(update()).rejects.toMatchObject({ code: 'ERR_MESSAGE_GONE' })
    await update()
    expect(workflow.cards).toHaveLength(2)
  })
})
