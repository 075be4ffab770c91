import { createHash } from 'node:crypto'
import { type AuditEvent, memoryStore } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import {
  ada,
  attempt,
  ben,
  type StoreMethod,
  scene,
  settle,
  tape,
  wired,
} from '../../packages/core/test/scene'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

/** The test's own RFC 8785: enough for events, whose strings JSON.stringify writes the same way. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`
  }
  return JSON.stringify(value)
}

/** Chains without holes: numbered from 1, each carrying the hash of the one before. */
function expectChains(events: readonly AuditEvent[]): void {
  const heads = new Map<string, AuditEvent>()
  for (const event of events) {
    const before = heads.get(event.subject)
    expect(event.id).toBe(`${event.subject}/${event.seq}`)
    expect(event.seq).toBe((before?.seq ?? 0) + 1)
    expect(event.previous).toBe(
      before === undefined ? null : createHash('sha256').update(canonical(before)).digest('hex'),
    )
    heads.set(event.subject, event)
  }
}

type Step =
  | 'approve'
  | 'approve too'
  | 'reject'
  | 'cancel'
  | 'expire'
  | 'fail'
  | 'hang'
  | 'heal'
  | 'minutes'
  | 'call'
const STEPS: readonly Step[] = [
  'approve',
  'approve too',
  'reject',
  'cancel',
  'expire',
  'fail',
  'hang',
  'heal',
  'minutes',
  'call',
]

describe('I7: nothing unrecorded', () => {
  test('I7: whatever the sink does, a run finds its whole story in the log before it, and safe moves never wait for it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...STEPS), { maxLength: 14 }), async (steps) => {
        const audit = tape()
        const s = scene({
          audit,
          rateLimit: false,
          coolDown: false,
          timeouts: { audit: '10s' },
          requirement: { reviewers: { type: 'group', name: 'ops' }, within: '2h' },
        })
        /** What the log held when the function began. */
        const before: { readonly subject: string; readonly log: readonly AuditEvent[] }[] = []
        const tool = s.gate.requireApproval(
          async () => {
            const { currentSession } = await import('@gatewright/core')
            before.push({ subject: currentSession()?.requestId ?? '', log: [...audit.events] })
          },
          { action: 'data.export' },
        )
        await s.gate.start()
        const safeMoves: [string, string][] = []
        for (const step of steps) {
          const [request] = await s.pending()
          switch (step) {
            case 'call':
              void attempt(tool())
              break
            case 'approve':
            case 'approve too':
              if (request) await s.approve(request.id, step === 'approve' ? ada : ben)
              break
            case 'reject':
              if (request) await s.reject(request.id).then(() => safeMoves.push([request.id, 'rejected']))
              break
            case 'cancel':
              if (request)
                await s.gate.cancel(request.id).then(() => safeMoves.push([request.id, 'cancelled']))
              break
            case 'expire':
              await s.clock.advance('2h')
              if (request) safeMoves.push([request.id, 'expired'])
              break
            case 'fail':
              audit.failing = () => true
              break
            case 'hang':
              audit.hanging = () => true
              break
            case 'heal':
              audit.failing = null
              audit.hanging = null
              break
            case 'minutes':
              await s.clock.advance('2m')
              break
          }
          await settle()
        }
        for (const [id, status] of safeMoves) expect((await s.request(id)).status).toBe(status)
        for (const { subject, log } of before) {
          const story = log.filter((event) => event.subject === subject).map(({ type }) => type)
          expect(story[0]).toBe('request.created')
          expect(story).toContain('request.vote-cast')
          expect(story).toContain('request.approved')
          expect(story.at(-1)).toBe('execution.started')
        }
        audit.failing = null
        audit.hanging = null
        await s.clock.advance('5m')
        expectChains(audit.events)
        expect(await s.store.outbox.unpublished({ logId: audit.logId, limit: 10 })).toEqual([])
        await s.close()
      }),
      { numRuns: 60 },
    )
  })

  test('I7: an outcome that cannot be published reaches the caller, and seals the gate', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.boolean(), fc.boolean(), async (reviewed, throws, hangs) => {
        const audit = tape()
        const s = scene({
          audit,
          policy: reviewed ? [] : [{ id: 'all', version: 1, decide: () => ({ effect: 'allow' }) }],
        })
        const sealed: string[] = []
        s.gate.on('sealed', ({ reason }) => void sealed.push(reason))
        const boom = new Error('the function threw')
        let ran = 0
        const tool = s.gate.requireApproval(
          async () => {
            ran += 1
            const broken = (events: readonly AuditEvent[]) =>
              events.some(({ type }) => type === 'execution.succeeded' || type === 'execution.failed')
            if (hangs) audit.hanging = broken
            else audit.failing = broken
            if (throws) throw boom
            return 'the result'
          },
          { action: 'data.export' },
        )
        const call = attempt(tool())
        await settle()
        if (reviewed) await s.approve((await s.only()).id)
        await s.clock.advance('1m')
        if (throws) expect(call.error).toBe(boom)
        else expect(call.value).toBe('the result')
        expect(sealed).toHaveLength(1)
        const next = attempt(tool())
        await s.clock.advance('1m')
        expect(next.code).toBe('ERR_GATE_SEALED')
        expect(next.message).toMatch(/nothing was executed/i)
        expect(ran).toBe(1)
        await s.close()
      }),
      { numRuns: 16 },
    )
  })

  test('I7: an event is in the store exactly when its move is', async () => {
    const clock = fakeClock()
    const methods: readonly StoreMethod[] = ['create', 'transition']
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...methods),
        fc.nat({ max: 4 }),
        fc.boolean(),
        async (method, nth, done) => {
          const shared = memoryStore({ clock })
          let count = 0
          const cut = async (called: StoreMethod) => {
            if (called === method && count++ === nth) throw new Error('connection reset')
          }
          const s = scene({ clock, store: wired(shared, done ? { after: cut } : { before: cut }) })
          void attempt(s.gate.requireApproval(s.effect, { action: 'data.export', key: () => 'k' })('users'))
          await settle()
          for (const request of await s.pending()) await attempt(s.approve(request.id)).ended
          await s.clock.advance('3m')
          const { requests } = await shared.list({})
          for (const request of requests) {
            const told = s.audit.events.filter(({ subject }) => subject === request.id)
            expect(told).toHaveLength(request.lastEvent.seq)
          }
          expectChains(s.audit.events)
          await s.close()
        },
      ),
      { numRuns: 30 },
    )
  })
})
