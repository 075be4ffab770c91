import type { ReviewDocument } from '@gatewright/core'
import { layoutCard } from './layout'
import { paint } from './paint'

/** How {@link reviewText} writes. */
export interface ReviewTextOptions {
  /** Cells of a line. @default 80 */
  readonly width?: number
  /** @default false */
  readonly color?: boolean
  /** What is left of the time is told from here, in milliseconds since the epoch. @default Date.now() */
  readonly now?: number
  /** Whether to add what few readers need: full digests, pins, types, the request's id. @default false */
  readonly detailed?: boolean
}

/**
 * A review document as it is shown at a terminal: every leaf of it, and nothing in it that a terminal would obey. Ends
 * without a newline.
 */
export function reviewText(review: ReviewDocument, options: ReviewTextOptions = {}): string {
  const { width = 80, color = false, now = Date.now(), detailed = false } = options
  return layoutCard(review, { width, now, position: '', detailed })
    .map((line) => paint(line, color).trimEnd())
    .join('\n')
}
