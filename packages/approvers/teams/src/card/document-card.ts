import type { ReviewDocument, ReviewLimits } from '@gatewright/core'
import { documentRows, standing } from './document-rows'
import {
  type AdaptiveCard,
  address,
  bytesOf,
  type CardAction,
  type CardElement,
  type Container,
  type ExecuteAction,
  isAddress,
  paragraph,
  runs,
  shortened,
} from './elements'
import { fit, line, type Row, toElements } from './rows'

/** The input of a reason, in what a button sends. */
export const NOTE = 'note'
/** The longest reason that can be written; a gate takes 4,000 characters. */
const MOST_NOTE = 3_000
/** Bytes of what is shown of a document; the buttons, the ids of the readers and the message around it need the rest. */
const ROOM = 15_000
/** Bytes of a card: 28 KB, less what the message around it takes. */
const MOST_CARD = 26_600
/** Bytes of ids of people whose clients fetch a card of their own. */
const ROOM_FOR_READERS = 6_000
/** Teams' bound on user-specific views. */
const MOST_READERS = 60

/** What is worth showing in a card; Teams takes 28 KB, which the renderer keeps whatever characters the text has. */
export const CARD_LIMITS: ReviewLimits = { leafCharacters: 2_000, leaves: 50, totalCharacters: 6_000 }

/** What a button does. */
export type Deed = 'approve' | 'reject' | 'view'

/** What a button sends, beside the reason. */
export interface ButtonData {
  readonly does: Deed
  /** The sealed value. */
  readonly value: string
  /** Of the delivery whose message it stands on. */
  readonly delivery: string
}

/** Whose eyes a card is for, and what it offers them. */
export type CardView =
  /** People who cannot decide in the card: those of a webhook, and everybody once it has ended. */
  | {
      readonly for: 'readers'
      /** The message cannot be changed later, and says so. @default false */
      readonly fixed?: true
    }
  /** Everybody in a conversation: nobody's buttons, and whose client fetches a card of their own (`userIds`). */
  | {
      readonly for: 'everyone'
      readonly value: string
      readonly delivery: string
      readonly userIds: readonly string[]
    }
  /** One person. `own`: whose agent asks, so that they see no buttons. */
  | { readonly for: 'person'; readonly value: string; readonly delivery: string; readonly own: boolean }

/** Something to say above a document to the one person who did something. */
export interface Notice {
  readonly style: 'good' | 'attention' | 'warning' | 'accent'
  readonly text: string
  /** Where to go on: a sign-in, an invitation. */
  readonly link?: { readonly title: string; readonly url: string } | undefined
}

/**
 * The card of a request, from its document alone. What has no room is declared, and then nothing can be approved in place
 * (T13, I9): the full view shows it.
 */
export function documentCard(
  review: ReviewDocument,
  view: CardView,
  notice: Notice | null = null,
): AdaptiveCard {
  const rows = documentRows(review)
  // What stands around the document is larger where links are long: nothing may make a card that Teams refuses.
  const around = bytesOf(assemble(review, view, notice, { kept: [], left: rows.length, complete: true }))
  const { kept, left } = fit(rows, Math.min(ROOM, MOST_CARD - around))
  return assemble(review, view, notice, { kept, left, complete: review.complete && left === 0 })
}

interface Shown {
  readonly kept: readonly Row[]
  readonly left: number
  readonly complete: boolean
}

function assemble(
  review: ReviewDocument,
  view: CardView,
  notice: Notice | null,
  { kept, left, complete }: Shown,
): AdaptiveCard {
  const pending = review.progress.status === 'pending'
  const title = titleOf(review)
  const actions = [...(pending ? decisions(review, view, complete) : []), ...opening(review, notice)]
  return {
    ...frame(title),
    ...refreshOf(view, pending),
    body: [
      paragraph(...runs(title, { size: 'Large', weight: 'Bolder' })),
      ...noticeOf(notice),
      ...ownWords(view, pending),
      ...toElements([...(review.complete && left === 0 ? [] : cutRows(review, left)), ...kept]),
    ],
    ...(actions.length === 0 ? {} : { actions }),
  }
}

/** A short card that says what became of a request, for channels whose messages cannot be changed. */
export function outcomeCard(review: ReviewDocument): AdaptiveCard {
  const title = titleOf(review)
  const subject = line(...runs(`Request ${review.requestId}`, { isSubtle: true }))
  const { kept } = fit([...standing(review), subject], ROOM)
  const actions = opening(review, null)
  return {
    ...frame(title),
    body: [paragraph(...runs(title, { size: 'Large', weight: 'Bolder' })), ...toElements(kept)],
    ...(actions.length === 0 ? {} : { actions }),
  }
}

/** A card with words of ours alone. */
export function noticeCard(text: string): AdaptiveCard {
  return { ...frame(text), body: [paragraph(...runs(text))] }
}

