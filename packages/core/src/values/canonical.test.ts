import canonicalizeReference from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../contracts/json'
import { canonicalize } from './canonical'

const awkwardKey = fc.constantFrom(
  '10',
  '9',
  '1',
  '01',
  '',
  'a',
  'A',
  'ä',
  '\u20ac',
  '\ufb33',
  '😀',
  '\u0080',
  '\r',
  '"',
  '\\',
  '__proto__',
  'constructor',
)
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), awkwardKey)
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(-0, 1e21, 1e-7, 5e-324, 2 ** 53 + 2),
)
const json = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'medium' },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any')),
    fc.dictionary(text, tie('any'), { noNullPrototype: true }),
  ),
})).any as fc.Arbitrary<Json>

const withHole = [1, 0, 2]
delete withHole[1]

describe('canonical JSON (RFC 8785)', () => {
  test('is byte-equal to an independent implementation, whatever the value', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalize(value)).toBe(canonicalizeReference(value))
      }),
      { numRuns: 2_000 },
    )
  })

  test('sorts long and short lists of keys by UTF-16 code units, as the standard has it', () => {
    const keys = fc.uniqueArray(text, { minLength: 0, maxLength: 60 })
    fc.assert(
      fc.property(keys, (names) => {
        const value = Object.fromEntries(names.map((name, index) => [name, index]))
        expect(canonicalize(value)).toBe(canonicalizeReference(value))
      }),
      { numRuns: 500 },
    )
  })

  test('gives the example of RFC 8785, section 3.2.3', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\u{1f600}': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    expect(Object.keys(JSON.parse(canonicalize(value)) as object)).toHaveLength(7)
    expect([...canonicalize(value).matchAll(/:"(.*?)"/g)].map(([, said]) => said)).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ])
  })

  test.each([
    ['undefined in an object', { a: undefined }, '/a'],
    ['undefined in a list', [1, undefined], '/1'],
    ['a hole', withHole, '/1'],
    ['NaN', { a: { b: Number.NaN } }, '/a/b'],
    ['an infinity', [Number.NEGATIVE_INFINITY], '/0'],
    ['a bigint', [1n], '/0'],
    ['a function', { f: () => 1 }, '/f'],
    ['a symbol', [Symbol('s')], '/0'],
    ['a date', { 'a/b': new Date(0) }, '/a~1b'],
    ['a class instance', new (class Thing {})(), ''],
    ['half a surrogate pair', { s: 'a\ud800b' }, '/s'],
    ['half a surrogate pair in a key', { 'a\udc00': 1 }, ''],
  ])('refuses %s, naming the place', (_, value, path) => {
    const refused = () => canonicalize(value as unknown as Json)
    expect(refused).toThrow(expect.objectContaining({ code: 'ERR_ARGUMENTS_UNSUPPORTED' }))
    if (path !== '') expect(refused).toThrow(expect.objectContaining({ path }))
  })

  test('refuses nesting that would end the stack, instead of ending it', () => {
    let deep: Json = 1
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep]
    expect(() => canonicalize(deep)).toThrow(expect.objectContaining({ code: 'ERR_ARGUMENTS_UNSUPPORTED' }))
  })
})
