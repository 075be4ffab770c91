/** Text in which everything can be seen. */
export interface VisibleText {
  readonly text: string
  /** Something hidden was made visible. */
  readonly escaped: boolean
  /** A word mixes scripts, or uses look-alike forms of letters. */
  readonly mixedScript: boolean
}

// New lines and tabs are kept: code and SQL are read with them.
const PLAIN = /^[\n\t\x20-\x7e]*$/
// What Unicode calls ignorable covers joiners, selectors, fillers and tags; the rest are spaces that pass for others.
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2800⟦⟧]/u
const COMBINING = /\p{M}/u
const MOST_COMBINING = 4
const WORD = /[\p{L}\p{M}\p{N}_]+/gu

/** Scripts whose letters pass for those of others. Chinese, Japanese and Korean are written in several at once. */
const SCRIPTS: readonly RegExp[] = [
  ...'Latin Cyrillic Greek Armenian Cherokee Coptic Georgian Lisu Hebrew Arabic Devanagari Thai'
    .split(' ')
    .map((script) => new RegExp(`\\p{Script=${script}}`, 'u')),
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]/u,
]

/**
 * Makes hidden characters visible as `⟦U+202E⟧`: controls, direction marks, zero-width and tag characters, private and
 * unassigned ones, unusual spaces, lone surrogates, and combining marks beyond four in a row (T16). The brackets themselves
 * are written that way too, so that no text can forge an escape. New line and tab stay.
 */
export function makeVisible(text: string): VisibleText {
  if (PLAIN.test(text)) return { text, escaped: false, mixedScript: false }
  let visible = ''
  // A mark at the start of a text or line would sit on whatever the channel wrote before it.
  let combining = MOST_COMBINING
  let escaped = false
  for (const character of text) {
    combining = COMBINING.test(character) ? combining + 1 : 0
    const kept = character === '\n' || character === '\t'
    const hide = combining > MOST_COMBINING || (!kept && HIDDEN.test(character))
    if (kept) combining = MOST_COMBINING
    escaped ||= hide
    visible += hide ? escapeCharacter(character) : character
  }
  return { text: visible, escaped, mixedScript: mixesScripts(text) }
}

/** The text that {@link makeVisible} made visible: escapes become the characters they stand for again. */
export function readVisible(visible: string): string {
  return visible.replace(/⟦U\+([0-9A-F]{4,6})⟧/g, (whole, code: string) => {
    const point = Number.parseInt(code, 16)
    return point > 0x10ffff ? whole : String.fromCodePoint(point)
  })
}

/** At most `room` characters of a visible text, never ending inside an escape or a character: half of one reads as something else. */
export function cutVisible(text: string, room: number): string {
  if (text.length <= room) return text
  let end = Math.max(0, room)
  const open = end === 0 ? -1 : text.lastIndexOf('⟦', end - 1)
  if (open !== -1 && text.indexOf('⟧', open) >= end) end = open
  const last = text.charCodeAt(end - 1)
  if (last >= 0xd800 && last <= 0xdbff) end -= 1
  return text.slice(0, end)
}

/** Removes what {@link makeVisible} would make visible: the text as a careless eye reads it. */
export function stripHidden(text: string): string {
  if (PLAIN.test(text)) return text
  let stripped = ''
  for (const character of text)
    if (!HIDDEN.test(character) && !COMBINING.test(character)) stripped += character
  return stripped.normalize('NFKC')
}

function escapeCharacter(character: string): string {
  const point = character.codePointAt(0) ?? 0
  return `⟦U+${point.toString(16).toUpperCase().padStart(4, '0')}⟧`
}

function mixesScripts(text: string): boolean {
  for (const [word] of text.matchAll(WORD)) {
    if (PLAIN.test(word)) continue
    // Full-width and mathematical letters pass for plain ones.
    if (word.normalize('NFKC') !== word.normalize('NFC')) return true
    if (SCRIPTS.filter((script) => script.test(word)).length > 1) return true
  }
  return false
}
