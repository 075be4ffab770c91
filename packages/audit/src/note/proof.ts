import { AuditLogError } from '../errors'
import { HASH_BYTES, verifyInclusion } from '../merkle'
import { fromBase64, toBase64 } from './base64'
import { MAX_NOTE_BYTES, parseNote } from './note'
import { type OpenedCheckpoint, openCheckpoint, type TrustedKey } from './trust'

/** A proof that one entry stands in a log, which can be checked offline (c2sp.org/tlog-proof). */
export interface LogProof {
  /** Opaque data of the application. Nobody signed it: it must not be believed for itself. */
  readonly extra?: Uint8Array
  /** Of the entry, from 0. */
  readonly index: number
  /** From the leaf's sibling up to the root's child. */
  readonly hashes: readonly Uint8Array[]
  /** The signed checkpoint, as the log stored it. */
  readonly checkpoint: string
}

/** What {@link verifyLogProof} needs beside the proof. */
export interface LogProofClaim {
  /** The entry's bytes. */
  readonly leaf: Uint8Array
  /** Of the log. */
  readonly origin: string
  readonly keys: readonly TrustedKey[]
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'
/** No path in a tree of 2^53 leaves is longer. */
const MAX_HASHES = 53

/**
 * A proof as it is stored, in a file named `.tlog-proof`.
 *
 * @throws AuditLogError `ERR_LOG_PROOF_INVALID` for parts that {@link parseLogProof} would not read back
 */
export function formatLogProof({ extra, index, hashes, checkpoint }: LogProof): string {
  const lines = [FIRST_LINE]
  if (extra !== undefined && extra.length > 0) lines.push(`extra ${toBase64(extra)}`)
  lines.push(`index ${index}`, ...hashes.map(toBase64))
  const text = `${lines.join('\n')}\n\n${checkpoint}`
  parseLogProof(text)
  return text
}

/**
 * The parts of a proof. Verifies nothing: see {@link verifyLogProof}.
 *
 * @throws AuditLogError `ERR_LOG_PROOF_INVALID`, with `ERR_LOG_NOTE_INVALID` as its cause when the checkpoint is no note
 */
export function parseLogProof(text: string): LogProof {
  const end = text.indexOf('\n\n')
  if (end < 0) throw invalid('no empty line stands before the checkpoint')
  const lines = text.slice(0, end).split('\n')
  if (lines.shift() !== FIRST_LINE) throw invalid(`its first line is not ${FIRST_LINE}`)
  const extra = lines[0]?.startsWith('extra ') ? extraOf(lines.shift() as string) : undefined
  const index = indexOf(lines.shift() ?? '')
  if (lines.length > MAX_HASHES) throw invalid('it has more hashes than any path')
  const hashes = lines.map((line) => {
    const hash = fromBase64(line)
    if (hash?.length !== HASH_BYTES) throw invalid('a line is no hash of 32 bytes')
    return hash
  })
  const checkpoint = text.slice(end + 2)
  try {
    parseNote(checkpoint)
  } catch (cause) {
    throw invalid('its checkpoint is no signed note', cause)
  }
  return { ...(extra && { extra }), index, hashes, checkpoint }
}

/**
 * Checks that the entry stands in the log: the checkpoint is of that log and signed by a key trusted for it, and the path
 * leads from the entry to its root.
 *
 * @returns the checkpoint that vouches for the entry
 * @throws AuditLogError as `openCheckpoint` does; `ERR_LOG_PROOF_INVALID` when the path does not lead to the root
 */
export function verifyLogProof(
  proof: string | LogProof,
  { leaf, origin, keys }: LogProofClaim,
): OpenedCheckpoint {
  const { index, hashes, checkpoint: note } = typeof proof === 'string' ? parseLogProof(proof) : proof
  const opened = openCheckpoint(note, { origin, keys })
  const { size, root } = opened.checkpoint
  if (!verifyInclusion({ leaf, index, size, root, proof: hashes }))
    throw invalid(`its path does not lead from the entry at index ${index} to the root of the checkpoint`)
  return opened
}

function extraOf(line: string): Uint8Array {
  const bytes = fromBase64(line.slice('extra '.length))
  if (bytes === null || bytes.length === 0 || bytes.length > MAX_NOTE_BYTES)
    throw invalid('its extra data is no Base64')
  return bytes
}

function indexOf(line: string): number {
  const index = /^index (?:0|[1-9]\d{0,15})$/.test(line) ? Number(line.slice('index '.length)) : Number.NaN
  if (!Number.isSafeInteger(index)) throw invalid('a line with the index is missing')
  return index
}

function invalid(problem: string, cause?: unknown): AuditLogError {
  return new AuditLogError('ERR_LOG_PROOF_INVALID', `the proof is not valid: ${problem}`, { cause })
}
