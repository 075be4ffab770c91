import { eventHash, type Json, type JsonObject } from '@gatewright/core'
import reference from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAuditLogError } from '../errors'
import {
  chainHash,
  decodeEntry,
  decodeEvent,
  encodeEntry,
  encodeEvent,
  MAX_ENTRY_BYTES,
  readEntry,
} from './entry'
import type { LogEvent } from './log-event'

const event: LogEvent = {
  data: { a: 1, b: 'two' },
  id: 'call_1/2',
  previous: '0'.repeat(64),
  seq: 2,
  source: 'ops-bot',
  subject: 'call_1',
  time: Date.UTC(2026, 10, 21, 10),
  type: 'request.created',
}
const text = `{"data":{"a":1,"b":"two"},"id":"call_1/2","previous":"${'0'.repeat(64)}","seq":2,"source":"ops-bot","specversion":"1.0","subject":"call_1","time":"2026-11-21T10:00:00.000Z","type":"dev.gatewright.request.created"}`

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return isAuditLogError(error) ? error.code : `not ours: ${error}`
  }
  return 'accepted'
}

const codeOfText = (entry: string): string => codeOf(() => decodeEntry(Buffer.from(entry)))
const codeOfEvent = (fields: object): string => codeOf(() => encodeEntry({ ...event, ...fields }))

const awkward = fc.constantFrom(
  '10',
  '9',
  '',
  '__proto__',
  'constructor',
  'toJSON',
  'ü',
  '😀',
  '\ufb33',
  '"\\\u0000',
  '\\ud800',
)
const name = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), awkward)
const json = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'medium' },
    name,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom<Json>(-0, 1e21, 5e-324, null, true),
    fc.array(tie('any')),
    fc.dictionary(name, tie('any'), { noNullPrototype: true }),
  ),
  data: fc.dictionary(name, tie('any'), { noNullPrototype: true }),
}))
const anyEvent: fc.Arbitrary<LogEvent> = fc
  .record({
    data: json.data as fc.Arbitrary<JsonObject>,
    seq: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 ** 31 - 1 })),
    subject: name.filter((subject) => subject !== ''),
    source: fc.oneof(
      name.filter((source) => source !== ''),
      fc.webUrl(),
      fc.constantFrom('%41', 'a:b', '1a:b', '//x:y'),
    ),
    time: fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }),
    type: fc.constantFrom<LogEvent['type']>('request.created', 'execution.late-outcome', 'log.rotated-key'),
  })
  .map((parts) => ({
    ...parts,
    id: `${parts.subject}/${parts.seq}`,
    previous: parts.seq === 1 ? null : 'ab'.repeat(32),
  }))

