import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arrayBytes } from './array-bytes'

/** Reads what the server would: elements as bytes, or `null`. */
function elementsOf(bytes: Buffer): { readonly oid: number; readonly elements: readonly (Buffer | null)[] } {
  expect([bytes.readInt32BE(0), bytes.readInt32BE(16)]).toEqual([1, 1])
  const elements: (Buffer | null)[] = []
  let at = 20
  for (let left = bytes.readInt32BE(12); left > 0; left -= 1) {
    const length = bytes.readInt32BE(at)
    at += 4
    elements.push(length < 0 ? null : bytes.subarray(at, at + length))
    at += Math.max(0, length)
  }
  expect(at).toBe(bytes.length)
  expect(bytes.readInt32BE(4)).toBe(elements.includes(null) ? 1 : 0)
  return { oid: bytes.readInt32BE(8), elements }
}

test('texts of any script and length, and nulls, come out as they went in', () => {
  const texts = fc.array(fc.option(fc.string({ unit: 'binary', maxLength: 50 })))
  fc.assert(
    fc.property(texts, (values) => {
      const { oid, elements } = elementsOf(arrayBytes('text', values))
      expect(oid).toBe(25)
      expect(elements.map((element) => element?.toString() ?? null)).toEqual(values)
    }),
  )
})

test('numbers are exact, and so is what is true', () => {
  const doubles = fc.array(fc.double({ noNaN: true }))
  fc.assert(
    fc.property(doubles, (values) => {
      const { oid, elements } = elementsOf(arrayBytes('float8', values))
      expect(oid).toBe(701)
      expect(elements.map((element) => element?.readDoubleBE())).toEqual(values)
    }),
  )
  const whole = [0, 1, -1, 2_147_483_647, null]
  expect(
    elementsOf(arrayBytes('int4', whole)).elements.map((element) => element?.readInt32BE() ?? null),
  ).toEqual(whole)
  const flags = [true, false, null]
  expect(
    elementsOf(arrayBytes('bool', flags)).elements.map((element) => element && element[0] === 1),
  ).toEqual(flags)
})
