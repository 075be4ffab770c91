import type { ApprovalRequest } from '@gatewright/core'
import { reviewAccess } from '@gatewright/core/review'
import { expect, test } from 'vitest'
import { attempt, member, scene, settle } from '../../test/scene'

async function waiting() {
  const s = scene()
  attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(1))
  const { id } = await s.only()
  return { s, id, following: reviewAccess(s.gate).following }
}

const forever = new AbortController().signal

test('T42: who waits is told by what the store holds, also when another process moves it', async () => {
  const { s, id, following } = await waiting()
  const other = s.neighbour()
  const decided = following.decided(id, 60_000, forever)
  await settle()
  await other.approve(id)
  expect((await decided)?.status).not.toBe('pending')
})

test('a wait ends with its time, with its signal, and at once where nothing is waited for', async () => {
  const { s, id, following } = await waiting()
  const timed = following.decided(id, 60_000, forever)
  await settle()
  await s.clock.advance('61s')
  expect(await timed).toMatchObject({ id, status: 'pending' })
  const aborting = new AbortController()
  const aborted = following.decided(id, 60_000, aborting.signal)
  await settle()
  aborting.abort()
  expect(await aborted).toMatchObject({ status: 'pending' })
  expect(await following.decided(id, 0, forever)).toMatchObject({ status: 'pending' })
  expect(await following.decided('nobody', 60_000, forever)).toBeNull()
})

test('I6: expiry ends a wait', async () => {
  const { s, id, following } = await waiting()
  const { expiresAt } = await s.request(id)
  const decided = following.decided(id, expiresAt, forever)
  await settle()
  await s.clock.advance(expiresAt - s.clock.now() + 1)
  expect(await decided).toMatchObject({ status: 'expired' })
})

test('each move of a request is told with growing versions, beginning with how it stands', async () => {
  const { s, id, following } = await waiting()
  const told: (ApprovalRequest | null)[] = []
  const stop = following.each(id, (request) => told.push(request))
  await settle()
  expect(told.map((request) => request?.status)).toEqual(['pending'])
  await s.approve(id)
  expect(told.at(-1)?.status).toBe('succeeded')
  const versions = told.map((request) => request?.version ?? 0)
  expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other))
  stop()
})

test('a hint that the feed loses only delays it until the next look', async () => {
  const { s, id } = await waiting()
  const deaf = s.neighbour({ store: { ...s.store, changes: () => {} } })
  const { following } = reviewAccess(deaf.gate)
  const told: string[] = []
  const stop = following.each(id, (request) => told.push(request?.status ?? 'gone'))
  await settle()
  await s.approve(id)
  expect(told).toEqual(['pending'])
  await s.clock.advance('1m')
  await settle()
  expect(told).toEqual(['pending', 'succeeded'])
  stop()
})

test('a store that cannot be read tells nothing, and the next look does', async () => {
  const { s, id } = await waiting()
  let down = true
  const getMany = (ids: readonly string[]) => {
    if (down) throw new Error('the store is down')
    return s.store.getMany(ids)
  }
  const shaky = s.neighbour({ store: { ...s.store, getMany } })
  const told: string[] = []
  const stop = reviewAccess(shaky.gate).following.each(id, (request) => told.push(request?.status ?? 'gone'))
  await settle()
  expect(told).toEqual([])
  down = false
  await s.clock.advance('1m')
  await settle()
  expect(told).toEqual(['pending'])
  stop()
})

test('whoever follows all is told of each, until it stops', async () => {
  const s = scene()
  await s.gate.start()
  const { following } = reviewAccess(s.gate)
  const told: string[] = []
  const stop = following.all(({ action, status }) => told.push(`${action} ${status}`))
  attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(1))
  await settle()
  expect(told).toEqual(['a.run pending'])
  following.each((await s.only()).id, () => {})()
  await settle()
  expect(told).toEqual(['a.run pending'])
  stop()
  await s.approve((await s.only()).id)
  expect(told).toEqual(['a.run pending'])
})

test('viewers see what they are not asked about, by the groups of the directory', async () => {
  const { s } = await waiting()
  const request = await s.only()
  const { standings } = reviewAccess(s.gate)
  const kim = member('kim', ['auditors'])
  expect(await standings.of([request], kim)).toEqual(['none'])
  expect(await standings.of([request], kim, ['auditors'])).toEqual(['viewer'])
  expect(await standings.of([request], member('ada2'), ['ops'])).toEqual(['reviewer'])
  expect(await standings.isMember(kim, ['auditors'])).toBe(true)
  expect(await standings.isMember(kim, [])).toBe(false)
  expect(await standings.isMember({ ...kim, type: 'service' }, ['auditors'])).toBe(false)
  const directory = {
    resolve: async () => ({ issuer: kim.issuer, subject: kim.subject, name: 'kim', groups: ['sales'] }),
  }
  const strict = reviewAccess(s.neighbour({ directory }).gate).standings
  expect(await strict.isMember(kim, ['auditors'])).toBe(false)
})
