// How to test an agent that asks people: a mock approver decides, a fake clock lets hours pass, a list of turns is the model.
// Copy it beside your agent. Run it: npx vitest run --project unit examples/unit-test-your-agent
import { createGate, group } from '@gatewright/core'
import { fakeClock, type MockApprover, mockApprover } from '@gatewright/testing'
import '@gatewright/testing/vitest'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Refund, runAgent, type Turn } from './refund-agent'

const wanted: Refund = { order: 'order-1', cents: 5_000 }

/** The agent with people who decide as a test says, and a model that asks for one refund and then is done. */
function agent(people: MockApprover, turns: readonly Turn[] = [{ refund: wanted }, { says: 'done' }]) {
  const clock = fakeClock()
  const reviewers = group('support')
  const requirement = { reviewers, within: '2h' } as const
  const bot = { id: 'support-bot', owner: null }
  const gate = createGate({ agent: bot, approvers: [people], requirement, clock, ephemeral: true })
  onTestFinished(() => gate.close())
  const refund = vi.fn(async ({ order, cents }: Refund) => `gave back ${cents} cents of ${order}`)
  const model = async (told: readonly string[]): Promise<Turn> => turns[told.length - 1] ?? { says: 'done' }
  const run = () => runAgent({ gate, model, refund, runId: 'ticket-7' }, 'The mug arrived broken.')
  return { clock, refund, run }
}

test('approve: it asks for what the model wants, and that happens once', async () => {
  const people = mockApprover().approve('tool.refund')
  const { refund, run } = agent(people)
  const { says, told } = await run()
  expect(people).toHaveRequested('tool.refund', wanted)
  expect(refund).toHaveExecutedOnce()
  expect([told.at(-1), says]).toEqual(['gave back 5000 cents of order-1', 'done'])
})

test('reject: nothing is paid, and the model reads why and goes on', async () => {
  const people = mockApprover().reject('tool.refund', 'ask for a photo first')
  const { refund, run } = agent(people)
  const { says, told } = await run()
  expect(refund).not.toHaveBeenCalled()
  expect(told.at(-1)).toMatch(/not executed.*ask for a photo first/)
  expect(says).toBe('done')
})

test('edit: it pays what the reviewer made of it', async () => {
  const { refund, run } = agent(mockApprover().edit('tool.refund', { cents: 2_500 }))
  await run()
  expect(refund.mock.calls).toEqual([[{ order: 'order-1', cents: 2_500 }]])
})

test('expire: nobody answers, two hours pass in no time, and nothing is paid', async () => {
  const people = mockApprover({ otherwise: 'ignore' })
  const { clock, refund, run } = agent(people)
  const running = run()
  await people.next('tool.refund')
  await clock.advance('2h')
  expect((await running).told.at(-1)).toMatch(/not executed.*nobody decided in time/s)
  expect(refund).not.toHaveBeenCalled()
})

test('arguments that the tool does not take: nobody is asked', async () => {
  const people = mockApprover().approve()
  const { refund, run } = agent(people, [{ refund: { order: 'order-1', cents: -1 } }])
  expect((await run()).told.at(-1)).toMatch(/cents/)
  expect([people.seen.length, refund.mock.calls.length]).toEqual([0, 0])
})
