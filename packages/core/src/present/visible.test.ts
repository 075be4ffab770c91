import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeVisible } from './visible'

/** What no eye can see or tell apart from something else, whatever the reason. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u
const UNUSUAL_SPACE = /(?! )\p{Zs}/u
const anything = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.integer({ min: 0, max: 0x10ffff }).map((point) => String.fromCodePoint(point)),
    ),
  )
  .map((parts) => parts.join(''))

describe('T16: hidden characters', () => {
  test('T16: none is left in any text, but new line and tab', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const visible = makeVisible(text).text.replace(/[\n\t]/g, '')
        expect(visible).not.toMatch(UNSEEN)
        expect(visible).not.toMatch(UNUSUAL_SPACE)
        expect(visible).not.toMatch(/\p{M}{5}/u)
      }),
      { numRuns: 2_000 },
    )
  })

  test('T16: every code point of the kinds that hide is escaped, one by one', () => {
    const left: string[] = []
    const hides = (character: string) => UNSEEN.test(character) || UNUSUAL_SPACE.test(character)
    for (let start = 0; start <= 0x10ffff; start += 0x400) {
      const block = Array.from({ length: 0x400 }, (_, index) => String.fromCodePoint(start + index)).filter(
        (one) => hides(one) && one !== '\n' && one !== '\t',
      )
      // Letters between keep halves of surrogate pairs apart.
      const { text } = makeVisible(block.map((one) => `a${one}`).join(''))
      const expected = block
        .map((one) => `a⟦U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟧`)
        .join('')
      if (text !== expected) left.push(start.toString(16))
    }
    expect(left).toEqual([])
  })

  test('T16: nothing is lost: the text can be told from its visible form', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const back = makeVisible(text).text.replace(/⟦U\+([0-9A-F]{4,6})⟧/g, (_, hex: string) =>
          String.fromCodePoint(Number.parseInt(hex, 16)),
        )
        expect(back).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })

  test('T16: an escape cannot be forged', () => {
    expect(makeVisible('⟦U+202E⟧').text).toBe('⟦U+27E6⟧U+202E⟦U+27E7⟧')
    expect(makeVisible('⟦U+202E⟧').text).not.toBe(makeVisible('\u202e').text)
  })

  test.each([
    ['bidi override', 'a\u202eb', 'a⟦U+202E⟧b'],
    ['zero width', 'a\u200bb', 'a⟦U+200B⟧b'],
    ['tag', 'a\u{e0041}b', 'a⟦U+E0041⟧b'],
    ['carriage return', 'a\rb', 'a⟦U+000D⟧b'],
    ['escape', '\u001b[2J', '⟦U+001B⟧[2J'],
    ['no-break space', 'a\u00a0b', 'a⟦U+00A0⟧b'],
    ['hangul filler', '\u3164', '⟦U+3164⟧'],
    ['grapheme joiner', 'a\u034fb', 'a⟦U+034F⟧b'],
    ['khmer vowel', 'a\u17b4b', 'a⟦U+17B4⟧b'],
    ['variation selector', 'a\ufe0f', 'a⟦U+FE0F⟧'],
    ['line separator', 'a\u2028b', 'a⟦U+2028⟧b'],
    ['half a pair', 'a\ud800b', 'a⟦U+D800⟧b'],
    ['a mark on what stands before the text', '\u0338approve', '⟦U+0338⟧approve'],
    ['a mark on a new line', 'a\n\u0338b', 'a\n⟦U+0338⟧b'],
  ])('T16: shows a %s', (_, text, visible) => {
    expect(makeVisible(text)).toMatchObject({ text: visible, escaped: true })
  })

  test.each(['SELECT 1\n\tFROM t', 'naïve café', 'Zürich 東京 서울', 'नमस्ते', '😀', ''])(
    'leaves %j as it is',
    (text) => {
      expect(makeVisible(text)).toMatchObject({ text, escaped: false })
    },
  )

  test('T16: marks words that mix scripts, and only those', () => {
    for (const text of [
      'pаypal',
      'gοοgle.com',
      'аdmin_user',
      'ＡＤＭＩＮ',
      '𝐚dmin',
      'Ꭺpple',
      'see pаypal today',
    ])
      expect(makeVisible(text).mixedScript).toBe(true)
    for (const text of ['paypal', 'привет world', 'Zürich', '東京タワー', '漢字かな交じり文', 'x_1', ''])
      expect(makeVisible(text).mixedScript).toBe(false)
  })

  test('T16: stays linear for long hostile text', () => {
    for (const unit of ['\u202e', 'a\u0338', 'а', 'aа', '⟦']) {
      const started = process.cpuUsage().user
      makeVisible(unit.repeat(200_000))
      expect(process.cpuUsage().user - started).toBeLessThan(3_000_000)
    }
  })
})
