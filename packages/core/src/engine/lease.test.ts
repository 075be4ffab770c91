import { memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { attempt, desk, type Scene, scene, settle, wired } from '../../test/scene'

const late = (s: Scene) => s.logger.entries.filter(({ message }) => message.includes('lease of this process'))

/** A process that has begun to sweep: once a second, with a lease of nine. */
async function started(options: Parameters<typeof scene>[0] = {}): Promise<Scene> {
  const s = scene({ sweepEvery: '1s', lease: '9s', ...options })
  await s.gate.start()
  await s.clock.advance('5s')
  return s
}

/** The event loop stands still: time passes, and no timer fires on time. */
const block = (s: Scene, ms: number) => s.clock.setNow(s.clock.now() + ms)

test('a renewal that comes late says so, and what to do', async () => {
  const s = await started()
  expect(late(s)).toEqual([])
  block(s, 4_000)
  await s.clock.advance('1s')
  expect(late(s)).toEqual([
    {
      level: 'warn',
      message: expect.stringMatching(
        /4000 ms late, and nearly ran out.*9000 ms.*unknown.*worker thread.*"lease"/,
      ),
      fields: { lateMs: 4_000, leaseMs: 9_000, ranOut: false },
    },
  ])
  await s.clock.advance('30s')
  expect(late(s), 'said once').toHaveLength(1)
})

test('one that comes after the lease has run out says that', async () => {
  const s = await started()
  block(s, 8_500)
  await s.clock.advance('1s')
  expect(late(s)).toMatchObject([
    { message: expect.stringContaining('has run out meanwhile'), fields: { lateMs: 8_500, ranOut: true } },
  ])
})

test('a short block is no news', async () => {
  const s = await started()
  block(s, 2_900)
  await s.clock.advance('10s')
  expect(late(s)).toEqual([])
})

test('a store that takes a good part of the lease to renew it is named', async () => {
  const clock = fakeClock()
  let slow = false
  const store = wired(memoryStore({ clock }), {
    async before(method) {
      if (slow && method === 'leases.renew')
        await new Promise<void>((resolve) => clock.setTimer(4_000, resolve))
    },
  })
  const s = await started({ clock, store })
  slow = true
  await clock.advance('5s')
  expect(late(s)).toMatchObject([{ message: expect.stringContaining('the store took 4000 ms') }])
})

test('I8: what takes long in a sweep costs no lease: a run that goes well is not called unknown', async () => {
  const clock = fakeClock()
  const shared = memoryStore({ clock })
  const slow = desk()
  slow.onDeliver = async () => {
    throw new Error('the channel is away')
  }
  const s = scene({
    approvers: [slow],
    clock,
    store: shared,
    sweepEvery: '1s',
    lease: '9s',
    timeouts: { delivery: '60s' },
    delivery: { backoff: '1s' },
  })
  let finish = () => {}
  const running = attempt(
    s.gate.requireApproval(() => new Promise<void>((resolve) => (finish = resolve)), { action: 'a.run' })(),
  )
  const { id } = await s.only()
  await s.approve(id)
  // Another request is to be delivered again, and its channel hangs for a minute.
  attempt(s.gate.requireApproval(s.effect, { action: 'b.run' })())
  await settle()
  slow.onDeliver = () => new Promise(() => {})
  const other = s.neighbour()
  await other.gate.start()
  await clock.advance('50s')
  expect((await shared.get(id))?.status).toBe('executing')
  finish()
  await running.ended
  expect(running.state).toBe('resolved')
  expect((await shared.get(id))?.status).toBe('succeeded')
})

test('a renewal on its way when the gate closes does not bring the lease back', async () => {
  const clock = fakeClock()
  const shared = memoryStore({ clock })
  const hold: (() => void)[] = []
  let holding = false
  let owner = ''
  const store = wired(shared, {
    async before(method, [processId]) {
      if (method !== 'leases.renew') return
      owner = String(processId)
      if (holding) await new Promise<void>((resolve) => hold.push(resolve))
    },
  })
  const s = await started({ clock, store })
  holding = true
  await clock.advance('1s')
  const closing = s.gate.close()
  await settle()
  for (const release of hold) release()
  await closing
  await settle()
  expect(await shared.leases.live([owner])).toEqual([])
})
