import reference from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPlainlyCanonical } from './canonical-text'
import { decodeEntry, encodeEntry } from './entry'

/** Texts that all parse, and of which few are canonical: JSON as somebody who is out to deceive would write it. */
const space = fc.oneof(
  { weight: 9, arbitrary: fc.constant('') },
  fc.constantFrom(' ', '\n', '\t', '\r', '  '),
)
const numbers = fc.oneof(
  fc.integer().map(String),
  fc.maxSafeInteger().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.integer(), fc.nat(30)).map(([digits, zeros]) => `${digits}e${zeros}`),
  fc.constantFrom(
    ...[
      '0',
      '-0',
      '1e2',
      '100',
      '1E2',
      '1e+2',
      '1.0',
      '0e0',
      '10e-1',
      '1.5e3',
      '1e21',
      '1E21',
      '1e+21',
      '1e400',
    ],
    ...[
      '-1e400',
      '5e-324',
      '1e-400',
      '0.1',
      '0.10',
      '-0.0',
      '9007199254740993',
      '9007199254740992',
      '123456789012345',
    ],
    ...['1234567890123456', '1'.repeat(40), `0.${'3'.repeat(40)}`, '1000000000000000000000'],
  ),
)
const units = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...'abc:,{}[]019e.-+ ') },
  fc.constantFrom(
    '\\"',
    '\\\\',
    '\\/',
    '\\b',
    '\\f',
    '\\n',
    '\\r',
    '\\t',
    '\\u0041',
    '\\u001F',
    '\\u001f',
    '\\u0000',
  ),
  fc.constantFrom(
    '\\ud800',
    '\\udfff',
    '\\ud83d\\ude00',
    '\\uD83D',
    'ü',
    '😀',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\u007f',
    '\ufb33',
  ),
)
const texts = fc.array(units, { maxLength: 6 }).map((parts) => `"${parts.join('')}"`)
const keys = fc.oneof(
  texts,
  fc.constantFrom('"a"', '"b"', '"aa"', '"A"', '"__proto__"', '"constructor"', '"toJSON"', '"length"', '""'),
  fc.constantFrom(
    '"0"',
    '"1"',
    '"9"',
    '"10"',
    '"01"',
    '"-1"',
    '"1.5"',
    '"4294967294"',
    '"4294967295"',
    '"a1"',
  ),
)
const hostile = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'medium' },
    numbers,
    texts,
    fc.constantFrom('true', 'false', 'null'),
    fc.array(tie('any'), { maxLength: 4 }).chain((parts) => spaced(`[`, parts, `]`)),
    fc.array(fc.tuple(keys, tie('any')), { maxLength: 4 }).chain((members) =>
      spaced(
        '{',
        members.map(([key, value]) => `${key}:${value}`),
        '}',
      ),
    ),
  ),
})).any

function spaced(start: string, parts: readonly string[], end: string): fc.Arbitrary<string> {
  return fc
    .array(space, { minLength: parts.length + 1, maxLength: parts.length + 1 })
    .map((spaces) => `${start}${spaces[0]}${parts.map((part, at) => part + spaces[at + 1]).join(',')}${end}`)
}

/** Whether a text is the canonical one of what it says, by an implementation that is not ours. */
function isCanonical(text: string): boolean {
  try {
    return reference(JSON.parse(text)) === text
  } catch {
    return false
  }
}

