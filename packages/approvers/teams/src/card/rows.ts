import { visiblePieces } from '@gatewright/core/review'
import { bytesOf, type Container, paragraph, type RichTextBlock, runs, type TextRun } from './elements'

/** One row of what is shown: in the open, or with others on the ground that anybody's text stands on. */
export interface Row {
  readonly on: 'card' | 'ground'
  readonly block: RichTextBlock
}

const MOST_INLINE = 300
const MOST_PIECE = 1_000

/** A row of runs. */
export function line(...inlines: readonly TextRun[]): Row {
  return { on: 'card', block: paragraph(...inlines) }
}

/** A heading. */
export function heading(text: string): Row {
  return {
    on: 'card',
    block: { ...paragraph(...runs(text, { weight: 'Bolder' })), spacing: 'Medium' },
  }
}

/** A labelled value: in the line when it is short, else on the ground below. */
export function fact(label: string, text: string): readonly Row[] {
  const said = runs(`${label}: `, { weight: 'Bolder' })
  if (text.length <= MOST_INLINE && !text.includes('\n')) return [line(...said, ...runs(text))]
  return [line(...said), ...ground('', text)]
}

/**
 * Anybody's text in a font of equal widths, after its name. Lines after the first stand behind a bar, so that none can pass
 * for another entry; what is longer than one element should be goes on in the next.
 */
export function ground(name: string, text: string): readonly Row[] {
  const pieces = text.split('\n').flatMap((one) => visiblePieces(one, MOST_PIECE))
  return pieces.map((piece, index) => ({
    on: 'ground',
    block: {
      type: 'RichTextBlock',
      spacing: index === 0 ? 'Small' : 'None',
      inlines: [
        ...(index === 0 && name !== '' ? runs(`${name}  `, { weight: 'Bolder' }) : []),
        ...runs(index === 0 ? piece : `│ ${piece}`, { fontType: 'Monospace' }),
      ],
    },
  }))
}

/** What a container around a row of its own takes. */
const OVERHEAD = 80

/** As many of the first rows as have room, in bytes, and how many are left. */
export function fit(
  rows: readonly Row[],
  room: number,
): { readonly kept: readonly Row[]; readonly left: number } {
  let taken = 0
  for (const [index, { block }] of rows.entries()) {
    taken += bytesOf(block) + 1
    if (index > 0 && rows[index - 1]?.on !== rows[index]?.on) taken += OVERHEAD
    if (taken > room) return { kept: rows.slice(0, index), left: rows.length - index }
  }
  return { kept: rows, left: 0 }
}

/** Rows as elements: those on the ground that follow each other share one. */
export function toElements(rows: readonly Row[]): readonly (RichTextBlock | Container)[] {
  const elements: (RichTextBlock | Container)[] = []
  let shared: RichTextBlock[] = []
  for (const [index, { on, block }] of rows.entries()) {
    if (on === 'card') elements.push(block)
    else {
      if (rows[index - 1]?.on !== 'ground') {
        shared = []
        elements.push({ type: 'Container', style: 'emphasis', items: shared, spacing: 'Small' })
      }
      shared.push(block)
    }
  }
  return elements
}
