import { memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { ada, attempt, scene } from '../../test/scene'

/** An agent's process, and one of reviewers that has no log and knows nothing of the agent's actions. */
function processes() {
  const clock = fakeClock()
  const agent = scene({
    clock,
    store: memoryStore({ clock }),
    redact: { keys: ['badge'], patterns: [/ticket-\d+/] },
  })
  const reviewers = agent.neighbour({ audit: null, redact: {} })
  return { agent, reviewers }
}

test('a gate without a log shows what the agent’s gate shows, votes, and its votes are published by the agent', async () => {
  const { agent, reviewers } = processes()
  const tool = agent.gate.requireApproval(agent.effect, { action: 'data.export', redact: ['/secretPlan'] })
  const call = attempt(tool({ badge: 'B-7', note: 'see ticket-42', secretPlan: 'to fly', rows: 3 }))
  const { id } = await agent.only()
  const [shown, own] = await Promise.all([reviewers.gate.requests.review(id), agent.gate.requests.review(id)])
  expect(shown).toEqual(own)
  expect(JSON.stringify(shown)).not.toMatch(/B-7|ticket-42|to fly/)
  expect((await reviewers.approve(id, ada)).status).toBe('counted')
  await agent.clock.advance('2s')
  await call.ended
  expect(call.state).toBe('resolved')
  expect(await agent.types(id)).toEqual([
    'request.created',
    'request.vote-cast',
    'request.approved',
    'execution.started',
    'execution.succeeded',
  ])
})

test('I7: nothing runs through it, and nobody is asked', async () => {
  const { agent, reviewers } = processes()
  const tool = reviewers.gate.requireApproval(reviewers.effect, { action: 'data.export' })
  const call = attempt(tool('users'))
  await call.ended
  expect(call.code).toBe('ERR_AUDIT_UNAVAILABLE')
  expect(call.message).toContain('audit: null')
  expect(await agent.pending()).toEqual([])
  const asked = attempt(agent.gate.requireApproval(agent.effect, { action: 'data.export' })('users'))
  const { id } = await agent.only()
  await expect(reviewers.gate.resume(id)).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' })
  expect((await reviewers.gate.cancel(id))?.status).toBe('cancelled')
  await agent.clock.advance('2s')
  await asked.ended
  expect(agent.runs).toEqual([])
})
