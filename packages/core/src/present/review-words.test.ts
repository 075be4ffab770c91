import type { ReviewLeaf } from '@gatewright/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leafMarks, leafName, leafValue, visiblePieces } from './review-words'
import { makeVisible } from './visible'

const leaf = (over: Partial<ReviewLeaf>): ReviewLeaf => ({
  path: '/p',
  type: 'string',
  text: '120',
  marks: [],
  omitted: 0,
  ...over,
})

test('what is written alike and is not alike is told apart', () => {
  expect(leafValue(leaf({}))).toBe('"120"')
  expect(leafValue(leaf({ type: 'number' }))).toBe('120')
  expect(leafValue(leaf({ type: 'bigint' }))).toBe('120 (bigint)')
  expect(leafValue(leaf({ text: 'null' }))).toBe('"null"')
  expect(leafValue(leaf({ type: 'empty list', text: '' }))).toBe('empty list')
  expect(leafValue(leaf({ text: '' }))).toBe('""')
  expect(leafValue(leaf({ text: '[redacted]' }))).toBe('"[redacted]"')
  expect(leafValue(leaf({ text: '[redacted]', marks: ['redacted'] }))).toBe('[redacted]')
  expect([leafName(''), leafName('/rows/0')]).toEqual(['(the whole)', 'rows/0'])
})

test('T16: marks stand in brackets that no shown text can have', () => {
  const marked = leaf({ marks: ['redacted', 'truncated', 'escaped', 'mixed-script'], omitted: 7 })
  expect(leafMarks(marked)).toBe(' ⟦redacted⟧ ⟦mixed scripts⟧ ⟦7 more characters⟧')
  expect(makeVisible(leafMarks(marked)).text).not.toContain('⟦redacted⟧')
  expect(leafMarks(leaf({ marks: ['escaped'] }))).toBe('')
})

test('T15: pieces are the text, none too long, and none ends inside an escape or a character', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 }).map((one) => makeVisible(one).text)
  fc.assert(
    fc.property(text, fc.integer({ min: 12, max: 40 }), (whole, most) => {
      const pieces = visiblePieces(whole, most)
      expect(pieces.join('')).toBe(whole)
      for (const piece of pieces) {
        expect(piece.length).toBeLessThanOrEqual(most)
        expect(piece).not.toMatch(/\p{Cs}/u)
        expect(piece.lastIndexOf('⟦')).toBeLessThanOrEqual(piece.lastIndexOf('⟧'))
      }
    }),
  )
  expect(visiblePieces('⟦never closed', 4)).toEqual(['⟦nev', 'er c', 'lose', 'd'])
  expect(visiblePieces('', 4)).toEqual([''])
})
