import {
  type ApprovalRequest,
  type AuditEvent,
  checkCreation,
  checkTransition,
  eventHash,
  isDecided,
  isFinished,
  type RequestStatus,
  sha256Hex,
  type Transition,
} from '@gatewright/core'
import { sampleEvent, sampleRequest } from '@gatewright/testing'
import { describe, expect, test } from 'vitest'
import { attempt, scene } from '../../test/scene'
import { LEGAL_FROM } from '../engine/lifecycle'

const stored = sampleRequest('r-1', { version: 3, lastEvent: { seq: 4, hash: 'h' } })
const eventOf = (seq: number, subject = 'r-1'): AuditEvent => sampleEvent(subject, seq)

function moveTo(fields: Partial<ApprovalRequest>, ...events: readonly AuditEvent[]): Transition {
  const lastEvent = { seq: 4 + events.length, hash: 'h' }
  return { fromVersion: 3, next: { ...stored, version: 4, lastEvent, ...fields }, events }
}

const illegal = expect.objectContaining({ code: 'ERR_TRANSITION_ILLEGAL', requestId: 'r-1' }) as Error

describe('what a store author checks', () => {
  test('a request begins at version 1, with the first event of its chain', () => {
    const request = { ...stored, version: 1, lastEvent: { seq: 2, hash: 'h' } }
    expect(() => checkCreation(request, [eventOf(1), eventOf(2)])).not.toThrow()
    for (const [wrong, events] of [
      [{ ...request, version: 2 }, [eventOf(1), eventOf(2)]],
      [{ ...request, version: 0 }, [eventOf(1), eventOf(2)]],
      [request, [eventOf(1)]],
      [request, []],
      [request, [eventOf(2), eventOf(1)]],
      [request, [eventOf(1), eventOf(2, 'r-2')]],
      [request, [eventOf(1), { ...eventOf(2), id: 'r-2/2' }]],
    ] as const) {
      expect(() => checkCreation(wrong, events)).toThrow(illegal)
    }
  })

  test('a move leads to the next version, and its events go on where the chain stands', () => {
    expect(() => checkTransition(moveTo({}, eventOf(5)), stored)).not.toThrow()
    expect(() => checkTransition(moveTo({}, eventOf(5), eventOf(6)), stored)).not.toThrow()
    for (const wrong of [
      moveTo({ version: 5 }, eventOf(5)),
      moveTo({ version: Number.NaN }, eventOf(5)),
      { ...moveTo({ version: 6 }, eventOf(5)), fromVersion: 5 },
      moveTo({ lastEvent: { seq: 6, hash: 'h' } }, eventOf(5)),
      moveTo({}, eventOf(6)),
      moveTo({}, eventOf(5), eventOf(5)),
      moveTo({}, eventOf(5, 'r-2')),
    ]) {
      expect(() => checkTransition(wrong, stored)).toThrow(illegal)
    }
    expect(() => checkTransition(moveTo({ id: 'r-2' }), stored)).toThrow(illegal)
  })

  test('a request is finished once no move leads to a run', () => {
    const statuses = new Set<RequestStatus>([...Object.values(LEGAL_FROM).flat(), 'succeeded', 'rejected'])
    const unfinished = [...statuses].filter((status) => !isFinished({ status }))
    expect(unfinished.sort()).toEqual(['approved', 'executing', 'pending'])
  })

  test('a request is decided by an approval, whatever came after, and by a rejection', () => {
    expect(isDecided({ status: 'lapsed', approvedAt: 5 })).toBe(true)
    expect(isDecided({ status: 'rejected', approvedAt: null })).toBe(true)
    expect(isDecided({ status: 'expired', approvedAt: null })).toBe(false)
  })
})

describe('the hash of an event', () => {
  test('is what its successor carries, also when a database kept no order of keys', async () => {
    const s = scene()
    const call = attempt(
      s.gate.requireApproval(s.effect, { action: 'a.run', parameters: ['b', 'a'] })({ z: 1, y: ['ü'] }, 'x'),
    )
    const { id } = await s.only()
    await s.approve(id)
    await call.ended
    await s.types()
    const chain = s.audit.events.filter(({ subject }) => subject === id)
    expect(chain.length).toBeGreaterThan(3)
    for (const [index, event] of chain.slice(1).entries()) {
      const before = chain[index] as AuditEvent
      expect(event.previous).toBe(eventHash(before))
      expect(event.previous).toBe(eventHash(shuffled(before) as AuditEvent))
      expect(event.previous).toBe(sha256Hex(JSON.stringify(before)))
    }
  })
})

/** The same value, with the keys of every object in another order. */
function shuffled(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(shuffled)
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner)]),
  )
}
