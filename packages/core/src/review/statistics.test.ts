import { OptionError, when } from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { expect, test } from 'vitest'
import { ada, attempt, scene } from '../../test/scene'

test('statistics tell how often people approved, and how long they took', async () => {
  const s = scene({ policy: [when('data.read').allow()], coolDown: false })
  const tool = s.gate.requireApproval(s.effect, { action: 'data.export' })
  const decide = async (minutes: number, decision: 'approve' | 'reject') => {
    const call = attempt(tool('users'))
    const { id } = await s.only()
    await s.clock.advance(`${minutes}m`)
    await s[decision](id, ada)
    await call.ended
  }
  await decide(1, 'approve')
  await decide(2, 'approve')
  await decide(3, 'reject')
  await decide(9, 'approve')
  await s.gate.requireApproval(s.effect, { action: 'data.read', key: () => 'k' })('users')
  const left = attempt(tool('users'))
  await s.only()
  const all = await reviewAccess(s.gate).statistics()
  expect(all).toEqual({
    requests: 6,
    approved: 3,
    rejected: 1,
    unanswered: 0,
    cancelled: 0,
    waiting: 1,
    approvalRate: 0.75,
    decisionMs: { median: 120_000, p90: 540_000 },
  })
  expect(await reviewAccess(s.gate).statistics({ action: 'data.export', most: 2 })).toMatchObject({
    requests: 2,
    approved: 1,
    waiting: 1,
    approvalRate: 1,
    decisionMs: { median: 540_000, p90: 540_000 },
  })
  await s.clock.advance('1d')
  await left.ended
  expect(await reviewAccess(s.gate).statistics({ action: 'data.export', most: 1 })).toMatchObject({
    unanswered: 1,
    approvalRate: null,
    decisionMs: null,
  })
  await expect(reviewAccess(s.gate).statistics({ most: 0 })).rejects.toThrow(OptionError)
})
