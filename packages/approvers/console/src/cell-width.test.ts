import { describe, expect, it } from 'vitest'
import { cellWidth } from './cell-width'

describe('cellWidth', () => {
  it.each([
    ['', 0],
    ['plain', 5],
    ['é', 1],
    ['e\u0301', 1],
    ['日本語', 6],
    ['한글', 4],
    ['ｆｕｌｌ', 8],
    ['🚀', 2],
    ['✔ ✖ …', 5],
    ['─│╭⟦⟧‹›', 7],
    ['Привет', 6],
  ])('of %j is %i', (text, width) => {
    expect(cellWidth(text)).toBe(width)
  })
})
