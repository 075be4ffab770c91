import { makeVisible } from '@gatewright/core'

/** A command line as a person could type it: what cannot be seen is written as escapes of bash's `$'…'`. */
export function quoteCommand(argv: readonly string[]): string {
  return argv.map(quoteWord).join(' ')
}

/** One word, quoted where it has to be. */
export function quoteWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word)) return word
  if (!/[\n\t]/.test(word) && !makeVisible(word).escaped) return `'${word.replaceAll("'", "'\\''")}'`
  return `$'${[...word].map(quoteCharacter).join('')}'`
}

function quoteCharacter(character: string): string {
  if (character === "'" || character === '\\') return `\\${character}`
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  if (!makeVisible(`a${character}`).escaped) return character
  const point = character.codePointAt(0) ?? 0
  if (point <= 0x7f) return `\\x${point.toString(16).padStart(2, '0')}`
  return point > 0xffff
    ? `\\U${point.toString(16).padStart(8, '0')}`
    : `\\u${point.toString(16).padStart(4, '0')}`
}
