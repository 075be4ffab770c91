import { memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { ada, attempt, ben, cleo, jittery, scene, settle, wired } from '../../packages/core/test/scene'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

const delays = fc.array(fc.nat({ max: 12 }), { maxLength: 40 })

/** Several processes over one store, each behind a wire of its own. */
function processes(count: number, wires: readonly (readonly number[])[]) {
  const clock = fakeClock()
  const shared = memoryStore({ clock })
  const first = scene({ clock, store: wired(shared, jittery(wires[0] ?? [])), wait: 'inline' })
  const others = Array.from({ length: count - 1 }, (_, index) =>
    first.neighbour({ store: wired(shared, jittery(wires[index + 1] ?? [])) }),
  )
  return { clock, shared, all: [first, ...others] }
}

describe('I3: once', () => {
  test('I3: of any number of callers with one key, in any number of processes, one runs', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(delays, { maxLength: 3 }),
        async (count, callers, wires) => {
          const { all, shared, clock } = processes(count, wires)
          const calls = all.flatMap((one) => {
            const tool = one.gate.requireApproval(one.effect, {
              action: 'data.export',
              key: () => 'k',
              keepResult: true,
            })
            return Array.from({ length: callers }, () => attempt(tool('users')))
          })
          await clock.advance('1s')
          const { requests } = await shared.list({})
          expect(requests).toHaveLength(1)
          const { id } = requests[0] ?? { id: '' }
          const voters = [ada, ben, cleo]
          await Promise.all(all.map((one, index) => one.approve(id, voters[index])))
          await clock.advance('3m')
          await Promise.all(calls.map(({ ended }) => ended))

          expect(all[0]?.runs).toHaveLength(1)
          expect(calls.map(({ value }) => value)).toEqual(calls.map(() => 'done'))
          const starts = all.flatMap(({ audit }) =>
            audit.events.filter(({ type }) => type === 'execution.started'),
          )
          expect(new Set(starts.map((event) => event.id)).size).toBe(1)
          const decided = all.flatMap(({ audit }) =>
            audit.events.filter(({ type }) => type === 'request.approved'),
          )
          expect(new Set(decided.map((event) => event.id)).size).toBe(1)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('I3: an approval is used up by one execution, however often and wherever it is resumed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(delays, { maxLength: 3 }),
        fc.integer({ min: 1, max: 4 }),
        async (wires, times) => {
          const { all, clock } = processes(3, wires)
          const [first] = all
          if (first === undefined) return
          const tools = all.map((one) => one.gate.requireApproval(one.effect, { action: 'data.export' }))
          const asked = attempt(
            first.gate.as({ wait: 'suspend' }, () =>
              (tools[0] as (...args: unknown[]) => Promise<string>)('users'),
            ),
          )
          await clock.advance('1s')
          expect(asked.code).toBe('ERR_APPROVAL_PENDING')
          const { id } = await first.only()
          await first.approve(id)
          // A gate knows a function once it was called there; a denied key conflict would do, a suspended call is simplest.
          const resumed = all
            .slice(0, 1)
            .flatMap((one) => Array.from({ length: times + 1 }, () => attempt(one.gate.resume(id))))
          await clock.advance('3m')
          expect(first.runs).toHaveLength(1)
          expect(resumed.filter(({ state }) => state === 'resolved')).toHaveLength(1)
          for (const one of resumed.filter(({ state }) => state !== 'resolved'))
            expect(one.code).toBe('ERR_ALREADY_EXECUTED')
        },
      ),
      { numRuns: 30 },
    )
  })

  test('I3: retention leaves enough of a key to refuse a second run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.boolean(), async (key, fails) => {
        const s = scene()
        let ran = 0
        const tool = s.gate.requireApproval(
          async () => {
            ran += 1
            if (fails) throw new Error('out of paper')
          },
          { action: 'data.export', key: () => key },
        )
        const call = attempt(tool())
        await settle()
        const { id } = await s.only()
        await s.approve(id)
        await call.ended
        await settle()
        expect(await s.store.forget(id)).toBe(true)
        const again = attempt(tool())
        await settle()
        expect(again.code).toBe('ERR_ALREADY_EXECUTED')
        expect(await s.pending()).toEqual([])
        expect(ran).toBe(1)
        await s.close()
      }),
      { numRuns: 20 },
    )
  })

  test('I3: a claim whose answer is lost never runs later, and never twice', async () => {
    const clock = fakeClock()
    const shared = memoryStore({ clock })
    for (const [done, name] of [
      [true, 'after'],
      [false, 'before'],
    ] as const) {
      let cut = true
      const lose = async (method: string, args: readonly unknown[]) => {
        const starts =
          method === 'transition' && (args[0] as { next: { status: string } }).next.status === 'executing'
        if (starts && cut) {
          cut = false
          throw new Error('connection reset')
        }
      }
      const s = scene({ clock, store: wired(shared, { [name]: lose }) })
      const tool = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => `k-${name}` })
      const call = attempt(tool('users'))
      await settle()
      const { id } = await s.only()
      await s.approve(id)
      await call.ended
      expect(call.code).toBe('ERR_STORE_UNAVAILABLE')
      await s.clock.advance('2m')
      expect(s.runs).toHaveLength(0)
      // The claim that was taken is closed as what it was; the one that was not leaves the approval to be used.
      expect((await s.request(id)).status).toBe(done ? 'blocked' : 'approved')
      const again = attempt(tool('users'))
      await again.ended
      expect(again.code).toBe(done ? 'ERR_EXECUTION_BLOCKED' : undefined)
      expect(s.runs).toHaveLength(done ? 0 : 1)
      await s.close()
    }
  })
})
