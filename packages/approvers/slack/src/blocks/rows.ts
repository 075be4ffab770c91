import { visiblePieces } from '@gatewright/core/review'
import type { RichTextBlock, RichTextElement, RichTextPreformatted, RichTextSection } from '@slack/types'

/** One row of what is shown: a line with marks and links of ours, or preformatted text of anybody's. Nothing in it is parsed by Slack. */
export type Row =
  | { readonly type: 'line'; readonly elements: readonly RichTextElement[] }
  | { readonly type: 'code'; readonly text: string }

/** The most characters of one text element: Slack's bound on a text in a section, which rich text keeps as well. */
const MOST_TEXT = 2_900
const MOST_ELEMENTS = 60

/** A text that stays text: `rich_text` parses no mentions, links, emoji or markup (T15). */
export function words(
  text: string,
  style?: { bold?: boolean; italic?: boolean; code?: boolean },
): RichTextElement {
  // Slack refuses an empty text.
  return { type: 'text', text: text === '' ? ' ' : text, ...(style === undefined ? {} : { style }) }
}

/** A line of elements. */
export function line(...elements: readonly RichTextElement[]): Row {
  return { type: 'line', elements }
}

/** A heading. */
export function heading(text: string): Row {
  return line(words(text, { bold: true }))
}

/** Something of ours that opens the full view or a sign-in; shown as the address it leads to. */
export function address(url: string): RichTextElement {
  return { type: 'link', url, text: url }
}

const MOST_INLINE = 300

/** A labelled value: in the line when it is short, else preformatted below. */
export function fact(label: string, text: string): readonly Row[] {
  const said = words(`${label}: `, { bold: true })
  if (text.length <= MOST_INLINE && !text.includes('\n')) return [line(said, words(text))]
  return [line(said), ...code(text)]
}

/**
 * Anybody's text, preformatted. Lines after the first stand behind a bar, so that none can pass for another entry; what is
 * longer than one element may be goes on in the next row.
 */
export function code(text: string): readonly Row[] {
  const barred = text.replaceAll('\n', '\n│ ')
  return visiblePieces(barred, MOST_TEXT / 2).map((piece, index) => ({
    type: 'code',
    text: index === 0 ? piece : `│ ${piece}`,
  }))
}

/** At most as many characters as a row takes when it is sent, after a row of another kind. */
function sizeOf(row: Row, before: Row | undefined): number {
  const change = row.type === before?.type ? 0 : ELEMENT
  if (row.type === 'code')
    return JSON.stringify(row.text).length + change + (row.text.length / MOST_TEXT) * BLOCK
  const count = row.elements.length + 1
  const share = Math.max(textLength(row.elements) / MOST_TEXT, count / MOST_ELEMENTS)
  return JSON.stringify(row.elements).length + LINE_END + change + share * BLOCK
}

/** What JSON adds for an element of a block, for a block with one, and for the end of a line. */
const ELEMENT = 80
const BLOCK = 160
const LINE_END = 30

/** As many of the first rows as have room, counted as the characters they are sent as, and how many are left. */
export function fit(
  rows: readonly Row[],
  room: number,
): { readonly kept: readonly Row[]; readonly left: number } {
  const count = fitting(rows, 0, room)
  return { kept: rows.slice(0, count), left: rows.length - count }
}

/** How many rows from one on have room. */
function fitting(rows: readonly Row[], from: number, room: number): number {
  let taken = 0
  for (let index = from; index < rows.length; index += 1) {
    const row = rows[index]
    if (row === undefined) break
    taken += sizeOf(row, index === from ? undefined : rows[index - 1])
    if (taken > room) return index - from
  }
  return rows.length - from
}

/** All rows, in pages that have room each. At least one page. */
export function paged(rows: readonly Row[], room: number): readonly (readonly Row[])[] {
  const pages: (readonly Row[])[] = []
  for (let from = 0; from < rows.length; ) {
    // A row is far smaller than a page; one that is not stands alone.
    const count = Math.max(1, fitting(rows, from, room))
    pages.push(rows.slice(from, from + count))
    from += count
  }
  return pages.length === 0 ? [[]] : pages
}

/** Rows as blocks, each within what Slack takes. */
export function toBlocks(rows: readonly Row[]): RichTextBlock[] {
  const blocks: RichTextBlock[] = []
  let parts: (RichTextSection | RichTextPreformatted)[] = []
  let taken = 0
  let elements = 0
  for (const row of rows) {
    const size = row.type === 'code' ? row.text.length : textLength(row.elements)
    const count = row.type === 'code' ? 1 : row.elements.length + 1
    if (parts.length > 0 && (taken + size > MOST_TEXT || elements + count > MOST_ELEMENTS)) {
      blocks.push({ type: 'rich_text', elements: parts })
      parts = []
      taken = 0
      elements = 0
    }
    append(parts, row)
    taken += size + 1
    elements += count
  }
  if (parts.length > 0) blocks.push({ type: 'rich_text', elements: parts })
  return blocks
}

/** Rows of one kind that follow each other share an element. */
function append(parts: (RichTextSection | RichTextPreformatted)[], row: Row): void {
  const last = parts.at(-1)
  if (row.type === 'line') {
    if (last?.type === 'rich_text_section') last.elements.push(words('\n'), ...row.elements)
    else parts.push({ type: 'rich_text_section', elements: [...row.elements] })
    return
  }
  const [only] = last?.type === 'rich_text_preformatted' ? last.elements : []
  if (only?.type === 'text') only.text += `\n${row.text}`
  else parts.push({ type: 'rich_text_preformatted', elements: [{ type: 'text', text: row.text || ' ' }] })
}

function textLength(elements: readonly RichTextElement[]): number {
  return elements.reduce((sum, element) => sum + ('text' in element ? (element.text?.length ?? 0) : 20), 0)
}

/** A text for where Slack parses its own markup: notifications. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** At most so many characters, and a mark where something is left out; for places whose text also stands elsewhere in full. */
export function shortened(text: string, most: number): string {
  const flat = text.replace(/\s+/g, ' ')
  if (flat.length <= most) return flat
  const [first = ''] = visiblePieces(flat, most - 1)
  return `${first}…`
}
