import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inert } from './inert'
import { paint, wantsColor } from './paint'

describe('paint', () => {
  it('T15: makes text inert even when the span was not', () => {
    const hostile = { text: '\u001b[31mred\u0007\u009b', tone: 'plain' } as const
    expect(paint([hostile], false)).toBe('⟦U+001B⟧[31mred⟦U+0007⟧⟦U+009B⟧')
    expect(paint([{ ...hostile, tone: 'good' }], true)).toBe(
      '\u001b[32m⟦U+001B⟧[31mred⟦U+0007⟧⟦U+009B⟧\u001b[0m',
    )
  })

  it('writes no escape sequence without colour, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(paint([{ text, tone: 'alarm' }], false)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
      }),
    )
  })
})

describe('inert', () => {
  it('T16: shows what is invisible and leaves the rest as it is', () => {
    expect(inert('a\u202eb\u200bc\u{e0041}d\ud800')).toBe('a⟦U+202E⟧b⟦U+200B⟧c⟦U+E0041⟧d⟦U+D800⟧')
    expect(inert('naïve 日本語 🚀 “quoted”')).toBe('naïve 日本語 🚀 “quoted”')
  })
})

describe('wantsColor', () => {
  it('is off with NO_COLOR, unless that is empty', () => {
    expect(wantsColor({})).toBe(true)
    expect(wantsColor({ NO_COLOR: '' })).toBe(true)
    expect(wantsColor({ NO_COLOR: '1' })).toBe(false)
    expect(wantsColor({ NO_COLOR: '0' })).toBe(false)
  })
})
