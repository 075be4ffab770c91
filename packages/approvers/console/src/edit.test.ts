import { describe, expect, it } from 'vitest'
import { changesBetween, parseEdited } from './edit'

describe('changesBetween', () => {
  it('names each leaf that differs, came or went', () => {
    expect(changesBetween({ a: 1, b: { c: [1, 2] }, d: 'x' }, { a: 2, b: { c: [1] }, e: {} })).toEqual([
      { path: '/a', before: '1', after: '2' },
      { path: '/e', before: null, after: '{}' },
      { path: '/b/c/1', before: '2', after: null },
      { path: '/d', before: '"x"', after: null },
    ])
  })

  it('sees that a text is not a number', () => {
    expect(changesBetween({ a: 1 }, { a: '1' })).toEqual([{ path: '/a', before: '1', after: '"1"' }])
  })
})

describe('parseEdited', () => {
  it('leaves visible escapes as they are, and refuses what is not JSON', () => {
    expect(parseEdited('{"a":"x⟦U+200B⟧"}')).toEqual({ a: 'x⟦U+200B⟧' })
    expect(() => parseEdited('{a}')).toThrow(SyntaxError)
  })
})
