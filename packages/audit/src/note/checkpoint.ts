import { AuditLogError } from '../errors'
import { HASH_BYTES } from '../merkle'
import { fromBase64, toBase64 } from './base64'
import { checkNoteText } from './note'

/** The head of a log: what it is called, how many entries it has, and the root over them. */
export interface Checkpoint {
  /** The log's identity: a name like `example.com/log42`. */
  readonly origin: string
  /** How many entries there are. */
  readonly size: number
  /** The root of the RFC 6962 tree over them: 32 bytes. */
  readonly root: Uint8Array
}

/** A checkpoint that was read from a note's text. */
export interface ParsedCheckpoint extends Checkpoint {
  /** Lines after the first three. Nobody vouches for their meaning. */
  readonly extensions: readonly string[]
}

/**
 * The text that a log signs (c2sp.org/tlog-checkpoint), without extension lines.
 *
 * @throws AuditLogError `ERR_LOG_CHECKPOINT_INVALID`
 */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  if (origin === '' || origin.includes('\n')) throw invalid('its origin is empty or has several lines')
  if (!Number.isSafeInteger(size) || size < 0) throw invalid('its size is no count')
  if (root.length !== HASH_BYTES) throw invalid('its root does not have 32 bytes')
  const text = `${origin}\n${size}\n${toBase64(root)}\n`
  checkNoteText(text)
  return text
}

/**
 * The checkpoint in a note's text.
 *
 * @param text - of a note that was verified
 * @throws AuditLogError `ERR_LOG_CHECKPOINT_INVALID` for anything that differs from c2sp.org/tlog-checkpoint, and for more
 *   than 2^53 - 1 entries
 */
export function parseCheckpoint(text: string): ParsedCheckpoint {
  if (!text.endsWith('\n')) throw invalid('it does not end with a newline')
  const [origin = '', count = '', hash = '', ...extensions] = text.slice(0, -1).split('\n')
  if (origin === '') throw invalid('it has no origin')
  const size = /^(?:0|[1-9]\d{0,15})$/.test(count) ? Number(count) : Number.NaN
  if (!Number.isSafeInteger(size)) throw invalid('its second line is no tree size')
  const root = fromBase64(hash)
  if (root?.length !== HASH_BYTES) throw invalid('its third line is no root hash')
  if (extensions.includes('')) throw invalid('it holds an empty line')
  return { origin, size, root, extensions }
}

function invalid(problem: string): AuditLogError {
  return new AuditLogError('ERR_LOG_CHECKPOINT_INVALID', `this is no checkpoint: ${problem}`)
}
