import type { ReviewDocument } from '@gatewright/core'
import type { Button, KnownBlock, RichTextElement } from '@slack/types'
import { documentRows } from './document-rows'
import { address, escaped, fit, line, type Row, shortened, toBlocks, words } from './rows'

/** What buttons are called in what Slack sends back. */
export const ACTIONS = {
  approve: 'gatewright_approve',
  approveWithNote: 'gatewright_approve_note',
  reject: 'gatewright_reject',
  rejectWithNote: 'gatewright_reject_note',
  details: 'gatewright_details',
  page: 'gatewright_page',
  link: 'gatewright_link',
} as const

/** A message as it is sent. */
export interface RenderedMessage {
  /** For notifications; Slack parses it, so it is escaped. */
  readonly text: string
  readonly blocks: KnownBlock[]
  /** Whether everything is shown, so that it can be approved in place. */
  readonly complete: boolean
}

/** What a message needs besides the document. */
export interface MessageParts {
  /** The sealed value of its buttons. */
  readonly value: string
  /** Who is called: user groups and users of the route. */
  readonly mentions: readonly RichTextElement[]
}

/** Characters of all blocks together. Slack refused messages near 13,200; buttons and the headline need some of it. */
const ROOM = 10_500

/**
 * The message of a request, from its document alone. What has no room is declared and then nothing can be approved in place
 * (T13, I9): the details and the full view show it.
 */
export function renderMessage(review: ReviewDocument, { value, mentions }: MessageParts): RenderedMessage {
  const { content, progress, shortDigest } = review
  const rows = documentRows(review)
  const called = mentions.length === 0 ? [] : [line(...mentions.flatMap((one) => [one, words(' ')]))]
  const { kept, left } = fit(rows, ROOM)
  const complete = review.complete && left === 0
  const pending = progress.status === 'pending'
  const title = pending ? 'Approval needed' : 'Approval request'
  return {
    text: escaped(`${title}: ${shortened(content.action, 200)} (${shortDigest})`),
    blocks: [
      { type: 'header', text: plain(shortened(`${title}: ${content.action}`, 150)) },
      ...toBlocks([...(pending ? called : []), ...(complete ? [] : cutRows(review, left)), ...kept]),
      ...buttons(review, value, complete),
    ],
    complete,
  }
}

function cutRows({ link }: ReviewDocument, left: number): readonly Row[] {
  const what =
    left === 0 ? 'This message does not show everything.' : `${left} more entries are not shown here.`
  const how = 'It cannot be approved from here: read all of it in Details'
  return [
    line(
      words(`⚠️ ${what} `, { bold: true }),
      words(`${how}${link === null ? '.' : ', or at '}`),
      ...full(link),
    ),
  ]
}

const full = (link: string | null): readonly RichTextElement[] =>
  link === null || !isAddress(link) ? [] : [address(link)]

/** Whether a link can stand in a message: an address of the web, within Slack's 3,000 characters. */
export function isAddress(link: string): boolean {
  return /^https?:\/\//.test(link) && link.length <= 3_000
}

function buttons(review: ReviewDocument, value: string, complete: boolean): KnownBlock[] {
  const { content, progress, link } = review
  const offered: Button[] = []
  if (progress.status === 'pending') {
    const { approve, reject } = content.noteFor
    if (complete) offered.push(approving(review, value, approve))
    offered.push(
      {
        type: 'button',
        action_id: reject ? ACTIONS.rejectWithNote : ACTIONS.reject,
        text: plain('Reject…'),
        style: 'danger',
        value,
      },
      { type: 'button', action_id: ACTIONS.details, text: plain('Details'), value },
    )
  }
  if (link !== null && isAddress(link))
    offered.push({ type: 'button', action_id: ACTIONS.link, text: plain('Open in inbox'), url: link })
  return offered.length === 0 ? [] : [{ type: 'actions', elements: offered }]
}

function approving({ content, shortDigest }: ReviewDocument, value: string, needsNote: boolean): Button {
  const { level } = content.risk
  const careful = level === 'high' || level === 'critical'
  return {
    type: 'button',
    action_id: needsNote ? ACTIONS.approveWithNote : ACTIONS.approve,
    text: plain(needsNote ? 'Approve…' : 'Approve'),
    style: 'primary',
    value,
    ...(careful && !needsNote
      ? {
          confirm: {
            title: plain(`Approve at ${level} risk?`),
            text: plain(`${shortened(content.action, 200)} · ${shortDigest}`),
            confirm: plain('Approve'),
            deny: plain('Go back'),
          },
        }
      : {}),
  }
}

/** A text without markup or emoji names. */
export function plain(text: string) {
  return { type: 'plain_text' as const, text, emoji: false }
}