describe('an entry', () => {
  test('is the event as CloudEvents JSON, to the byte', () => {
    expect(encodeEntry(event).toString()).toBe(text)
    expect(decodeEntry(Buffer.from(text))).toEqual(event)
  })

  test('of the first event of a subject has no previous', () => {
    const first = { ...event, id: 'call_1/1', seq: 1, previous: null }
    const entry = encodeEntry(first)
    expect(entry.toString()).not.toContain('previous')
    expect(decodeEntry(entry)).toEqual(first)
  })

  test('gives back whatever event was put in, in canonical bytes, with the hash of its chain', () => {
    fc.assert(
      fc.property(anyEvent, (given) => {
        const entry = encodeEntry(given)
        // Negative zero is written as zero: JSON knows one of them.
        const expected = JSON.parse(JSON.stringify(given))
        expect(readEntry(entry)).toEqual({ event: expected, hash: eventHash(expected) })
        expect(chainHash(given)).toBe(eventHash(expected))
        expect(reference(JSON.parse(entry.toString()))).toBe(entry.toString())
      }),
      { numRuns: 300 },
    )
  })

  test('has a source that is a URI reference, and only one', () => {
    fc.assert(
      fc.property(anyEvent, ({ source, ...rest }) => {
        const written: string = JSON.parse(encodeEntry({ ...rest, source }).toString()).source
        expect(written).toMatch(/^[\w.~/:@!*'()%-]+$/)
        expect(written).not.toMatch(/%(?![0-9A-F]{2})/)
        // Relative references have no colon in their first segment, and a scheme begins with a letter.
        if (written.includes(':')) expect(written).toMatch(/^[A-Za-z][A-Za-z0-9+.-]*:/)
      }),
    )
    expect(codeOfText(text.replace('ops-bot', 'ops%2Dbot'))).toBe('ERR_LOG_ENTRY_INVALID')
    expect(codeOfText(text.replace('ops-bot', 'a%3ab'))).toBe('ERR_LOG_ENTRY_INVALID')
    expect(codeOfText(text.replace('ops-bot', '%ff'))).toBe('ERR_LOG_ENTRY_INVALID')
  })

  test.each([
    ['a wrong id', { id: 'call_1/3' }],
    ['no subject', { subject: '', id: '/2' }],
    ['a lone surrogate in its subject', { subject: '\ud800', id: '\ud800/2' }],
    ['a lone surrogate in its data', { data: { a: '\udc00' } }],
    ['a lone surrogate in a key', { data: { '\udc00': 1 } }],
    ['a lone surrogate in its source', { source: '\ud800' }],
    ['an empty source', { source: '' }],
    ['NaN in its data', { data: { a: Number.NaN } }],
    ['undefined in its data', { data: { a: undefined } }],
    ['a hole in its data', { data: { a: new Array(2) } }],
    ['a date in its data', { data: { a: new Date(0) } }],
    ['a toJSON in its data', { data: { a: { toJSON: () => 1 } } }],
    ['a bigint in its data', { data: { a: 1n } }],
    ['data that is a list', { data: [] }],
    ['data that is null', { data: null }],
    ['nesting without end', { data: nested(1_001) }],
    ['a time that is no integer', { time: 0.5 }],
    ['a time after the year 9999', { time: 253_402_300_800_000 }],
    ['a seq of 0', { seq: 0, id: 'call_1/0' }],
    ['a seq beyond 32 bits', { seq: 2 ** 31, id: `call_1/${2 ** 31}` }],
    ['a previous in capitals', { previous: 'A'.repeat(64) }],
    ['no previous after the first', { previous: null }],
    ['a previous at the first', { seq: 1, id: 'call_1/1' }],
    ['a type without a dot', { type: 'created' }],
    ['a type that breaks out', { type: 'a.b","x":"' }],
  ])('is not made of an event with %s', (_what, fields) => {
    expect(codeOfEvent(fields)).toBe('ERR_LOG_ENTRY_INVALID')
  })

  test('has 64,000 bytes at most, to write and to read', () => {
    const room = MAX_ENTRY_BYTES - encodeEntry({ ...event, data: { a: '' } }).length
    const full = { ...event, data: { a: 'x'.repeat(room) } }
    expect(encodeEntry(full).length).toBe(64_000)
    expect(decodeEntry(encodeEntry(full))).toEqual(full)
    expect(codeOfEvent({ data: { a: 'x'.repeat(room + 1) } })).toBe('ERR_LOG_ENTRY_TOO_LARGE')
    expect(codeOfText(text.padEnd(64_001))).toBe('ERR_LOG_ENTRY_TOO_LARGE')
    // Bytes, not characters.
    expect(codeOfEvent({ data: { a: 'ü'.repeat(room / 2 + 1) } })).toBe('ERR_LOG_ENTRY_TOO_LARGE')
  })
})

describe('hostile bytes are refused', () => {
  const inData = (data: string): string => text.replace('{"a":1,"b":"two"}', data)

  test('the sample and its data are accepted as they stand', () => {
    expect(codeOfText(text)).toBe('accepted')
    for (const data of [
      '{}',
      '{"__proto__":{"x":1}}',
      '{"a":"\\\\ud800"}',
      '{"10":1,"9":2}',
      '{"a":"\\u0000"}',
      '{"a":1e+21}',
    ])
      expect(codeOfText(inData(data)), data).toBe('accepted')
  })

  test.each([
    ['a repeated key in the data', inData('{"a":1,"a":1}')],
    ['a repeated key deep in the data', inData('{"a":[{"x":1,"x":1}]}')],
    ['a repeated member', text.replace('"seq":2', '"seq":2,"seq":2')],
    ['a repeated __proto__', inData('{"__proto__":{},"__proto__":{}}')],
    ['a key written with an escape', inData('{"\\u0061":1}')],
    ['1.0 for 1', inData('{"a":1.0}')],
    ['1e0 for 1', inData('{"a":1e0}')],
    ['1E21 for 1e+21', inData('{"a":1E21}')],
    ['negative zero', inData('{"a":-0}')],
    ['a number that JSON readers round', inData('{"a":9007199254740993}')],
    ['a number beyond all', inData('{"a":1e400}')],
    ['keys out of order', inData('{"b":1,"a":1}')],
    ['integer keys in numeric order', inData('{"9":2,"10":1}')],
    ['a space', inData('{"a": 1}')],
    ['a newline after it', `${text}\n`],
    ['a byte order mark', `\ufeff${text}`],
    ['an escaped letter', inData('{"a":"\\u0041"}')],
    ['an escaped slash', inData('{"a":"\\/"}')],
    ['a capital escape', inData('{"a":"\\u001F"}')],
    ['a lone surrogate as an escape', inData('{"a":"\\ud800"}')],
    ['a surrogate pair as escapes', inData('{"a":"\\ud83d\\ude00"}')],
    ['a lone surrogate as a key', inData('{"\\udfff":1}')],
    ['data that is a list', inData('[]')],
    ['data that is null', inData('null')],
    ['a member more', text.replace('"specversion"', '"extra":1,"specversion"')],
    ['a __proto__ beside', text.replace('{"data"', '{"__proto__":{},"data"')],
    ['a member less', text.replace('"seq":2,', '')],
    ['members out of order', text.replace('"seq":2,"source":"ops-bot"', '"source":"ops-bot","seq":2')],
    ['a previous that is null', text.replace(`"${'0'.repeat(64)}"`, 'null')],
    ['a seq that is a text', text.replace('"seq":2', '"seq":"2"')],
    ['another version', text.replace('"1.0"', '"1.1"')],
    ["somebody else's type", text.replace('dev.gatewright.', 'com.example.')],
    ['a time with an offset', text.replace('10:00:00.000Z', '10:00:00.000+00:00')],
    ['a time without milliseconds', text.replace('.000Z', 'Z')],
    ['a day that there is not', text.replace('2026-11-21', '2026-02-30')],
    ['a time that is a number', text.replace('"2026-11-21T10:00:00.000Z"', '1')],
    ['an id of another subject', text.replace('call_1/2', 'call_2/2')],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['nesting without end', inData(`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)],
  ])('%s', (_what, entry) => {
    expect(codeOfText(entry)).toBe('ERR_LOG_ENTRY_INVALID')
  })

  test.each([
    ['a byte that is no UTF-8', [0xff]],
    ['a surrogate in UTF-8', [0xed, 0xa0, 0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    // Three bytes that decode to one U+FFFD, which has three bytes too.
    ['a cut sequence', [0xf0, 0x90, 0x80]],
  ])('%s', (_what, bytes) => {
    const [before = '', after = ''] = text.split('two')
    const entry = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)])
    expect(codeOf(() => decodeEntry(entry))).toBe('ERR_LOG_ENTRY_INVALID')
  })

  test('and any byte of an entry that is flipped gives another event, or none', () => {
    const entry = Buffer.from(text)
    for (let at = 0; at < entry.length * 8; at += 1) {
      const flipped = Buffer.from(entry)
      flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7))
      try {
        expect(decodeEntry(flipped)).not.toEqual(event)
      } catch (error) {
        expect(isAuditLogError(error)).toBe(true)
      }
    }
  })

  test('the error says where, and does not repeat what stands there', () => {
    const place = { file: 'journal/1.log', offset: 7, index: 3 }
    try {
      decodeEntry(Buffer.from('{"secret":"hunter2"}'), place)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_LOG_ENTRY_INVALID', place })
      expect(String(error)).not.toContain('hunter2')
    }
  })
})

function nested(depth: number): JsonObject {
  let data: JsonObject = {}
  for (let at = 0; at < depth; at += 1) data = { a: data }
  return data
}

test('an event of any size travels in the same form, and comes back equal', () => {
  const large = { ...event, data: { text: 'é'.repeat(MAX_ENTRY_BYTES) } }
  expect(encodeEvent(event)).toEqual(encodeEntry(event))
  expect(decodeEvent(encodeEvent(large))).toEqual(large)
  expect(codeOf(() => decodeEntry(encodeEvent(large)))).toBe('ERR_LOG_ENTRY_TOO_LARGE')
  expect(codeOf(() => decodeEvent(Buffer.from(text.replace('{"data"', '{ "data"'))))).toBe(
    'ERR_LOG_ENTRY_INVALID',
  )
})
