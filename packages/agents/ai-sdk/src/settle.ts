import type { Gate } from '@gatewright/core'
import { reviewPart } from './review-part'
import type { ReviewTokens } from './review-token'
import {
  type AnyUiMessage,
  type AskingPart,
  askingParts,
  type ReviewPart,
  type ShownReview,
  tokenFor,
} from './ui-message'

/** A question that people have not decided. */
export interface Waiting extends ShownReview {
  readonly requestId: string
}

/** A chunk of a UI stream that asks again. */
export type QuestionChunk =
  | { readonly type: 'start'; readonly messageId?: string }
  | { readonly type: 'tool-approval-request'; readonly approvalId: string; readonly toolCallId: string }
  | ReviewPart
  | { readonly type: 'finish' }

/** A chat's messages as the gate sees them. */
export interface Settled<Message> {
  readonly messages: Message[]
  /** What people have not decided. While there is any, the SDK must not go on. */
  readonly waiting: readonly Waiting[]
  /** The answer to the client meanwhile: it shows the questions again, each with its document as it now stands. */
  questions(): ReadableStream<QuestionChunk>
}

/** What is told of a call that came back without our signature. */
export const UNSIGNED =
  'This call was not executed: it came back without the document that was signed for it.'

/** What waits is asked, what is decided is answered, and what we did not sign has failed: whatever the client says. */
export async function settle<Message extends AnyUiMessage>(
  gate: Gate,
  tokens: ReviewTokens,
  messages: readonly Message[],
): Promise<Settled<Message>> {
  const waiting: Waiting[] = []
  const settled = new Map<unknown, AskingPart | object>()
  for (const part of askingParts(messages)) settled.set(part, await settledPart(part))

  async function settledPart(part: AskingPart): Promise<object> {
    const { approval, toolCallId } = part
    const shown = tokens.read(tokenFor(messages, part), toolCallId)
    if (shown === null) return { ...part, state: 'output-error', errorText: UNSIGNED, approval: undefined }
    const { requestId } = shown
    const { approved: _, reason: __, ...question } = approval
    const request = await gate.requests.get(requestId)
    if (request?.status === 'pending') {
      const review = await reviewPart(gate, tokens, { requestId, approvalId: approval.id, toolCallId })
      if (review !== null) {
        waiting.push({ ...review.data, requestId })
        return { ...part, state: 'approval-requested', approval: question }
      }
    }
    // The SDK then runs the tool, and there the gate says what became of it: the model is told a rejection by the error.
    return { ...part, state: 'approval-responded', approval: { ...question, approved: true } }
  }

  const last = messages.at(-1)
  const parts = last?.parts?.map((part) => settled.get(part) ?? part)
  return {
    messages: messages.map((one) =>
      one === last && settled.size > 0 ? ({ ...one, parts } as Message) : one,
    ),
    waiting,
    questions: () => questions(last, waiting),
  }
}

function questions(
  last: AnyUiMessage | undefined,
  waiting: readonly Waiting[],
): ReadableStream<QuestionChunk> {
  const id = (last as { readonly id?: unknown } | undefined)?.id
  return new ReadableStream({
    start(controller) {
      controller.enqueue({ type: 'start', ...(typeof id === 'string' ? { messageId: id } : {}) })
      for (const { requestId: _, ...data } of waiting) {
        const { approvalId, toolCallId } = data
        const asked = askingParts(last === undefined ? [] : [last]).find(
          ({ approval }) => approval.id === approvalId,
        )
        // What else the SDK keeps with its question, such as a signature of its own.
        const { id: __, approved: ___, reason: ____, ...question } = asked?.approval ?? {}
        controller.enqueue({ ...question, type: 'tool-approval-request', approvalId, toolCallId })
        controller.enqueue({ type: 'data-gatewright-review', id: approvalId, data })
      }
      controller.enqueue({ type: 'finish' })
      controller.close()
    },
  })
}
