import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../contracts/json'
import { nameArguments, unnameArguments } from './named-arguments'
import { restoreArguments } from './restore'
import { snapshotArguments } from './snapshot'

const json = fc
  .jsonValue()
  .map((value) => JSON.parse(JSON.stringify(value)) as Json)
  .filter((value) => !JSON.stringify(value).includes('__proto__'))

describe('the named view of arguments', () => {
  test('is by parameter, else the one plain object itself, else by place', () => {
    expect(nameArguments<Json>([1, 2], ['a', 'b'])).toEqual({ a: 1, b: 2 })
    expect(nameArguments<Json>([{ a: 1 }], null)).toEqual({ a: 1 })
    expect(nameArguments<Json>([{ a: 1 }, 2], null)).toEqual({ arg0: { a: 1 }, arg1: 2 })
    expect(nameArguments<Json>([[1]], null)).toEqual({ arg0: [1] })
    expect(nameArguments<Json>([{ $type: 'date', value: '2020-01-01T00:00:00.000Z' }], null)).toEqual({
      arg0: { $type: 'date', value: '2020-01-01T00:00:00.000Z' },
    })
  })

  test('names encoded and restored arguments alike', () => {
    for (const args of [
      [new Date(0)],
      [new Map()],
      [{ a: 1 }],
      [{ $type: 'x' }],
      [1, 2],
      [],
      [null],
      [Object.create(null)],
    ]) {
      const text = snapshotArguments(args)
      const encoded = Object.keys(nameArguments(JSON.parse(text) as Json[], null))
      expect(Object.keys(nameArguments(restoreArguments(text), null))).toEqual(encoded)
    }
  })

  test('unnaming is its exact inverse', () => {
    const parameters = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 5, maxLength: 5 })
    fc.assert(
      fc.property(fc.array(json, { maxLength: 5 }), fc.option(parameters), (list, names) => {
        expect(unnameArguments(nameArguments(list, names), list, names)).toEqual(list)
      }),
      { numRuns: 500 },
    )
  })

  test('every argument has a name of its own: none can hide behind another', () => {
    expect(() => nameArguments<Json>([1, 2, 3], ['a', 'arg2'])).toThrow(
      expect.objectContaining({ code: 'ERR_ARGUMENTS_INVALID' }),
    )
    expect(() => nameArguments<Json>([1, 2], ['a', 'a'])).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION_INVALID' }),
    )
  })

  test('refuses names that the call does not have', () => {
    const invalid = expect.objectContaining({ code: 'ERR_ARGUMENTS_INVALID' })
    expect(() => unnameArguments<Json>({ a: 1, c: 2 }, [1], ['a', 'b'])).toThrow(invalid)
    expect(() => unnameArguments<Json>({ arg1: 1 }, [1], null)).toThrow(invalid)
    expect(() => unnameArguments<Json>({ a: 1 }, [], null)).toThrow(invalid)
  })

  test('refuses an edit that turns the one object into an encoded value', () => {
    expect(() =>
      unnameArguments<Json>({ $type: 'date', value: '2020-01-01T00:00:00.000Z' }, [{ a: 1 }], null),
    ).toThrow(expect.objectContaining({ code: 'ERR_ARGUMENTS_INVALID' }))
  })

  test.each([null, 5, 'text', [1]])('refuses %j as a view', (view) => {
    expect(() => unnameArguments(view as never, [1], ['a'])).toThrow(
      expect.objectContaining({ code: 'ERR_ARGUMENTS_INVALID' }),
    )
  })

  test('a name left out in the middle is the value for nothing; at the end, a shorter call', () => {
    expect(unnameArguments<unknown>({ a: 1, c: 3 }, [1, 2, 3], ['a', 'b', 'c'])).toEqual([1, undefined, 3])
    expect(unnameArguments<unknown>({ a: 1 }, [1, 2], ['a', 'b'])).toEqual([1])
    expect(unnameArguments<Json>({ a: 1, c: 3 }, [1], ['a', 'b', 'c'], { $type: 'undefined' })).toEqual([
      1,
      { $type: 'undefined' },
      3,
    ])
  })
})
