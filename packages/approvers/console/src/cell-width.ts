/** Ranges of code points that fill two cells (Unicode East Asian Width W and F), first and last of each, ascending. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
]

const asciiOnly = /^[ -~]*$/
/** Marks, and the vowels and finals that Korean syllables are composed of. */
const zeroWidth = /^[\p{Mn}\p{Me}\u1160-\u11ff]$/u
const emoji = /^\p{Emoji_Presentation}$/u

/** How many terminal cells one code point fills: 0, 1 or 2. */
export function characterWidth(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x300) return 1
  if (zeroWidth.test(character)) return 0
  if (emoji.test(character)) return 2
  for (const [first, last] of wideRanges) {
    if (code < first) return 1
    if (code <= last) return 2
  }
  return 1
}

/**
 * How many terminal cells a text without control characters fills. Counts code points as `wcwidth` does, which is what
 * terminals agree on; joined emoji are not folded (their joiners never get here, {@link inert} makes them visible).
 */
export function cellWidth(text: string): number {
  if (asciiOnly.test(text)) return text.length
  let width = 0
  for (const character of text) width += characterWidth(character)
  return width
}
