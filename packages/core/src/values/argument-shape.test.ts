import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { argumentShape } from './argument-shape'
import { canonicalize } from './canonical'
import { snapshotArguments } from './snapshot'

const shape = (...args: unknown[]) => argumentShape(snapshotArguments(args))

describe('the shape of arguments', () => {
  test('is the same for calls of one kind, whatever their values', () => {
    expect(shape({ rows: 5, table: 'a' })).toBe(shape({ table: 'b', rows: 7 }))
    expect(shape([1, 2, 3])).toBe(shape([4]))
  })

  test('differs with types, names and positions', () => {
    const shapes = [
      shape(),
      shape(1),
      shape('1'),
      shape(1, 'a'),
      shape('a', 1),
      shape([1]),
      shape(['1']),
      shape({ a: 1 }),
      shape({ b: 1 }),
      shape({ a: '1' }),
      shape(new Date(0)),
      shape(1n),
      shape(null),
      shape(true),
      shape({}),
      shape([]),
    ]
    expect(new Set(shapes).size).toBe(shapes.length)
  })

  test('T43: holds no value, and no key that may be a secret or a person', () => {
    const secret = 'sk_live_abcdefghijklmnop1234'
    expect(shape({ [secret]: 1 })).not.toContain('sk_live')
    expect(shape({ 'ada@example.com': 1 })).not.toContain('ada')
    expect(shape({ AKIAIOSFODNN7EXAMPLE: 1 })).not.toContain('AKIA')
    expect(shape('very secret')).not.toContain('secret')
  })

  test('is short plain text that can stand in any log, whatever the keys', () => {
    const keys = fc.array(
      fc.string({ unit: 'binary', maxLength: 30 }).filter((key) => key !== '__proto__'),
      { maxLength: 80 },
    )
    fc.assert(
      fc.property(keys, (names) => {
        const found = shape(Object.fromEntries(names.map((name) => [name, 1])))
        expect(found.length).toBeLessThanOrEqual(500)
        expect(found).toMatch(/^[\x20-\x7e…]*$/)
        // Half a surrogate pair would keep the event from being recorded.
        expect(() => canonicalize(found)).not.toThrow()
      }),
      { numRuns: 300 },
    )
  })

  test('stays different where only the part past the cut differs', () => {
    const wide = (last: unknown) =>
      Object.fromEntries([
        ...Array.from({ length: 100 }, (_, index) => [`field${'x'.repeat(index)}`, 1]),
        ['zz', last],
      ])
    expect(shape(wide(1))).not.toBe(shape(wide('1')))
  })
})
