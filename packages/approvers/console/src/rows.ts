import { cellWidth } from './cell-width'
import { type Line, lineWidth, type Span, span, type Tone, wrap } from './line'

/** Below this many columns a value stands under its label instead of beside it. */
const narrow = 56
const labelWidth = 16
const tableIndent = 2

/** A label with its value; every further line of the value is aligned with the first. */
export function row(label: string, value: Line | readonly Line[], width: number): Line[] {
  const lines = isLines(value) ? value : [value]
  const short = lines.length === 1 && lines.every((line) => lineWidth(line) <= width - labelWidth)
  if (width < narrow && !short) return [[span(label, 'label')], ...indent(lines, 2, width)]
  return hang([span(label.padEnd(labelWidth), 'label')], lines, labelWidth, width)
}

/** A heading of its own line. */
export function heading(text: string, note = ''): Line[] {
  return [[], note === '' ? [span(text, 'strong')] : [span(text, 'strong'), span(`  ${note}`, 'dim')]]
}

/** Aligned rows of a name and a value, set in a little. A name wider than two fifths of the room has its value on the next line. */
export function table(
  rows: readonly { readonly name: string; readonly value: readonly Line[] }[],
  fullWidth: number,
): Line[] {
  const width = fullWidth - tableIndent
  const most = Math.max(8, Math.floor(width * 0.4))
  const names = rows.map(({ name }) => span(name, 'key'))
  const widths = names.map(({ text }) => cellWidth(text))
  const column = Math.max(0, ...widths.filter((cells) => cells <= most)) + 2
  const lines = rows.flatMap(({ value }, index) => {
    const name = names[index] ?? span('')
    const cells = widths[index] ?? 0
    if (cells <= most) return hang([name, span(' '.repeat(column - cells))], value, column, width)
    return [...wrap([name], width), ...indent(value, 2, width)]
  })
  return indent(lines, tableIndent, fullWidth)
}

/** Every line moved to the right, wrapped to fit. */
export function indent(lines: readonly Line[], by: number, width: number): Line[] {
  const space = span(' '.repeat(by))
  return lines.flatMap((line) => wrap(line, width - by)).map((line) => [space, ...line])
}

/** A whole text as lines: a real line break shows as `⏎` and breaks, a tab as `⇥`. */
export function textLines(text: string, tone: Tone, before = '', after = ''): Line[] {
  const parts = text.split('\n')
  return parts.map((part, index) => {
    const line: Span[] = []
    if (index === 0 && before !== '') line.push(span(before, 'dim'))
    if (part !== '') line.push(span(part.replaceAll('\t', '⇥   '), tone))
    line.push(index < parts.length - 1 ? span('⏎', 'dim') : span(after, 'dim'))
    return line.filter(({ text }) => text !== '')
  })
}

/** A rule across the screen with text set into both ends. */
export function rule(start: string, left: Line, right: Line, width: number, tone: Tone): Line {
  const fill = width - cellWidth(start) - lineWidth(left) - lineWidth(right) - 5
  if (fill < 1) return [span(`${start} `, tone), ...left]
  return [span(`${start} `, tone), ...left, span(` ${'─'.repeat(fill)} `, tone), ...right, span(' ─', tone)]
}

/** The first line behind a lead, the others under it. */
function hang(lead: Line, lines: readonly Line[], column: number, width: number): Line[] {
  const space = span(' '.repeat(column))
  const wrapped = lines.flatMap((line) => wrap(line, width - column))
  if (wrapped.length === 0) return [lead]
  return wrapped.map((line, index) => (index === 0 ? [...lead, ...line] : [space, ...line]))
}

function isLines(value: Line | readonly Line[]): value is readonly Line[] {
  return value.length === 0 || Array.isArray(value[0])
}
