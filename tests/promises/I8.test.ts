import { memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { attempt, STORE_METHODS, scene, settle, tape, wired } from '../../packages/core/test/scene'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

/** A wire that can be cut: from then on no call reaches the store, and no answer comes back. */
function cuttable() {
  let calls = 0
  let cutAt = Number.POSITIVE_INFINITY
  const hang = () => new Promise<void>(() => {})
  return {
    cutAfter: (count: number) => {
      cutAt = calls + count
    },
    async before() {
      calls += 1
      if (calls > cutAt) await hang()
    },
    async after() {
      if (calls >= cutAt) await hang()
    },
  }
}

describe('I8: nothing lost', () => {
  test('I8: a process that dies at any call of the store loses nothing, and nothing is run again by itself', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 40 }),
        fc.constantFrom('hold', 'run'),
        fc.boolean(),
        async (calls, onOrphan, voteFirst) => {
          const clock = fakeClock()
          const shared = memoryStore({ clock })
          const wire = cuttable()
          const dying = scene({ clock, store: wired(shared, wire), audit: tape('first') })
          await dying.gate.start()
          wire.cutAfter(calls)
          const tool = dying.gate.requireApproval(dying.effect, {
            action: 'data.export',
            key: () => 'k',
            onOrphan: onOrphan as 'hold',
          })
          const call = attempt(tool('users'))
          await settle()
          if (voteFirst) {
            const { requests } = await shared.list({ status: 'pending' })
            for (const { id } of requests) void attempt(dying.approve(id))
            await settle()
          }
          const before = (await shared.list({})).requests[0]
          const ranBefore = dying.runs.length

          // The process is gone; after its lease another one takes over.
          const heir = dying.neighbour({ store: shared, audit: tape('second') })
          const again = heir.gate.requireApproval(heir.effect, {
            action: 'data.export',
            key: () => 'k',
            onOrphan: onOrphan as 'hold',
          })
          await heir.gate.start()
          await clock.advance('7m')
          const after = (await shared.list({})).requests[0]
          if (before === undefined) {
            expect(after).toBeUndefined()
            expect(ranBefore).toBe(0)
            return
          }
          expect(after?.id).toBe(before.id)
          expect(after?.votes.map(({ id }) => id)).toEqual(before.votes.map(({ id }) => id))
          if (before.status === 'executing') expect(after?.status).toBe('unknown')
          expect(heir.runs.length).toBeLessThanOrEqual(1)
          if (ranBefore > 0) expect(heir.runs).toHaveLength(ranBefore)

          // The same call, made again, finds its request and never runs what may have run.
          const repeated = attempt(again('users'))
          for (const { id } of await heir.pending()) await heir.approve(id)
          await clock.advance('2m')
          expect(repeated.state).not.toBe('waiting')
          expect(heir.runs).toHaveLength(
            repeated.code === 'ERR_EXECUTION_BLOCKED' || repeated.code === 'ERR_EXECUTION_UNKNOWN'
              ? ranBefore
              : 1,
          )
          if (call.state === 'resolved') expect(repeated.code).toBe('ERR_ALREADY_EXECUTED')
          expect(await shared.outbox.unpublished({ logId: 'second', limit: 100 })).toEqual([])
        },
      ),
      { numRuns: 70 },
    )
  })

  test('I8: an outcome that the store did not take is offered again until it does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.integer({ min: 1, max: 4 }), async (done, failures) => {
        const clock = fakeClock()
        const shared = memoryStore({ clock })
        let left = failures
        const lose = async (method: string, args: readonly unknown[]) => {
          const finish =
            method === 'transition' && (args[0] as { next: { status: string } }).next.status === 'succeeded'
          if (finish && left > 0) {
            left -= 1
            throw new Error('connection reset')
          }
        }
        const s = scene({ clock, store: wired(shared, done ? { after: lose } : { before: lose }) })
        const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
        const { id } = await s.only()
        await s.approve(id)
        await settle()
        // I7: the caller still gets the result.
        expect(call.value).toBe('done')
        await s.clock.advance('10m')
        expect((await s.request(id)).status).toBe('succeeded')
        expect((await s.types(id)).filter((type) => type.startsWith('execution.'))).toEqual([
          'execution.started',
          'execution.succeeded',
        ])
        expect(s.runs).toHaveLength(1)
        await s.close()
      }),
      { numRuns: 12 },
    )
  })

  test.each(STORE_METHODS)(
    'I8: a store that fails once in %s loses nothing and runs nothing twice',
    async (broken) => {
      for (const side of ['before', 'after'] as const) {
        for (let nth = 0; nth < 4; nth += 1) {
          const clock = fakeClock()
          const shared = memoryStore({ clock })
          let count = 0
          const fail = async (method: string) => {
            if (method === broken && count++ === nth) throw new Error('connection reset')
          }
          const s = scene({ clock, store: wired(shared, { [side]: fail }) })
          const tool = s.gate.requireApproval(s.effect, {
            action: 'data.export',
            key: () => 'k',
            keepResult: true,
          })
          for (let call = 0; call < 4 && s.runs.length === 0; call += 1) {
            void attempt(tool('users'))
            await settle()
            for (const { id } of (await shared.list({ status: 'pending' })).requests)
              await attempt(s.approve(id)).ended
            await clock.advance('3m')
          }
          const last = attempt(tool('users'))
          await clock.advance('3m')
          const { requests } = await shared.list({})
          expect(requests).toHaveLength(1)
          expect(s.runs.length).toBeLessThanOrEqual(1)
          if (s.runs.length > 0) continue
          // A claim whose answer was lost is closed as blocked; an approval that could not be checked again has fallen.
          const ends = [
            ['blocked', 'ERR_EXECUTION_BLOCKED'],
            ['invalidated', 'ERR_APPROVAL_INVALIDATED'],
          ]
          expect(ends).toContainEqual([requests[0]?.status, last.code])
        }
      }
    },
  )
})
