import { type ApprovalStore, memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { attempt, scene, settle } from '../../test/scene'

type Change = Parameters<ApprovalStore['transition']>[0]

/** A store whose next claim is given up by this side, while the other side still applies it when `land` says so. */
function lossy() {
  const clock = fakeClock()
  const shared = memoryStore({ clock })
  let late: Change | null = null
  const wire = { losing: false, refused: new Set<string>(), transitions: [] as string[] }
  const store: ApprovalStore = Object.assign(Object.create(shared), {
    async transition(change: Change) {
      wire.transitions.push(change.next.status)
      if (wire.refused.has(change.next.id) && change.next.status !== 'blocked') throw new Error('a bad page')
      if (!wire.losing || change.next.status !== 'executing') return shared.transition(change)
      wire.losing = false
      late = change
      throw new Error('connection reset')
    },
  })
  const land = async () => {
    if (late === null) throw new Error('no claim was lost')
    return shared.transition(late)
  }
  return { clock, shared, store, wire, land }
}

const keyed = { action: 'data.export', key: () => 'one' } as const

test('I8: a lost claim that is applied long after is found and closed: nothing ran, and nothing runs for ever', async () => {
  const { clock, shared, store, wire, land } = lossy()
  const s = scene({ clock, store })
  const tool = s.gate.requireApproval(s.effect, keyed)
  const call = attempt(tool('users'))
  const { id } = await s.only()
  wire.losing = true
  await s.approve(id)
  await call.ended
  expect(call.code).toBe('ERR_STORE_UNAVAILABLE')
  // Whoever reads now finds an approval: that it stays one is not known yet.
  await clock.advance('5m')
  expect((await shared.get(id))?.status).toBe('approved')
  expect(await land()).toMatchObject({ applied: true })
  const again = attempt(tool('users'))
  await clock.advance('2m')
  expect((await shared.get(id))?.outcome).toMatchObject({
    status: 'blocked',
    summary: expect.stringContaining('nothing ran'),
  })
  expect(again.code).toBe('ERR_EXECUTION_BLOCKED')
  expect(s.runs).toEqual([])
  expect(await s.types(id)).toContain('execution.blocked')
})

test('I3: a lost claim that is applied after the caller came again and ran changes nothing', async () => {
  const { clock, shared, store, wire, land } = lossy()
  const s = scene({ clock, store })
  const tool = s.gate.requireApproval(s.effect, keyed)
  const call = attempt(tool('users'))
  const { id } = await s.only()
  wire.losing = true
  await s.approve(id)
  await call.ended
  const again = attempt(tool('users'))
  await again.ended
  expect(again.value).toBe('done')
  expect(await land()).toMatchObject({ applied: false, reason: 'conflict' })
  await clock.advance('5m')
  expect((await shared.get(id))?.status).toBe('succeeded')
  expect(s.runs).toHaveLength(1)
})

test('what this process runs is never taken for a lost claim, however long it runs and whoever else waits for it', async () => {
  const { clock, shared, store, wire } = lossy()
  const s = scene({ clock, store })
  let finish = () => {}
  const tool = s.gate.requireApproval(() => new Promise<void>((resolve) => (finish = resolve)), keyed)
  const calls = [attempt(tool()), attempt(tool()), attempt(tool())]
  const { id } = await s.only()
  await s.approve(id)
  await clock.advance('3h')
  expect((await shared.get(id))?.status).toBe('executing')
  // Nor while its outcome cannot be recorded.
  wire.refused.add(id)
  finish()
  await clock.advance('10m')
  expect((await shared.get(id))?.status).toBe('executing')
  wire.refused.clear()
  await clock.advance('2m')
  expect((await shared.get(id))?.status).toBe('succeeded')
  expect(calls.filter(({ state }) => state === 'resolved')).toHaveLength(1)
})

test('one that cannot be closed keeps none of the others from being closed', async () => {
  const { clock, shared, store, wire } = lossy()
  // The first process runs three calls, and is never heard of again.
  let alive = true
  const dying: ApprovalStore = Object.assign(Object.create(shared), {
    transition: (change: Change) => (alive ? shared.transition(change) : new Promise(() => {})),
    leases: {
      ...shared.leases,
      renew: (id: string, ms: number) => (alive ? shared.leases.renew(id, ms) : new Promise<void>(() => {})),
    },
  })
  const first = scene({ clock, store: dying, coalesce: false })
  const tool = first.gate.requireApproval(() => new Promise(() => {}), { action: 'a.run' })
  for (let n = 0; n < 3; n += 1) void attempt(tool())
  const ids = (await first.pending()).map(({ id }) => id)
  for (const id of ids) await first.approve(id)
  await settle()
  alive = false
  wire.refused.add(ids[2] ?? '')
  const second = first.neighbour({ store })
  await second.gate.start()
  await clock.advance('7m')
  const statuses = async () => Promise.all(ids.map(async (id) => (await shared.get(id))?.status))
  expect(await statuses()).toEqual(['unknown', 'unknown', 'executing'])
  expect(second.logger.entries).toContainEqual(
    expect.objectContaining({ message: expect.stringContaining('could not be closed') }),
  )
  wire.refused.clear()
  await clock.advance('2m')
  expect(await statuses()).toEqual(['unknown', 'unknown', 'unknown'])
})
