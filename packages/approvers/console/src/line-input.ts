import { cellWidth } from './cell-width'
import { inert } from './inert'
import type { Input } from './keys'
import { type Line, lineWidth, span } from './line'

/** One line of text that is being typed. `cursor` counts characters (code points). */
export interface LineInput {
  readonly characters: readonly string[]
  readonly cursor: number
}

/** What one input made of the line. */
export type LineStep =
  | { readonly type: 'typing'; readonly line: LineInput }
  | { readonly type: 'submit'; readonly text: string }
  | { readonly type: 'cancel' }

/** A line to start from, with the cursor at its end. */
export function lineInput(text = ''): LineInput {
  const characters = [...text]
  return { characters, cursor: characters.length }
}

/** Applies one input. Pasted line ends become spaces: only a pressed Enter submits. */
export function typeInto(line: LineInput, input: Input): LineStep {
  if (input.type !== 'key') return typing(insert(line, input.text.replace(/\s+/g, ' ')))
  const { characters, cursor } = line
  switch (input.key) {
    case 'enter':
      return { type: 'submit', text: characters.join('') }
    case 'escape':
      return { type: 'cancel' }
    case 'backspace':
      return typing(cut(line, Math.max(0, cursor - 1), cursor))
    case 'delete':
      return typing(cut(line, cursor, cursor + 1))
    case 'clear-line':
      return typing(cut(line, 0, cursor))
    case 'clear-word':
      return typing(cut(line, wordStart(line), cursor))
    case 'left':
      return typing({ characters, cursor: Math.max(0, cursor - 1) })
    case 'right':
      return typing({ characters, cursor: Math.min(characters.length, cursor + 1) })
    case 'home':
      return typing({ characters, cursor: 0 })
    case 'end':
      return typing({ characters, cursor: characters.length })
    default:
      return typing(line)
  }
}

/**
 * The line behind its label, as wide as there is room: a long text scrolls so that the cursor stays in sight.
 *
 * @returns the line, and the cells between the cursor and the line's end
 */
export function showLineInput(
  label: Line,
  { characters, cursor }: LineInput,
  width: number,
): { line: Line; back: number } {
  const room = Math.max(8, width - lineWidth(label))
  const cells = characters.map((character) => inert(character))
  let start = cursor
  let used = 1
  while (start > 0 && used + cellWidth(cells[start - 1] ?? '') <= room) {
    start -= 1
    used += cellWidth(cells[start] ?? '')
  }
  let end = cursor
  while (end < cells.length && used + cellWidth(cells[end] ?? '') <= room) {
    used += cellWidth(cells[end] ?? '')
    end += 1
  }
  return {
    line: [...label, span(cells.slice(start, end).join(''))],
    back: cellWidth(cells.slice(cursor, end).join('')),
  }
}

function typing(line: LineInput): LineStep {
  return { type: 'typing', line }
}

function insert({ characters, cursor }: LineInput, text: string): LineInput {
  const added = [...text]
  return {
    characters: [...characters.slice(0, cursor), ...added, ...characters.slice(cursor)],
    cursor: cursor + added.length,
  }
}

function cut({ characters }: LineInput, from: number, to: number): LineInput {
  return { characters: [...characters.slice(0, from), ...characters.slice(to)], cursor: from }
}

function wordStart({ characters, cursor }: LineInput): number {
  let start = cursor
  while (start > 0 && characters[start - 1] === ' ') start -= 1
  while (start > 0 && characters[start - 1] !== ' ') start -= 1
  return start
}
