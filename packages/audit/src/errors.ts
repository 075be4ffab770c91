import { GatewrightError } from '@gatewright/core'

/** Codes of {@link AuditLogError}. */
export type AuditLogErrorCode =
  | 'ERR_LOG_ENTRY_INVALID'
  | 'ERR_LOG_ENTRY_TOO_LARGE'
  | 'ERR_LOG_TREE_INVALID'
  | 'ERR_LOG_TILE_MISSING'
  | 'ERR_LOG_TILE_INVALID'
  | 'ERR_LOG_NOTE_INVALID'
  | 'ERR_LOG_CHECKPOINT_INVALID'
  | 'ERR_LOG_SIGNATURE_INVALID'
  | 'ERR_LOG_SIGNATURE_UNKNOWN'
  | 'ERR_LOG_KEY_OUT_OF_RANGE'
  | 'ERR_LOG_KEY_INVALID'
  | 'ERR_LOG_KEY_UNSAFE'
  | 'ERR_LOG_TRUST_INVALID'
  | 'ERR_LOG_PROOF_INVALID'
  | 'ERR_LOG_LOCKED'
  | 'ERR_LOG_DAMAGED'
  | 'ERR_LOG_UNAVAILABLE'

/** Where in a log something is wrong. */
export interface Place {
  /** Path of the file, as it was opened or relative to the log's directory. */
  readonly file?: string
  /** Byte offset in the file. */
  readonly offset?: number
  /** Index of the entry in the log, from 0. */
  readonly index?: number
}

/**
 * Something about a log, a note, a key or a proof is not as it must be. `code` is stable and decides; the message says
 * what is wrong and never holds key material. Recognised by {@link isAuditLogError}, across copies of the package.
 */
export class AuditLogError<Code extends AuditLogErrorCode = AuditLogErrorCode> extends GatewrightError<Code> {
  /** Where it is wrong, as far as it is known. */
  readonly place: Place

  constructor(
    code: Code,
    message: string,
    fields: { readonly place?: Place | undefined; readonly cause?: unknown } = {},
  ) {
    super(code, message, { cause: fields.cause })
    this.place = fields.place ?? {}
    this.name = 'AuditLogError'
  }
}

/** Whether a value is an error of this package, from any copy of it. */
export function isAuditLogError(value: unknown): value is AuditLogError {
  return GatewrightError.isInstance(value) && (value.code as string).startsWith('ERR_LOG_')
}