/** What a message is about, in one plain line. */
export function titleOf({ content, progress, shortDigest }: ReviewDocument): string {
  const title = progress.status === 'pending' ? 'Approval needed' : 'Approval request'
  return `${title}: ${shortened(content.action, 150)} · ${shortDigest}`
}

function frame(title: string) {
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.5',
    fallbackText: title,
    msteams: { width: 'Full' },
  } as const
}

function refreshOf(view: CardView, pending: boolean): Pick<AdaptiveCard, 'refresh'> {
  if (view.for !== 'everyone' || !pending) return {}
  const userIds: string[] = []
  let taken = 0
  for (const id of view.userIds.slice(0, MOST_READERS)) {
    taken += bytesOf(id) + 1
    if (taken > ROOM_FOR_READERS) break
    userIds.push(id)
  }
  return { refresh: { action: execute('Refresh', 'view', view), userIds } }
}

function noticeOf(notice: Notice | null): readonly Container[] {
  if (notice === null) return []
  const { style, text, link } = notice
  return [
    {
      type: 'Container',
      style,
      items: [
        paragraph(...runs(shortened(text, 600))),
        ...(link !== undefined && isAddress(link.url) ? [paragraph(address(link.url))] : []),
      ],
    },
  ]
}

function ownWords(view: CardView, pending: boolean): readonly CardElement[] {
  const said =
    view.for === 'readers' && view.fixed
      ? 'This message stays as it was sent: open the request to see how it stands now, and to decide.'
      : view.for === 'person' && view.own && pending
        ? 'This agent acts for you, so somebody else decides.'
        : null
  return said === null ? [] : [paragraph(...runs(said, { isSubtle: true }))]
}

function cutRows({ link }: ReviewDocument, left: number): readonly Row[] {
  const what =
    left === 0
      ? 'This message does not show everything.'
      : `${left} more entries are not shown in this message.`
  return [
    line(
      ...runs(`⚠️ ${what} `, { weight: 'Bolder', color: 'Warning' }),
      ...runs('It cannot be approved from here: read all of it in the inbox'),
      ...(isAddress(link) ? [...runs(', at '), address(link)] : runs('.')),
    ),
  ]
}

function decisions(review: ReviewDocument, view: CardView, complete: boolean): readonly CardAction[] {
  if (view.for === 'readers') return []
  if (view.for === 'everyone') return [execute('Decide…', 'view', view)]
  if (view.own) return []
  const { noteFor, risk } = review.content
  const careful = noteFor.approve || risk.level === 'high' || risk.level === 'critical'
  const approve = execute('Approve', 'approve', view)
  const rejecting = withReason('Reject…', execute('Reject', 'reject', view), review, noteFor.reject)
  if (!complete) return [rejecting]
  return [careful ? withReason('Approve…', approve, review, noteFor.approve) : approve, rejecting]
}

function opening({ link }: ReviewDocument, notice: Notice | null): readonly CardAction[] {
  const { link: further } = notice ?? {}
  return [
    ...(further !== undefined && isAddress(further.url)
      ? [{ type: 'Action.OpenUrl' as const, title: further.title, url: further.url }]
      : []),
    ...(isAddress(link) ? [{ type: 'Action.OpenUrl' as const, title: 'Open in inbox', url: link }] : []),
  ]
}

function withReason(
  title: string,
  action: ExecuteAction,
  { content, shortDigest }: ReviewDocument,
  needed: boolean,
): CardAction {
  const verb = action.title.toLowerCase()
  const what = `You ${verb} ${shortened(content.action, 150)}, exactly as it stands above (${shortDigest}), at ${content.risk.level} risk.`
  return {
    type: 'Action.ShowCard',
    title,
    ...(action.style === undefined ? {} : { style: action.style }),
    card: {
      type: 'AdaptiveCard',
      body: [
        paragraph(...runs(what)),
        {
          type: 'Input.Text',
          id: NOTE,
          label: needed ? 'Reason' : 'Reason (optional)',
          isMultiline: true,
          maxLength: MOST_NOTE,
          ...(needed ? { isRequired: true, errorMessage: `A reason is needed to ${verb}.` } : {}),
        },
      ],
      actions: [action],
    },
  }
}

const STYLES = { approve: { style: 'positive' }, reject: { style: 'destructive' }, view: {} } as const

function execute(title: string, does: Deed, { value, delivery }: Omit<ButtonData, 'does'>): ExecuteAction {
  const data = { gatewright: { does, value, delivery } }
  return {
    type: 'Action.Execute',
    title,
    verb: `gatewright.${does}`,
    data,
    ...STYLES[does],
    // A client without Action.Execute can be given no card of its own, and so nothing to decide with.
    fallback: does === 'view' ? 'drop' : { type: 'Action.Submit', title, data },
  }
}
