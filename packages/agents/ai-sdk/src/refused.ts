import { type ErrorCode, GatewrightError } from '@gatewright/core'
import type { Refusal } from '@gatewright/core/agents'

/**
 * Thrown by a gated tool that did not run, so that the SDK makes a `tool-error` of it: its model reads the message, and goes
 * on. The tool's output keeps its type.
 */
export class ToolRefusedError extends GatewrightError<ErrorCode> {
  /** The person who decided, where one did. */
  readonly by: string | null
  /** Their words, or a rule's. */
  readonly reason: string | null

  constructor(refusal: Refusal, text: string) {
    super(refusal.code, text, refusal.requestId === null ? {} : { requestId: refusal.requestId })
    this.name = 'ToolRefusedError'
    this.by = refusal.by
    this.reason = refusal.reason
  }
}
