import { type Gate, OptionError, type Principal, type VoteReceipt } from '@gatewright/core'
import { gateRecord } from './gate-tools'
import { type AiSdkOptions, readOptions } from './options'
import { reviewPart } from './review-part'
import { reviewTokens } from './review-token'
import { type Settled, settle, UNSIGNED } from './settle'
import type { AnyTool } from './tool'
import { type AnyUiMessage, type AskingPart, askingParts, type ReviewPart, tokenFor } from './ui-message'

/** How a chat is bridged. */
export interface BridgeOptions extends Omit<AiSdkOptions, 'runId'> {
  readonly gate: Gate
  /** The chat's id, from where the server keeps its chats: with a call's id it is the idempotency key. */
  readonly runId: string
  /** Sign what the client holds, newest first, each at least 32 characters. All processes of a chat have the same. */
  readonly secrets: readonly string[]
}

/** What became of one answer of the client. */
export interface BridgedVote {
  readonly approvalId: string
  readonly toolCallId: string
  readonly receipt: VoteReceipt
}

/** What AI SDK 7 asks of each call. */
interface Asked {
  readonly toolCall: { readonly toolName: string; readonly toolCallId: string; readonly input: unknown }
  readonly messages: readonly unknown[]
}

/** A chat whose questions are requests of a gate. Made for each HTTP request; nothing of it has to be kept. */
export interface ApprovalBridge<Tools> {
  /** The gated tools. In AI SDK 6 they say themselves when people are asked. */
  readonly tools: Tools
  /** For AI SDK 7, beside the tools. It opens nothing: what runs is decided where the tool runs. */
  toolApproval(asked: Asked): Promise<'not-applicable' | 'user-approval'>
  /** Puts behind each question of a UI stream the document that is to be decided, signed. */
  withReviews<Chunk extends { readonly type: string }>(
    stream: ReadableStream<Chunk>,
  ): ReadableStream<Chunk | ReviewPart>
  /**
   * Casts the client's answers in the last message as votes of a person, each on the document that was shown. Answers without
   * our signature count for nothing, and so do those of whom the gate does not let decide (I4).
   *
   * @param actor - whom the route verified; never from the messages (I5)
   */
  votes(messages: readonly AnyUiMessage[], actor: Principal): Promise<readonly BridgedVote[]>
  /**
   * The messages as the gate sees them, whatever the client says: what waits is asked, what is decided is answered, and what
   * we did not sign has failed.
   */
  settle<Message extends AnyUiMessage>(messages: readonly Message[]): Promise<Settled<Message>>
}

/**
 * Bridges the gate to the SDK's own approval parts, for chat UIs: people decide in the chat, or anywhere else, and the run
 * ends meanwhile. Votes go through `gate.vote` with the digest of the document that was shown.
 *
 * @throws OptionError naming the option that is wrong, unknown or missing
 */
export function approvalBridge<Tools extends Readonly<Record<string, AnyTool>>>(
  tools: Tools,
  options: BridgeOptions,
): ApprovalBridge<Tools> {
  const where = 'approvalBridge'
  const settings = readOptions(options, where, ['secrets'])
  const { gate, runId, secrets } = options
  if (typeof gate?.request !== 'function') throw new OptionError(`${where}.gate`, 'is needed: a gate')
  if (typeof runId !== 'string') throw new OptionError(`${where}.runId`, 'is needed: the chat’s id')
  const tokens = reviewTokens(secrets, runId)
  const requestOf = new Map<string, string>()
  const gated = gateRecord(tools, {
    ...settings,
    also: (name) => ({
      needsApproval: (
        input: unknown,
        { toolCallId, messages }: { toolCallId: string; messages: unknown[] },
      ) => asks({ toolCall: { toolName: name, toolCallId, input }, messages }),
    }),
  })

  /** Whether people are asked about a call. Asked again before it runs: what was asked once stays so, and its run decides. */
  async function asks({ toolCall: { toolName, toolCallId, input }, messages }: Asked): Promise<boolean> {
    if (wasAsked(messages, toolCallId)) return true
    try {
      const { context, ...asked } = settings.gated.asking(toolName, { callId: toolCallId })
      const args = input as Readonly<Record<string, unknown>>
      const answer = await gate.request({ ...asked, args, context: { ...context, wait: 'suspend' } })
      if (answer.status !== 'pending' || answer.requestId === null) return false
      requestOf.set(toolCallId, answer.requestId)
      return true
    } catch {
      // Its run meets the same, and tells the model.
      return false
    }
  }

  async function voteOf(
    messages: readonly AnyUiMessage[],
    part: AskingPart,
    actor: Principal,
  ): Promise<VoteReceipt> {
    const shown = tokens.read(tokenFor(messages, part), part.toolCallId)
    if (shown === null)
      return { status: 'refused', reason: 'digest', message: `${UNSIGNED} No vote was counted.` }
    const { approved, reason } = part.approval
    const note = typeof reason === 'string' && reason !== '' ? { note: reason } : {}
    const decision = approved === true ? 'approve' : 'reject'
    return gate.vote({ ...shown, decision, actor, ...note }, { channel: 'ai-sdk' })
  }

  return {
    tools: gated,
    toolApproval: async (asked) => {
      const runsHere = typeof gated[asked.toolCall.toolName]?.execute === 'function'
      return runsHere && (await asks(asked)) ? 'user-approval' : 'not-applicable'
    },
    withReviews: (stream) =>
      stream.pipeThrough(
        new TransformStream({
          async transform(chunk, controller) {
            controller.enqueue(chunk)
            if (chunk.type !== 'tool-approval-request') return
            const { approvalId, toolCallId } = chunk as unknown as { approvalId: string; toolCallId: string }
            const requestId = requestOf.get(toolCallId)
            const part = requestId && (await reviewPart(gate, tokens, { requestId, approvalId, toolCallId }))
            if (part) controller.enqueue(part)
          },
        }),
      ),
    async votes(messages, actor) {
      const cast: BridgedVote[] = []
      for (const part of askingParts(messages)) {
        if (typeof part.approval.approved !== 'boolean') continue
        const receipt = await voteOf(messages, part, actor)
        cast.push({ approvalId: part.approval.id, toolCallId: part.toolCallId, receipt })
      }
      return cast
    },
    settle: (messages) => settle(gate, tokens, messages),
  }
}

/** Whether the SDK asked about a call before: it then looks again, and runs what it is told was approved. */
function wasAsked(messages: readonly unknown[], toolCallId: string): boolean {
  return messages.some((message) => {
    const { content } = message as { readonly content?: unknown }
    return (
      Array.isArray(content) &&
      content.some((part) => part?.type === 'tool-approval-request' && part.toolCallId === toolCallId)
    )
  })
}
