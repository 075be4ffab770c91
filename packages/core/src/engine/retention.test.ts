import { type ApprovalRequest, group, memoryStore, OptionError } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { ada, attempt, type Scene, scene, settle } from '../../test/scene'

const week = { after: '7d', every: '1h' } as const

/** A finished call with a key, and one that waits. */
async function used(s: Scene): Promise<ApprovalRequest> {
  const tool = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'one' })
  const call = attempt(tool('users'))
  const { id } = await s.only()
  await s.approve(id, ada)
  await call.ended
  return s.request(id)
}

test('a request is archived and deleted once it was kept long enough, and its key stays refused', async () => {
  const archived: string[] = []
  const s = scene({ retention: { ...week, archive: ({ id }) => void archived.push(id) } })
  const { id } = await used(s)
  await s.clock.advance('6d')
  expect(await s.gate.requests.get(id)).not.toBeNull()
  expect(archived).toEqual([])
  await s.clock.advance('26h')
  await settle()
  expect(archived).toEqual([id])
  expect(await s.gate.requests.get(id)).toBeNull()
  // I3: once, however long ago.
  const again = attempt(
    s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'one' })('users'),
  )
  await again.ended
  expect(again.code).toBe('ERR_ALREADY_EXECUTED')
  expect(s.runs).toHaveLength(1)
})

test('what has not ended, or ended a moment ago, is kept, however old it is', async () => {
  const s = scene({
    requirement: { reviewers: group('ops'), within: '30d', useWithin: '30d' },
    retention: week,
  })
  const waiting = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
  const { id } = await s.only()
  await s.clock.advance('10d')
  expect((await s.request(id)).status).toBe('pending')
  await s.approve(id, ada)
  await waiting.ended
  await s.clock.advance('2h')
  expect((await s.request(id)).status).toBe('succeeded')
  await s.clock.advance('8d')
  expect(await s.gate.requests.get(id)).toBeNull()
})

test('an archive that fails keeps the request, which is tried again', async () => {
  let broken = true
  const s = scene({
    retention: {
      ...week,
      archive() {
        if (broken) throw new Error('the bucket is gone')
      },
    },
  })
  const { id } = await used(s)
  await s.clock.advance('8d')
  expect(await s.gate.requests.get(id)).not.toBeNull()
  broken = false
  await s.clock.advance('2h')
  expect(await s.gate.requests.get(id)).toBeNull()
})

test('of several processes over one store, one deletes in each period', async () => {
  const told: string[] = []
  const archive = ({ id }: ApprovalRequest): void => void told.push(id)
  const clock = fakeClock()
  const s = scene({ clock, store: memoryStore({ clock }), retention: { ...week, archive } })
  await s.neighbour().gate.start()
  const { id } = await used(s)
  await s.clock.advance('8d')
  await settle()
  expect(told).toEqual([id])
})

test('what no log holds yet is not deleted (I7)', async () => {
  const s = scene({ retention: week })
  const { id } = await used(s)
  const tool = s.gate.requireApproval(s.effect, { action: 'data.drop' })
  const call = attempt(tool('users'))
  const rejected = await s.only()
  s.audit.failing = () => true
  await s.reject(rejected.id, ada, 'no')
  await call.ended
  await s.clock.advance('9d')
  expect(await s.gate.requests.get(id)).toBeNull()
  expect((await s.request(rejected.id)).status).toBe('rejected')
})

test.each([
  [{ after: '0s' }, /retention.after/],
  [{}, /retention.after/],
  [{ after: '1d', every: 'often' }, /retention.every/],
  [{ after: '1d', archive: 'bucket' }, /retention.archive/],
  [{ after: '1d', keep: true }, /keep/],
])('options that are wrong are refused: %j', (retention, problem) => {
  expect(() => scene({ retention: retention as never })).toThrow(OptionError)
  expect(() => scene({ retention: retention as never })).toThrow(problem)
})
