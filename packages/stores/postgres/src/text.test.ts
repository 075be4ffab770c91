import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textOf, tokenOf, tokenOfAll } from './text'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom('', '#', '##', '\\u0000', '\u0000', '\ud800', '\udc00\ud800', 'x'.repeat(201), '"', '\\'),
)

test('a token is what PostgreSQL takes for a text, and short enough for an index', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const token = tokenOf(text)
      expect(token).not.toContain('\u0000')
      expect(token).not.toContain('\n')
      expect(Buffer.from(token).toString()).toBe(token)
      expect(Buffer.byteLength(token)).toBeLessThanOrEqual(600)
    }),
  )
})

test('different texts have different tokens, also those that look like a digest', () => {
  fc.assert(
    fc.property(anyText, anyText, (one, other) => {
      expect(tokenOf(one) === tokenOf(other)).toBe(one === other)
    }),
  )
  const long = 'y'.repeat(500)
  expect(tokenOf(tokenOf(long))).not.toBe(tokenOf(long))
})

test('a text comes back from its token, unless only a digest stands there', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const back = textOf(tokenOf(text))
      expect(back === null || back === text).toBe(true)
    }),
  )
  expect(textOf(tokenOf('\u0000\ud800"\\'))).toBe('\u0000\ud800"\\')
  expect(textOf(tokenOf('z'.repeat(201)))).toBeNull()
})

test('several texts are not mistaken for others that are divided otherwise', () => {
  expect(tokenOfAll(['a', 'b,c'])).not.toBe(tokenOfAll(['a,b', 'c']))
  expect(tokenOfAll(['a"', 'b'])).not.toBe(tokenOfAll(['a', '"b']))
})
