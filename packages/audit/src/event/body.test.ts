import { eventHash, sha256Hex } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { bodyReference, packEntry, restoreBody } from './body'
import { chainHash, decodeEntry, encodeEntry } from './entry'
import type { LogEvent } from './log-event'

const event: LogEvent = {
  data: { z: 1, a: 'ü'.repeat(40_000) },
  id: 'call_1/1',
  previous: null,
  seq: 1,
  source: 'bot',
  subject: 'call_1',
  time: 0,
  type: 'request.created',
}

describe('data that does not fit', () => {
  const { entry, body } = packEntry(event)
  const bytes = body?.bytes ?? Buffer.alloc(0)

  test('is replaced by its digest and length, and handed back in canonical form', () => {
    expect(body?.digest).toBe(sha256Hex(bytes))
    expect(bytes.toString()).toBe(`{"a":"${'ü'.repeat(40_000)}","z":1}`)
    expect(decodeEntry(entry)).toEqual({ ...event, data: { body: body?.digest, bytes: 80_014 } })
    expect(bytes).toHaveLength(80_014)
  })

  test('comes back, with the hash that the next event carries', () => {
    const restored = restoreBody(decodeEntry(entry), bytes)
    expect(restored).toEqual(event)
    expect(chainHash(restored)).toBe(eventHash(event as Parameters<typeof eventHash>[0]))
  })

  test('is refused when it is not the very data', () => {
    const stored = decodeEntry(entry)
    const changed = Buffer.from(bytes)
    changed[10] = 0x41
    for (const wrong of [changed, bytes.subarray(1), Buffer.concat([bytes, Buffer.of(32)]), Buffer.alloc(0)])
      expect(() => restoreBody(stored, wrong)).toThrow(/another digest or length/)
  })

  test('is refused when its digest is right and its form is not', () => {
    for (const text of ['{"b":1,"a":1}', '{"a":1,"a":1}', '[]', 'null', '{', '{"a":"\\ud800"}', '{"a":1} ']) {
      const wrong = Buffer.from(text)
      const data = { body: sha256Hex(wrong), bytes: wrong.length }
      expect(() => restoreBody({ ...event, data }, wrong), text).toThrow(
        expect.objectContaining({ code: 'ERR_LOG_ENTRY_INVALID' }),
      )
    }
  })
})

test('data that looks like a digest is put beside too: in a log, it always is one', () => {
  const lookalike = { ...event, data: { body: '0'.repeat(64), bytes: 3 } }
  const { entry, body } = packEntry(lookalike)
  const stored = decodeEntry(entry)
  expect(bodyReference(stored)).toEqual({ body: body?.digest, bytes: body?.bytes.length })
  expect(body?.digest).not.toBe('0'.repeat(64))
  expect(restoreBody(stored, body?.bytes ?? Buffer.alloc(0))).toEqual(lookalike)
})

test('data that fits stays', () => {
  for (const data of [
    {},
    { body: 'x', bytes: 3 },
    { body: '0'.repeat(64), bytes: 3, more: 1 },
    { body: '0'.repeat(64), bytes: -1 },
  ]) {
    const small = { ...event, data }
    expect(packEntry(small)).toEqual({ entry: encodeEntry(small), body: null })
    expect(bodyReference(small)).toBeNull()
    expect(restoreBody(small, Buffer.alloc(0))).toBe(small)
  }
})

test('an event that is too large without its data has no entry', () => {
  const subject = 'x'.repeat(40_000)
  expect(() => packEntry({ ...event, subject, id: `${subject}/1` })).toThrow(
    expect.objectContaining({ code: 'ERR_LOG_ENTRY_TOO_LARGE' }),
  )
})
