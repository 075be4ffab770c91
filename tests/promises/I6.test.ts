import type { CredentialBroker } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { ada, attempt, ben, scene } from '../../packages/core/test/scene'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

const MINUTE = 60_000

describe('I6: time-bound', () => {
  test('I6: a vote counts before the deadline and changes nothing after it, swept or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 * MINUTE }),
        fc.boolean(),
        fc.constantFrom('approve', 'reject'),
        async (after, jump, decision) => {
          const s = scene({ requirement: { reviewers: { type: 'group', name: 'ops' }, within: '10m' } })
          const call = attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
          const { id, expiresAt } = await s.only()
          // A clock that jumps fires no timer: the store's condition alone must hold.
          if (jump) s.clock.setNow(s.clock.now() + after)
          else await s.clock.advance(after)
          const inTime = s.clock.now() <= expiresAt && (await s.request(id)).status === 'pending'
          const receipt = decision === 'approve' ? await s.approve(id) : await s.reject(id)
          expect(receipt.status).toBe(inTime ? 'counted' : 'too-late')
          await s.clock.advance('11m')
          const { status } = await s.request(id)
          if (!inTime) {
            expect(status).toBe('expired')
            expect(call.code).toBe('ERR_APPROVAL_EXPIRED')
            expect(s.runs).toEqual([])
            const types = await s.types(id)
            expect(types).not.toContain('request.vote-cast')
            expect(types.at(-1)).toBe('request.expired')
            expect((await s.events('vote.refused')).map(({ data }) => data['reason'])).toContain('too-late')
          } else expect(s.runs).toHaveLength(decision === 'approve' ? 1 : 0)
          await s.close()
        },
      ),
      { numRuns: 60 },
    )
  })

  test('I6: an approval that nobody uses in time lapses, and is not used later', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10 * MINUTE }), fc.boolean(), async (after, jump) => {
        const s = scene({
          wait: 'suspend',
          requirement: { reviewers: { type: 'group', name: 'ops' }, useWithin: '5m' },
        })
        const tool = s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })
        await attempt(tool('users')).ended
        const { id } = await s.only()
        await s.approve(id)
        if (jump) s.clock.setNow(s.clock.now() + after)
        else await s.clock.advance(after)
        const { useBefore, status } = await s.request(id)
        const usable = status === 'approved' && s.clock.now() <= (useBefore ?? 0)
        const call = attempt(tool('users'))
        await call.ended
        expect(s.runs).toHaveLength(usable ? 1 : 0)
        expect(call.code).toBe(usable ? undefined : 'ERR_APPROVAL_LAPSED')
        if (!usable)
          expect(await s.types(id)).toEqual([
            'request.created',
            'request.vote-cast',
            'request.approved',
            'request.lapsed',
          ])
        await s.close()
      }),
      { numRuns: 40 },
    )
  })

  test('I6: a repeated or late vote changes nothing, is recorded, and is answered politely', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('approve', 'reject'), { minLength: 1, maxLength: 5 }),
        async (later) => {
          const s = scene()
          void attempt(s.gate.requireApproval(s.effect, { action: 'data.export' })('users'))
          const { id } = await s.only()
          await s.approve(id)
          const settled = await s.request(id)
          for (const decision of later) {
            const receipt = decision === 'approve' ? await s.approve(id, ben) : await s.reject(id, ben)
            expect(receipt).toMatchObject({ status: 'too-late', requestStatus: 'succeeded' })
            expect(receipt.message).toContain('succeeded')
          }
          expect((await s.approve(id, ada)).status).toBe('already-counted')
          expect(await s.request(id)).toEqual(settled)
          expect(s.runs).toHaveLength(1)
          expect(await s.events('vote.refused')).toHaveLength(later.length)
          await s.close()
        },
      ),
      { numRuns: 20 },
    )
  })

  test('I6: credentials end with the session, however it ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        async (throws, allowed, brokers) => {
          const alive = new Set<string>()
          const broker = (name: string): CredentialBroker => ({
            name,
            async issue(_session, leaseId) {
              alive.add(`${name}/${leaseId}`)
              return { secret: `secret of ${name}`, handle: `${name}/${leaseId}`, expiresAt: 0 }
            },
            async revoke(handle) {
              alive.delete(handle)
            },
          })
          const credentials = Object.fromEntries(
            Array.from({ length: brokers }, (_, index) => [`c${index}`, broker(`b${index}`)]),
          )
          const s = scene(
            allowed ? { policy: [{ id: 'all', version: 1, decide: () => ({ effect: 'allow' }) }] } : {},
          )
          let during = 0
          const tool = s.gate.requireApproval(
            async () => {
              during = alive.size
              if (throws) throw new Error('no')
            },
            { action: 'data.export', credentials },
          )
          const call = attempt(tool())
          for (const { id } of await s.pending()) await s.approve(id)
          await call.ended
          expect(during).toBe(brokers)
          expect(alive.size).toBe(0)
          expect(await s.store.credentials.list(10)).toEqual([])
          expect(await s.events('credential.revoked')).toHaveLength(brokers)
          await s.close()
        },
      ),
      { numRuns: 16 },
    )
  })
})
