import type { ReviewDocument } from '@gatewright/core'
import type { KnownBlock, ModalView } from '@slack/types'
import { documentRows, referenceRows } from './document-rows'
import { ACTIONS, isAddress, plain } from './message'
import { address, line, paged, type Row, toBlocks, words } from './rows'

/** The block and the input of a reason. */
export const NOTE = 'note'
/** The longest reason that can be written; a gate takes 4,000 characters. */
const MOST_NOTE = 3_000
/** Characters of a page: far below the 250 KB of a view, and as much as one reads. */
const PAGE = 9_000

/** Which modal was submitted. */
export const CALLBACK = 'gatewright_vote'

/** Shown at once, while the document is fetched: a `trigger_id` lives three seconds. */
export function loadingView(): ModalView {
  return {
    type: 'modal',
    title: plain('Details'),
    close: plain('Close'),
    blocks: toBlocks([line(words('Loading…'))]),
  }
}

/** Something to read, and nothing to do but what the links say. */
export function noticeView(text: string): ModalView {
  return {
    type: 'modal',
    title: plain('Details'),
    close: plain('Close'),
    blocks: toBlocks([line(words(text))]),
  }
}

/** Asks for the reason of a vote. */
export function reasonView(
  decision: 'approve' | 'reject',
  options: { readonly shortDigest: string; readonly needed: boolean; readonly metadata: string },
): ModalView {
  const verb = decision === 'approve' ? 'Approve' : 'Reject'
  const what = `You ${decision} exactly the document with the digest ${options.shortDigest}.`
  return {
    type: 'modal',
    callback_id: CALLBACK,
    private_metadata: options.metadata,
    title: plain(verb),
    submit: plain(verb),
    close: plain('Go back'),
    blocks: [...toBlocks([line(words(what))]), noteInput(options.needed)],
  }
}

function noteInput(needed: boolean): KnownBlock {
  return {
    type: 'input',
    block_id: NOTE,
    optional: !needed,
    label: plain('Reason'),
    element: { type: 'plain_text_input', action_id: NOTE, multiline: true, max_length: MOST_NOTE },
  }
}

/** What a page of the details carries. */
export interface PageParts {
  readonly page: number
  readonly metadata: string
  /** Said above: that it changed meanwhile. */
  readonly notice: string | null
}

/** The rows of each page of a complete document. */
export function pagesOf(review: ReviewDocument): readonly (readonly Row[])[] {
  return paged([...documentRows(review), ...referenceRows(review)], PAGE)
}

/**
 * One page of a complete document. Only the last one offers to approve, and the only way there leads through the others: what
 * is approved was shown in full (T13).
 *
 * @param pages - for whoever shows several: those of this very document
 */
export function pageView(
  review: ReviewDocument,
  { page, metadata, notice }: PageParts,
  pages = pagesOf(review),
): ModalView {
  const at = Math.min(Math.max(0, page), pages.length - 1)
  const isLast = at === pages.length - 1
  const votes = isLast && review.complete && review.progress.status === 'pending'
  const above: readonly Row[] = notice === null ? [] : [line(words(notice, { bold: true }))]
  return {
    type: 'modal',
    callback_id: CALLBACK,
    private_metadata: metadata,
    title: plain(pages.length === 1 ? 'Details' : `Details ${at + 1} of ${pages.length}`),
    close: plain('Close'),
    blocks: [
      ...toBlocks([...above, ...(pages[at] ?? []), ...fullView(review)]),
      ...turning(at, pages.length),
      ...(votes ? [noteInput(review.content.noteFor.approve)] : []),
    ],
    ...(votes ? { submit: plain('Approve') } : {}),
  }
}

function fullView({ link }: ReviewDocument): readonly Row[] {
  return link === null || !isAddress(link) ? [] : [line(words('Also at '), address(link))]
}

function turning(at: number, pages: number): KnownBlock[] {
  if (pages === 1) return []
  const button = (to: number, text: string) => ({
    type: 'button' as const,
    action_id: `${ACTIONS.page}_${to < at ? 'back' : 'next'}`,
    text: plain(text),
    value: `${to}`,
  })
  return [
    {
      type: 'actions',
      elements: [
        ...(at > 0 ? [button(at - 1, '← Back')] : []),
        ...(at < pages - 1 ? [button(at + 1, 'Next →')] : []),
      ],
    },
  ]
}
