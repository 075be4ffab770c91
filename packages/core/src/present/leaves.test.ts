import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../contracts/json'
import { canonicalize } from '../values/canonical'
import { sha256Hex } from '../values/digest'
import { encodeValue } from '../values/snapshot'
import { leavesOf } from './leaves'
import { createRedactor } from './redaction'

const redactor = createRedactor()
const secret = `sk_live_${'4eC39HqLyjWDarjtT1zdp7dc'}`
const complete = (value: unknown, pointers: readonly string[] = []) =>
  leavesOf(JSON.parse(encodeValue(value)) as Json, 'arguments', {
    redactor: pointers.length === 0 ? redactor : createRedactor({ pointers }),
    limits: null,
  })
const only = (value: unknown) => complete(value).leaves[0]

const key = fc
  .oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '$type',
      'value',
      'key',
      '0',
      '1',
      'a/b',
      '~1',
      '⟦U+202E⟧',
      '\u202e',
      '[redacted]',
      secret,
      `${secret}9`,
      'password',
      '⟦redacted key 0⟧',
    ),
  )
  .filter((name) => name !== '__proto__')
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.double(),
    fc.bigInt(),
    fc.boolean(),
    fc.constantFrom(null, undefined, secret),
    fc.date({ noInvalidDate: true }),
    fc.uint8Array(),
    fc.webUrl().map((url) => new URL(url)),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(key, tie('any'), { maxKeys: 5, noNullPrototype: true }),
    fc
      .array(fc.tuple(fc.oneof(key, tie('any')), tie('any')), { maxLength: 4 })
      .map((pairs) => new Map(pairs)),
    fc.array(tie('any'), { maxLength: 4 }).map((members) => new Set(members)),
  ),
})).any
const limits = fc.record({
  leafCharacters: fc.integer({ min: 0, max: 80 }),
  leaves: fc.integer({ min: 0, max: 12 }),
  totalCharacters: fc.integer({ min: 0, max: 400 }),
})

describe('T14: every leaf', () => {
  test('T14: has a path of its own, in whatever value', () => {
    fc.assert(
      fc.property(value, (one) => {
        const { leaves, missing } = complete(one)
        expect(missing).toEqual([])
        expect(new Set(leaves.map(({ path }) => path)).size).toBe(leaves.length)
      }),
      { numRuns: 1_500 },
    )
  })

  test('T14: is shown: changing any one value changes what is shown', () => {
    const plain = fc.uniqueArray(
      fc.tuple(
        fc.string({ minLength: 1 }).filter((name) => name !== '__proto__' && name !== '$type'),
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.bigInt(), fc.date({ noInvalidDate: true })),
      ),
      { minLength: 1, maxLength: 6, selector: ([name]) => name },
    )
    fc.assert(
      fc.property(plain, fc.nat(), (pairs, at) => {
        const index = at % pairs.length
        const changed = pairs.map(
          ([name, one], place) => [name, place === index ? { changed: true } : one] as const,
        )
        expect(complete(Object.fromEntries(changed)).leaves).not.toEqual(
          complete(Object.fromEntries(pairs)).leaves,
        )
      }),
      { numRuns: 500 },
    )
  })

  test('T14: of a channel with little room is shown, cut and marked so, or counted as left out', () => {
    fc.assert(
      fc.property(value, limits, (one, room) => {
        const all = complete(one).leaves
        const { leaves, missing } = leavesOf(JSON.parse(encodeValue(one)) as Json, 'arguments', {
          redactor,
          limits: room,
        })
        const byPath = new Map(all.map((leaf) => [leaf.path, leaf]))
        let cut = 0
        for (const leaf of leaves) {
          const whole = byPath.get(leaf.path)
          expect(whole).toBeDefined()
          if (leaf.marks.includes('truncated')) {
            cut += 1
            expect(whole?.text.startsWith(leaf.text)).toBe(true)
            expect(leaf.omitted).toBe((whole?.text.length ?? 0) - leaf.text.length)
            expect(leaf.omitted).toBeGreaterThan(0)
            // Neither an escape nor a character is cut in two.
            expect(leaf.text).not.toMatch(/⟦[^⟧]*$/)
            expect(() => canonicalize(leaf.text)).not.toThrow()
          } else expect(leaf).toEqual(whole)
        }
        const left = all.length - leaves.length
        expect(leaves.length).toBeLessThanOrEqual(room.leaves)
        expect(
          leaves.reduce((sum, { text, path }) => sum + text.length + path.length, 0),
        ).toBeLessThanOrEqual(room.totalCharacters)
        expect(missing.some((said) => said.includes('not shown'))).toBe(left > 0)
        if (left > 0) expect(missing.join()).toContain(`${left} of`)
        expect(missing.some((said) => said.includes('cut short'))).toBe(cut > 0)
      }),
      { numRuns: 1_500 },
    )
  })

  test('T15, T16: is inert: nothing hidden in texts or paths, escaped before it is cut', () => {
    fc.assert(
      fc.property(value, limits, (one, room) => {
        const { leaves } = leavesOf(JSON.parse(encodeValue(one)) as Json, 'arguments', {
          redactor,
          limits: room,
        })
        for (const { path, text } of leaves)
          expect(`${path}${text}`.replace(/[\n\t]/g, '')).not.toMatch(
            /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/u,
          )
      }),
      { numRuns: 500 },
    )
  })
})