describe('a text that is told from its tokens to be canonical', () => {
  test('is told at once, however many digits stand before what is not plain', () => {
    // As long as the plain text of what it says, so that its tokens are looked at.
    const text = `[${'123456789012345,'.repeat(1_000)}1e2]`
    expect(isPlainlyCanonical(text, JSON.parse(text))).toBe(false)
  })

  test('is canonical, whoever wrote it', () => {
    let plain = 0
    fc.assert(
      fc.property(hostile, (text) => {
        if (!isPlainlyCanonical(text, JSON.parse(text))) return
        plain += 1
        expect(reference(JSON.parse(text))).toBe(text)
      }),
      { numRuns: 20_000 },
    )
    // Or nothing was tested.
    expect(plain).toBeGreaterThan(1_000)
  })

  test('is canonical, also where little was changed in one that was', () => {
    const changes = fc.constantFrom(
      '',
      ' ',
      '"',
      ',',
      ':',
      '{',
      '}',
      '[',
      ']',
      '0',
      '1',
      'e2',
      '.0',
      '-',
      '\\',
      'a',
      '"a":1,',
    )
    const canonical = hostile.filter(isCanonical)
    fc.assert(
      fc.property(canonical, fc.nat(), fc.nat(3), changes, (text, place, taken, put) => {
        const at = place % (text.length + 1)
        const changed = text.slice(0, at) + put + text.slice(at + taken)
        // What was decoded from UTF-8 holds no half of a pair.
        if (/\p{Surrogate}/u.test(changed)) return
        let value: unknown
        try {
          value = JSON.parse(changed)
        } catch {
          return
        }
        if (isPlainlyCanonical(changed, value)) expect(reference(value)).toBe(changed)
      }),
      { numRuns: 20_000 },
    )
  })

  test('is every one that holds plain strings, integers and keys in order', () => {
    const word = fc.string().map((text) => `k${text.replaceAll(/["\\\p{Cc}\p{Surrogate}]/gu, '')}`)
    const plain = fc.letrec((tie) => ({
      any: fc.oneof(
        word,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any')),
        fc.dictionary(word, tie('any'), { noNullPrototype: true }),
      ),
    })).any
    fc.assert(
      fc.property(plain, (value) => {
        const text = reference(value) ?? ''
        expect(isPlainlyCanonical(text, JSON.parse(text))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    ['a repeated key', '{"a":1,"a":1}'],
    ['a repeated key in depth', '[{"a":{"b":"x","b":"x"}}]'],
    ['keys out of order', '{"b":1,"a":1}'],
    ['integer keys that parsing puts in order', '{"a":1,"1":1}'],
    ['integer keys that parsing puts out of order', '{"10":1,"9":1}'],
    ['a hundred with an exponent', '[1e2]'],
    ['a thousand with an exponent, and a space for it', '[1e3, 1]'],
    ['an integer that was rounded', '[9007199254740993]'],
    ['negative zero', '[-0]'],
    ['an escape that needs none', '["\\u0041"]'],
    ['a lone surrogate', '["\\ud800"]'],
    ['a space', '[1 ]'],
    ['a fraction that is none', '[1.0]'],
  ])('is not one with %s', (_, text) => {
    expect(isPlainlyCanonical(text, JSON.parse(text))).toBe(false)
  })

  test('is not one that a member of every object makes up for', () => {
    const text = '{"a":1,"a":1}'
    const value = JSON.parse(text)
    Object.defineProperty(Object.prototype, 'b', { value: 1, enumerable: true, configurable: true })
    let plain: boolean
    try {
      plain = isPlainlyCanonical(text, value)
    } finally {
      Reflect.deleteProperty(Object.prototype, 'b')
    }
    expect(plain).toBe(false)
  })

  test('may be as long and as deep as an entry', () => {
    for (const text of [
      `[${'1,'.repeat(31_000)}1]`,
      `{"a":"${'x'.repeat(63_000)}"}`,
      '['.repeat(900) + ']'.repeat(900),
    ])
      expect(isPlainlyCanonical(text, JSON.parse(text))).toBe(true)
    const deep = '['.repeat(1_001) + ']'.repeat(1_001)
    expect(isPlainlyCanonical(deep, JSON.parse(deep))).toBe(false)
  })
})

test('an entry is accepted exactly when its bytes are those that writing its event gives', () => {
  const event = {
    id: 's/2',
    previous: '0'.repeat(64),
    seq: 2,
    source: 'bot',
    subject: 's',
    time: 0,
    type: 'request.created',
  } as const
  const [before = '', after = ''] = encodeEntry({ ...event, data: { mark: 1 } })
    .toString()
    .split('{"mark":1}')
  // Also what is more than the data, and what reaches into the members behind it.
  const more = fc.oneof(
    { weight: 5, arbitrary: fc.constant('') },
    fc.constantFrom(',"data":{}', ',"a":1', ',"id":"s/2"', '}', '{'),
  )
  const data = fc.array(fc.tuple(keys, hostile), { maxLength: 4 })
  fc.assert(
    fc.property(data, more, (members, rest) => {
      const text = `${before}{${members.map(([key, value]) => `${key}:${value}`).join(',')}}${rest}${after}`
      let accepted = true
      try {
        expect(encodeEntry(decodeEntry(Buffer.from(text))).toString()).toBe(text)
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_LOG_ENTRY_INVALID' })
        accepted = false
      }
      expect(accepted).toBe(rest === '' && isCanonical(text))
    }),
    { numRuns: 5_000 },
  )
})
