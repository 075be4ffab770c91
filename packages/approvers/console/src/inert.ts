/** Control, format, private-use, unassigned characters and lone surrogates; line and paragraph separators. */
const active = /[\p{C}\p{Zl}\p{Zp}]/gu
const printable = /^[ -~]*$/

/**
 * Text that cannot move a cursor, colour anything, ring or hide: every character that a terminal may obey, and every
 * invisible one, becomes a visible `⟦U+001B⟧`. Documents come with that done; it is done again at the edge, because a
 * terminal obeys whoever writes to it (T15, T16).
 */
export function inert(text: string): string {
  return printable.test(text) ? text : text.replace(active, visibleEscape)
}

function visibleEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return `⟦U+${code.toString(16).toUpperCase().padStart(4, '0')}⟧`
}
