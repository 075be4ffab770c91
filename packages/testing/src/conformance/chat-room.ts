import type { Principal } from '@gatewright/core'

/** A button on a message, with the value it sends. */
export interface ChatButton {
  readonly does: 'approve' | 'reject' | 'edit'
  readonly value: string
}

/** A message as it stands in the room. */
export interface ChatMessage {
  readonly id: string
  readonly requestId: string
  /** In the room's markup: `<@id>` mentions, `<url>` links, `[text](url)` links; `&`, `<`, `[` are written `&amp;`, `&lt;`, `&lsqb;`. */
  readonly markup: string
  readonly buttons: readonly ChatButton[]
}

/** A chat platform in memory: where the approvers that prove the suite post, and where people press buttons. */
export interface ChatRoom {
  readonly messages: Map<string, ChatMessage>
  /** What people were answered. */
  readonly answers: string[]
  /** Who is signed in, by session. */
  readonly sessions: Map<string, Principal>
  /** Whether it accepts messages and never answers. */
  stalled: boolean
}

/** A room in which one person is signed in, as the session `s1`. */
export function chatRoom(person: Principal): ChatRoom {
  return { messages: new Map(), answers: [], sessions: new Map([['s1', person]]), stalled: false }
}

/** A text that the room shows as it is. */
export function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('[', '&lsqb;')
}

/** What a person reads. */
export function displayed(markup: string): string {
  return markup
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<@(\w+)>/g, '@$1')
    .replace(/<([^>]*)>/g, '$1')
    .replaceAll('&lsqb;', '[')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
}

/** Mentions and links that a message has, in the order of their kinds. */
export function liveIn(markup: string): readonly string[] {
  return [...markup.matchAll(/<[^>]*>|\[[^\]]*\]\([^)]*\)/g)].map(([found]) => found)
}
