import { memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { expect, test } from 'vitest'
import { attempt, type Scene, scene, settle, wired } from '../../test/scene'
import { createDueMoves } from './due-moves'
import type { Engine } from './engine'

/** Requests that wait, over a store that refuses to move some of them. */
async function waiting(count: number) {
  const clock = fakeClock()
  const shared = memoryStore({ clock })
  const broken = new Set<string>()
  const tried: string[] = []
  let asked = 0
  const s = scene({
    clock,
    store: wired(shared, {
      async before(method, [change]) {
        if (method === 'due') asked += 1
        if (method !== 'transition') return
        const { id } = (change as { next: { id: string } }).next
        tried.push(id)
        if (broken.has(id)) throw new Error('a bad page')
      },
    }),
    rateLimit: false,
    coalesce: false,
  })
  const tool = s.gate.requireApproval(s.effect, { action: 'a.run' })
  const calls = Array.from({ length: count }, (_, n) => attempt(tool(n)))
  await settle()
  const { requests } = await shared.list({}, { limit: count })
  const ids = requests.map(({ id }) => id).reverse()
  expect(ids).toHaveLength(count)
  tried.length = 0
  return {
    s,
    clock,
    ids,
    broken,
    tried,
    calls,
    asked: () => asked,
    open: async () =>
      (await shared.list({ status: 'pending' }, { limit: count })).requests.map(({ id }) => id),
  }
}

const reports = (s: Scene) => s.logger.entries.filter(({ message }) => message.includes('could not be moved'))

test('I6: one that cannot be moved holds back none of the others, is reported, and is tried again', async () => {
  const { s, clock, ids, broken, calls, open } = await waiting(5)
  const [first = ''] = ids
  broken.add(first)
  await clock.advance('60m')
  expect(await open()).toEqual([first])
  expect(calls.filter(({ code }) => code === 'ERR_APPROVAL_EXPIRED')).toHaveLength(4)
  expect(reports(s)).toMatchObject([{ level: 'warn', fields: { id: first } }])
  broken.clear()
  await clock.advance('2m')
  expect(await open()).toEqual([])
  expect(calls[0]?.code).toBe('ERR_APPROVAL_EXPIRED')
})

test('more of them than the store names at once hold back none of the others', async () => {
  const { clock, ids, broken, open } = await waiting(320)
  // The store names those that are due longest, and of these the first, again and again.
  for (const id of ids.slice(0, 260)) broken.add(id)
  await clock.advance('3h')
  expect(new Set(await open())).toEqual(broken)
  broken.clear()
  await clock.advance('30m')
  expect(await open()).toEqual([])
})

test('a store that moves nothing is asked a few times in a sweep, and all move once it is back', async () => {
  const { clock, ids, broken, tried, open } = await waiting(300)
  for (const id of ids) broken.add(id)
  await clock.advance('60m')
  expect(tried).toHaveLength(5)
  await clock.advance('3m')
  expect(tried.length).toBeLessThanOrEqual(5 * 2 * 4)
  broken.clear()
  await clock.advance('10m')
  expect(await open()).toEqual([])
})

test('the waits of one that fails for ever grow, and no sweep follows at once', async () => {
  const { clock, ids, broken, tried, asked } = await waiting(1)
  broken.add(ids[0] ?? '')
  await clock.advance('59m')
  const before = asked()
  await clock.advance('121m')
  expect(asked() - before, 'a sweep a minute, and one for the deadline').toBeLessThanOrEqual(125)
  // After 1, 2, 4, 8, and then each 10 minutes.
  expect(tried.length).toBeGreaterThanOrEqual(13)
  expect(tried.length).toBeLessThanOrEqual(17)
})

test('a store that cannot say what is due is asked once a sweep', async () => {
  const clock = fakeClock()
  let down = false
  let asked = 0
  const s = scene({
    clock,
    store: wired(memoryStore({ clock }), {
      async before(method) {
        if (method !== 'due') return
        asked += 1
        if (down) throw new Error('down')
      },
    }),
  })
  const call = attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })('users'))
  await s.only()
  await clock.advance('59m')
  down = true
  const before = asked
  await clock.advance('10m')
  expect(asked - before).toBeLessThanOrEqual(12)
  down = false
  await clock.advance('2m')
  expect(call.code).toBe('ERR_APPROVAL_EXPIRED')
})

test('I6: a delivery that hangs when it is tried again holds up no deadline', async () => {
  const s = scene({ timeouts: { delivery: '3h' }, coalesce: false })
  s.desk.onDeliver = async () => {
    throw new Error('the channel is away')
  }
  const calls = [1, 2].map((n) => attempt(s.gate.requireApproval(s.effect, { action: 'a.run' })(n)))
  await settle()
  s.desk.onDeliver = () => new Promise(() => {})
  await s.clock.advance('61m')
  expect(calls.map(({ code }) => code)).toEqual(['ERR_APPROVAL_EXPIRED', 'ERR_APPROVAL_EXPIRED'])
})

test('what does not move, however much of it there is, is looked past a bounded number of times', async () => {
  let asked = 0
  const engine = {
    settings: { sweepMs: 1_000 },
    store: {
      now: () => 0,
      due(limit: number) {
        asked += 1
        // Due by the store's clock, and not yet by ours.
        const requests = Array.from({ length: limit }, (_, n) => ({ id: `r-${n}`, status: 'executing' }))
        return { requests, nextAt: 0 }
      },
    },
  } as unknown as Engine
  expect(await createDueMoves(() => engine)(), 'no sweep at once').toBeNull()
  expect(asked).toBe(50)
})
