import type { ReviewDocument } from '@gatewright/core'
import { z } from 'zod'
import type { Place } from './reference'
import type { SlackWeb } from './web'

/** What the thread below a message was told so far. */
export interface Told {
  readonly votes: number
  readonly status: string
  readonly edited: boolean
}

/** What a document tells. */
export function toldBy({ progress, content }: ReviewDocument): Told {
  return { votes: progress.votes.length, status: progress.status, edited: content.edited !== null }
}

/** What stands in a message's metadata, for other processes and for this one after a restart. */
export function metadataOf(review: ReviewDocument, deliveryId: string) {
  const { votes, status, edited } = toldBy(review)
  return {
    event_type: EVENT,
    event_payload: { delivery_id: deliveryId, request_id: review.requestId, votes, status, edited },
  }
}

const EVENT = 'gatewright_request'

const message = z.object({
  ts: z.string(),
  bot_id: z.string(),
  metadata: z.object({
    event_type: z.literal(EVENT),
    event_payload: z.object({
      delivery_id: z.string(),
      request_id: z.string(),
      votes: z.number(),
      status: z.string(),
      edited: z.boolean(),
    }),
  }),
})

/** A message of ours that was found in a channel. */
export interface FoundMessage {
  readonly ts: string
  readonly requestId: string
  readonly deliveryId: string
  readonly told: Told
}

/** Messages of a channel are read in pages of so many, and at most so many pages. */
const PAGE = 200
const MOST_PAGES = 5
/** How far this machine's clock may be ahead of Slack's. */
const SKEW_S = 600

/**
 * Looks for the message of a request in a channel, by the metadata that only this app's own messages are believed for (T51).
 * Reads back to when the request was created, at most 1,000 messages.
 */
export async function findMessage(
  web: SlackWeb,
  channel: string,
  { requestId, progress }: ReviewDocument,
  options: { readonly botId: string; readonly signal: AbortSignal },
): Promise<FoundMessage | null> {
  const oldest = `${Math.max(0, Math.floor(progress.createdAt / 1_000) - SKEW_S)}`
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await web.call(
      (client) =>
        client.conversations.history({
          channel,
          oldest,
          limit: PAGE,
          include_all_metadata: true,
          ...(cursor === undefined ? {} : { cursor }),
        }),
      { signal: options.signal },
    )
    const found = ours(answer.messages ?? [], options.botId).find((one) => one.requestId === requestId)
    if (found !== undefined) return found
    cursor = answer.response_metadata?.next_cursor || undefined
    if (cursor === undefined) return null
  }
  return null
}

/** One message of ours by its place. `null`: it is no more. */
export async function readMessage(
  web: SlackWeb,
  { channel, ts }: Place,
  botId: string,
): Promise<FoundMessage | null> {
  const answer = await web.call((client) =>
    client.conversations.history({
      channel,
      oldest: ts,
      latest: ts,
      inclusive: true,
      limit: 1,
      include_all_metadata: true,
    }),
  )
  return ours(answer.messages ?? [], botId)[0] ?? null
}

function ours(messages: readonly unknown[], botId: string): readonly FoundMessage[] {
  return messages.flatMap((one) => {
    const read = message.safeParse(one)
    if (!read.success || read.data.bot_id !== botId) return []
    const { delivery_id, request_id, votes, status, edited } = read.data.metadata.event_payload
    return [
      { ts: read.data.ts, requestId: request_id, deliveryId: delivery_id, told: { votes, status, edited } },
    ]
  })
}
