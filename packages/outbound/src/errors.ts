import { GatewrightError } from '@gatewright/core'

/** Codes of {@link OutboundError}. */
export type OutboundErrorCode =
  | 'ERR_OUTBOUND_FORBIDDEN'
  | 'ERR_OUTBOUND_FAILED'
  | 'ERR_OUTBOUND_DISABLED'
  | 'ERR_OUTBOUND_ABORTED'
  | 'ERR_OUTBOUND_CLOSED'
  | 'ERR_OUTBOUND_TOO_LARGE'
  | 'ERR_OUTBOUND_DEAD_LETTERS'

/** What an {@link OutboundError} may carry besides its code and message. */
export interface OutboundErrorFields {
  /** What the receiver answered last, where it answered. */
  readonly status?: number | null
  /** How many attempts were made. */
  readonly attempts?: number
  readonly cause?: unknown
}

/**
 * A message was not delivered. `code` is stable and decides; messages name the receiver's host and never hold its path,
 * its query, a header, a secret or a body. Recognised by {@link isOutboundError}, across copies of the package.
 */
export class OutboundError<Code extends OutboundErrorCode = OutboundErrorCode> extends GatewrightError<Code> {
  /** What the receiver answered last; `null` where it gave no answer. */
  readonly status: number | null
  /** How many attempts were made: 0 when nothing was sent. */
  readonly attempts: number

  constructor(code: Code, message: string, fields: OutboundErrorFields = {}) {
    super(code, message, { cause: fields.cause })
    this.status = fields.status ?? null
    this.attempts = fields.attempts ?? 0
    this.name = 'OutboundError'
  }
}

/** Whether a value is an error of this package, from any copy of it. */
export function isOutboundError(value: unknown): value is OutboundError {
  return GatewrightError.isInstance(value) && (value.code as string).startsWith('ERR_OUTBOUND_')
}