describe('leaves of each kind', () => {
  test.each<[unknown, string, string]>([
    ['x', 'string', 'x'],
    [5, 'number', '5'],
    [true, 'boolean', 'true'],
    [null, 'null', 'null'],
    [undefined, 'undefined', 'undefined'],
    [-0, 'number', '-0'],
    [Number.NaN, 'number', 'NaN'],
    [12n, 'bigint', '12'],
    [new Date(0), 'date', '1970-01-01T00:00:00.000Z'],
    [new URL('https://a.example/'), 'url', 'https://a.example/'],
    [{}, 'empty object', '{}'],
    [[], 'empty list', '[]'],
    [new Map(), 'map', 'empty'],
    [new Set(), 'set', 'empty'],
  ])('%o is a %s', (one, type, text) => {
    expect(complete(one).leaves).toEqual([{ path: '', type, text, marks: [], omitted: 0 }])
  })

  test('a map cannot be taken for an object, nor a set for a list', () => {
    expect(complete(new Map([['a', 1]])).leaves).not.toEqual(complete({ a: 1 }).leaves)
    expect(complete(new Set([1])).leaves).not.toEqual(complete([1]).leaves)
  })

  test('T14: a map is told by its keys where all are texts, and by its pairs where their paths could meet', () => {
    const paths = (map: Map<unknown, unknown>) => complete(map).leaves.map(({ path }) => path)
    expect(
      paths(
        new Map([
          ['a', 1],
          ['b', 2],
        ]),
      ),
    ).toEqual(['', '/a', '/b'])
    const meeting = new Map<unknown, unknown>([
      ['1', { key: 'hidden' }],
      [5, 'x'],
    ])
    expect(paths(meeting)).toEqual(['', '/0/key', '/0/value/key', '/1/key', '/1/value'])
  })

  test('bytes are told by length, SHA-256 and beginning', () => {
    const bytes = Buffer.from('some bytes that are longer than thirty-two of them')
    const leaf = only(bytes)
    expect(leaf?.type).toBe('bytes')
    for (const part of [
      'Buffer',
      `${bytes.length} bytes`,
      sha256Hex(bytes),
      bytes.subarray(0, 32).toString('hex'),
    ])
      expect(leaf?.text).toContain(part)
  })

  test('T43: bytes that are a secret show nothing of themselves', () => {
    const leaf = only(Buffer.from(`key ${secret}`))
    expect(leaf?.marks).toEqual(['redacted'])
    expect(leaf?.text).not.toContain(Buffer.from(secret).toString('hex').slice(0, 16))
  })

  test('a live value says so beside its facts', () => {
    const view = { db: { $type: 'live', value: { host: 'h' } } }
    expect(leavesOf(view, 'arguments', { redactor, limits: null }).leaves).toMatchObject([
      { path: '/db', type: 'live' },
      { path: '/db/facts/host', text: 'h' },
    ])
  })
})

describe('T43: what is hidden', () => {
  test('T43: by key, by pattern, by pointer; the place stays', () => {
    const { leaves } = complete(
      { password: { a: 1, b: 2 }, note: `uses ${secret}`, rows: 5, list: [{ pin: 'x', id: 7 }] },
      ['/list/*/id'],
    )
    expect(leaves).toMatchObject([
      { path: '/list/0/id', text: '[redacted]', marks: ['redacted'] },
      { path: '/list/0/pin', text: '[redacted]' },
      { path: '/note', text: 'uses [redacted: Stripe key]', marks: ['redacted'] },
      { path: '/password', text: '[redacted]', type: 'object' },
      { path: '/rows', text: '5', marks: [] },
    ])
  })

  test('T43: a secret used as a key is gone from the path, and two of them stay two leaves', () => {
    const { leaves } = complete({ [secret]: 1, [`${secret}9`]: 2 })
    expect(JSON.stringify(leaves)).not.toContain('sk_live')
    expect(new Set(leaves.map(({ path }) => path)).size).toBe(2)
  })

  test('T43: a secret key of a map hides its value, in either form', () => {
    for (const map of [
      new Map([['password', 'hunter2']]),
      new Map<unknown, unknown>([
        ['password', 'hunter2'],
        [5, 'x'],
      ]),
    ]) {
      expect(JSON.stringify(complete(map).leaves)).not.toContain('hunter2')
    }
  })

  test('T43: a card number is one as a number, too', () => {
    expect(only(4_111_111_111_111_111)?.text).not.toContain('4111')
  })
})
