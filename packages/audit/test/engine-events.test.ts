import { type AuditEvent, canonicalize, eventHash, type Json } from '@gatewright/core'
import reference from 'canonicalize'
import { beforeAll, describe, expect, test } from 'vitest'
import { chainHash, decodeEntry, encodeEntry, packEntry, readEntry } from '../src/event'
import { engineEvents } from './engine-events'

let events: readonly AuditEvent[]

beforeAll(async () => {
  const made = await engineEvents(40)
  // What opens commitments lies beside a log, and is no part of an event's form.
  events = made.map(({ openings: _, ...event }) => event)
})

describe('every event that gates really make', () => {
  test('is here, each type that there is', () => {
    const types = [...new Set(events.map(({ type }) => type))].sort()
    expect(types).toEqual([
      'audit.degraded',
      'audit.restored',
      'call.denied',
      'call.refused',
      'credential.issued',
      'credential.leased',
      'credential.revocation-failed',
      'credential.revoked',
      'delivery.failed',
      'delivery.sent',
      'execution.blocked',
      'execution.failed',
      'execution.late-outcome',
      'execution.reconciled',
      'execution.recorded',
      'execution.started',
      'execution.succeeded',
      'execution.unknown',
      'gate.closed',
      'gate.sealed',
      'gate.started',
      'grant.created',
      'grant.endorsed',
      'grant.revoked',
      'identity.linked',
      'identity.unlinked',
      'request.approved',
      'request.cancelled',
      'request.created',
      'request.edited',
      'request.escalated',
      'request.expired',
      'request.invalidated',
      'request.lapsed',
      'request.rejected',
      'request.reminded',
      'request.undeliverable',
      'request.vote-cast',
      'vote.refused',
    ])
  })

  test('comes back equal from its entry', () => {
    for (const event of events) expect(decodeEntry(encodeEntry(event))).toEqual(event)
  })

  test('is a CloudEvent in RFC 8785 form, as an independent implementation writes it', () => {
    for (const event of events) {
      const text = encodeEntry(event).toString()
      const parsed: Record<string, unknown> = JSON.parse(text)
      expect(reference(parsed)).toBe(text)
      expect(parsed).toEqual({
        data: event.data,
        id: event.id,
        ...(event.previous !== null && { previous: event.previous }),
        seq: event.seq,
        source: expect.stringMatching(/^[\w.~%/:@!*'()-]+$/),
        specversion: '1.0',
        subject: event.subject,
        time: new Date(event.time).toISOString(),
        type: `dev.gatewright.${event.type}`,
      })
    }
  })

  test('has the hash that core chains by, from the event and from the entry alike', () => {
    for (const event of events) {
      const hash = eventHash(event)
      expect(chainHash(event)).toBe(hash)
      expect(readEntry(encodeEntry(event))).toEqual({ event, hash })
    }
  })

  test('has the same bytes after a database that keeps no order of keys', () => {
    for (const event of events) {
      const shuffled = reversed(event as unknown as Json) as unknown as AuditEvent
      expect(encodeEntry(shuffled).toString()).toBe(encodeEntry(event).toString())
      expect(chainHash(shuffled)).toBe(eventHash(event))
    }
  })

  test('carries the hash of the event before it, also across the log', () => {
    const heads = new Map<string, string>()
    let linked = 0
    for (const event of events.map((made) => decodeEntry(encodeEntry(made)))) {
      const before = event.seq === 1 ? undefined : heads.get(`${event.subject}/${event.seq - 1}`)
      if (before !== undefined && event.previous === before) linked += 1
      heads.set(event.id, chainHash(event))
    }
    expect(linked).toBeGreaterThan(500)
  })

  test('fits into an entry, or is packed with its data beside', () => {
    for (const event of events) {
      const { entry, body } = packEntry(event)
      expect(body).toBeNull()
      expect(entry.equals(encodeEntry(event))).toBe(true)
    }
  })

  test('is canonical by core too', () => {
    for (const event of events) expect(canonicalize(event as unknown as Json)).toBe(reference(event))
  })
})

function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reversed(inner as Json)]),
  )
}
