import { makeVisible, readVisible, type VisibleText } from '@gatewright/core'

/**
 * A text of the log with everything in it made visible. Most texts are stored that way already: they come out as they
 * are, not escaped a second time.
 */
export function visibleText(text: string): VisibleText {
  return makeVisible(readVisible(text))
}

/** The first characters of a text, never half of an escape; and how many more it has. */
export function firstCharacters(
  text: string,
  most: number,
): { readonly kept: string; readonly left: number } {
  const characters = [...readVisible(text)]
  return { kept: characters.slice(0, most).join(''), left: Math.max(0, characters.length - most) }
}
