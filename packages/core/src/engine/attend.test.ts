import { type ApprovalStore, group, memoryStore, OptionError } from '@gatewright/core'
import { type FakeClock, fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { ada, attempt, ben, type Desk, desk, type Scene, scene, settle } from '../../test/scene'

const asked = (inbox: Desk): string[] => inbox.messages.map(({ review }) => review.requestId)

/** A desk whose messages end with the process. */
function terminal(): Desk {
  return Object.assign(desk('terminal'), { transient: true })
}

function shared(): { clock: FakeClock; store: ApprovalStore } {
  const clock = fakeClock()
  return { clock, store: memoryStore({ clock }) }
}

async function ask(s: Scene): Promise<string> {
  const known = new Set((await s.pending()).map(({ id }) => id))
  const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
  attempt(tool(known.size))
  return (await s.pending()).map(({ id }) => id).find((id) => !known.has(id)) ?? ''
}

test('a gate that attends all is asked for what other processes opened, before it came and after', async () => {
  const parts = shared()
  const agent = scene({ ...parts, approvers: [] })
  const before = await ask(agent)
  const inbox = desk('inbox')
  const reviewers = scene({ ...parts, audit: null, approvers: [inbox], attend: 'all' })
  await reviewers.gate.start()
  await settle()
  expect(asked(inbox)).toEqual([before])
  const after = await ask(agent)
  await settle()
  expect(asked(inbox)).toEqual([before, after])
  // Later hints, sweeps and votes ask nobody twice.
  await parts.clock.advance('5m')
  await reviewers.approve(after, ada)
  await settle()
  expect(asked(inbox)).toEqual([before, after])
})

test('a gate that attends its own is not', async () => {
  const parts = shared()
  const agent = scene({ ...parts, approvers: [] })
  const inbox = desk('inbox')
  const other = scene({ ...parts, approvers: [inbox] })
  await other.gate.start()
  await ask(agent)
  await parts.clock.advance('2m')
  expect(asked(inbox)).toEqual([])
})

test('a stage that opens by a vote elsewhere is asked for', async () => {
  const parts = shared()
  const stages = [{ reviewers: group('ops') }, { reviewers: group('ops') }]
  const agent = scene({ ...parts, approvers: [], requirement: { stages } })
  const inbox = desk('inbox')
  const reviewers = scene({ ...parts, audit: null, approvers: [inbox], attend: 'all' })
  await reviewers.gate.start()
  const id = await ask(agent)
  await settle()
  await agent.approve(id, ada)
  await settle()
  expect(inbox.messages.map(({ to }) => to.stages.map(({ stage }) => stage))).toHaveLength(2)
  await agent.approve(id, ben)
})

test('what waits is shown again at a terminal after a restart, and not where messages last', async () => {
  const parts = shared()
  const [lasting, first] = [desk('lasting'), terminal()]
  const before = scene({ ...parts, approvers: [lasting, first] })
  const id = await ask(before)
  await settle()
  expect([asked(lasting), asked(first)]).toEqual([[id], [id]])
  // The process dies; its lease ends.
  const [again, second] = [desk('lasting'), terminal()]
  const after = scene({ ...parts, approvers: [again, second] })
  await parts.store.leases.release((await before.request(id)).processId)
  await after.gate.start()
  await settle()
  expect([asked(again), asked(second)]).toEqual([[], [id]])
})

test('another word is refused', () => {
  expect(() => scene({ attend: 'every' as never })).toThrow(OptionError)
})

test('a call that goes on with what a dead process asked is shown at this terminal at once', async () => {
  const parts = shared()
  const [first, second] = [terminal(), terminal()]
  const before = scene({ ...parts, approvers: [first] })
  const call = (s: Scene) =>
    s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'one' })('users')
  attempt(call(before))
  const { id } = await before.only()
  // Killed a moment ago: its lease has not ended.
  const after = scene({ ...parts, approvers: [second] })
  const again = attempt(call(after))
  await settle()
  expect([asked(first), asked(second)]).toEqual([[id], [id]])
  await after.approve(id, ada)
  await again.ended
  expect(again.value).toBe('done')
})
