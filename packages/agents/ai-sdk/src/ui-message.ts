import type { ReviewDocument } from '@gatewright/core'

/** What this package reads of a message of a chat UI of AI SDK 6 or 7. */
export interface AnyUiMessage {
  readonly role: string
  readonly parts: readonly { readonly type: string }[]
}

/** What a chat UI shows of a request, so that a person can vote on exactly that. */
export interface ShownReview {
  /** The SDK's id of the question, as in `addToolApprovalResponse({ id })`. */
  readonly approvalId: string
  readonly toolCallId: string
  /** What is to be decided. */
  readonly review: ReviewDocument
  /** Says which request and which document, signed by us. The client sends it back, and can make nothing else of it. */
  readonly token: string
}

/** The part of a message that carries it. */
export interface ReviewPart {
  readonly type: 'data-gatewright-review'
  readonly id: string
  readonly data: ShownReview
}

/** A tool part that asks, or that the client says was answered. */
export interface AskingPart {
  readonly type: string
  readonly toolCallId: string
  readonly state: 'approval-requested' | 'approval-responded'
  readonly approval: { readonly id: string; readonly approved?: unknown; readonly reason?: unknown }
}

/** The parts of the last message that ask or were answered: the SDK goes on from there alone. */
export function askingParts(messages: readonly AnyUiMessage[]): readonly AskingPart[] {
  const last = messages.at(-1)
  return last?.role === 'assistant' && Array.isArray(last.parts) ? last.parts.filter(asks) : []
}

function asks(part: unknown): part is AskingPart {
  const { approval, state, toolCallId } = (part ?? {}) as Partial<AskingPart>
  return (
    (state === 'approval-requested' || state === 'approval-responded') &&
    typeof toolCallId === 'string' &&
    typeof approval?.id === 'string'
  )
}

/** The token that the client sent back for a question; hostile input at most makes it `undefined`. */
export function tokenFor(messages: readonly AnyUiMessage[], { approval }: AskingPart): string | undefined {
  const shown = messages
    .at(-1)
    ?.parts.filter((part) => part?.type === 'data-gatewright-review')
    .map((part) => (part as Partial<ReviewPart>).data)
    .filter((data) => data?.approvalId === approval.id)
    .at(-1)
  return typeof shown?.token === 'string' ? shown.token : undefined
}
