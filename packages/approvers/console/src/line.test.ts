import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clip, lineWidth, span, wrap } from './line'

const texts = fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { maxLength: 6 })
const widths = fc.integer({ min: 2, max: 100 })

describe('wrap', () => {
  it('I9: never drops or adds a character, and no line is too wide', () => {
    fc.assert(
      fc.property(texts, widths, (parts, width) => {
        const line = parts.map((part) => span(part))
        const lines = wrap(line, width)
        const text = lines.flatMap((one) => one.map((part) => part.text)).join('')
        expect(text).toBe(line.map((part) => part.text).join(''))
        for (const one of lines) expect(lineWidth(one)).toBeLessThanOrEqual(width)
      }),
    )
  })

  it('breaks after a space near the end rather than in a word', () => {
    const lines = wrap([span('the quick brown fox')], 12)
    expect(lines.map((line) => line.map((part) => part.text).join(''))).toEqual(['the quick ', 'brown fox'])
  })

  it('does not split a wide character', () => {
    expect(wrap([span('日本語')], 5).map((line) => lineWidth(line))).toEqual([4, 2])
  })
})

describe('clip', () => {
  it('is never wider than asked, and says that it cut', () => {
    fc.assert(
      fc.property(texts, widths, (parts, width) => {
        const line = parts.map((part) => span(part))
        const clipped = clip(line, width)
        expect(lineWidth(clipped)).toBeLessThanOrEqual(width)
        if (lineWidth(line) > width) expect(clipped.at(-1)?.text).toBe('…')
      }),
    )
  })
})
