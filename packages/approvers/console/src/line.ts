import { cellWidth, characterWidth } from './cell-width'
import { inert } from './inert'

/** What a piece of text is, not how it looks: `paint` decides that. */
export type Tone =
  | 'plain'
  | 'strong'
  | 'dim'
  | 'label'
  | 'key'
  | 'value'
  | 'agent'
  | 'good'
  | 'warning'
  | 'danger'
  | 'alarm'

/** A piece of inert text in one tone. */
export interface Span {
  readonly text: string
  readonly tone: Tone
}

/** One line on the terminal: no span holds a line break. */
export type Line = readonly Span[]

/** A span of inert text. */
export function span(text: string, tone: Tone = 'plain'): Span {
  return { text: inert(text), tone }
}

/** How many cells a line fills. */
export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + cellWidth(text), 0)
}

/**
 * Breaks a line into lines of at most `width` cells. Breaks after a space where one is near the end, anywhere
 * otherwise; never drops a character (I9).
 */
export function wrap(line: Line, width: number): Line[] {
  const room = Math.max(2, width)
  if (lineWidth(line) <= room) return [line]
  const lines: Line[] = []
  let current: Span[] = []
  let used = 0
  for (const { text, tone } of line) {
    let rest = text
    while (rest !== '') {
      const taken = head(rest, room - used, used === 0)
      if (taken !== '') current.push({ text: taken, tone })
      used += cellWidth(taken)
      rest = rest.slice(taken.length)
      if (rest === '') break
      lines.push(current)
      current = []
      used = 0
    }
  }
  if (current.length > 0) lines.push(current)
  return lines
}

/** As much of the start of a text as fits; the whole text if it does. */
function head(text: string, room: number, lineIsEmpty: boolean): string {
  let used = 0
  let end = 0
  let afterSpace = 0
  for (const character of text) {
    const width = characterWidth(character)
    if (used + width > room) {
      const wordFits = afterSpace > end * 0.6 || (afterSpace > 0 && !lineIsEmpty)
      if (wordFits) return text.slice(0, afterSpace)
      return end === 0 && lineIsEmpty ? character : text.slice(0, end)
    }
    used += width
    end += character.length
    if (character === ' ') afterSpace = end
  }
  return text
}

/** The start of a line, with `…` at the end if something was cut off. For prompts only: a document is never cut. */
export function clip(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line
  const kept: Span[] = []
  let room = width - 1
  for (const { text, tone } of line) {
    const part = start(text, room)
    kept.push({ text: part, tone })
    if (part.length < text.length) break
    room -= cellWidth(part)
  }
  return [...kept, span('…', 'dim')]
}

/** As many characters as fit. */
function start(text: string, room: number): string {
  let used = 0
  let end = 0
  for (const character of text) {
    used += characterWidth(character)
    if (used > room) break
    end += character.length
  }
  return text.slice(0, end)
}
