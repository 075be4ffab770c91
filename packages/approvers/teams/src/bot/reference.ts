import { z } from 'zod'
import type { MessagePlace } from './connector'

/** A message that was sent, and whose alone it is when it is one person's. */
export interface SentMessage extends MessagePlace {
  /** The object id of the person in a chat with one. */
  readonly user: string | null
}

/** What a store keeps of a delivery. */
export const MOST_REFERENCE = 2_000

const form = z.array(z.tuple([z.string(), z.string(), z.string().nullable()]))

/** Where the messages of a delivery stand, as a text for the store. */
export function writeReference(messages: readonly SentMessage[]): string {
  return JSON.stringify(messages.map(({ conversation, activity, user }) => [conversation, activity, user]))
}

/** The messages of a delivery; none for what we did not write. */
export function readReference(reference: string | null): readonly SentMessage[] {
  if (reference === null) return []
  try {
    return form
      .parse(JSON.parse(reference))
      .map(([conversation, activity, user]) => ({ conversation, activity, user }))
  } catch {
    return []
  }
}

/** A conversation without the message that began its thread. */
export function withoutThread(conversation: string): string {
  return conversation.split(';', 1)[0] ?? ''
}

/** Where a button may be pressed: the tenant and the conversation (T20). */
export function audienceOf(tenantId: string, conversation: string): string {
  return `teams:${tenantId}:${withoutThread(conversation)}`
}
