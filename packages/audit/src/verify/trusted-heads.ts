import { isAuditLogError } from '../errors'
import {
  type ParsedCheckpoint,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  type TrustedKey,
  type Verifier,
  verifyNote,
} from '../note'
import type { StructureCode } from './verdict'

/** The largest note that is looked at: 16 post-quantum signatures fit. */
const MAX_NOTE_BYTES = 100_000

/** What became of a note that should be a log's head. */
export type JudgedHead =
  | { readonly head: ParsedCheckpoint; readonly problem: null }
  | {
      readonly head: ParsedCheckpoint | null
      readonly problem: { readonly code: StructureCode; readonly message: string }
    }

/** Judges signed heads by the keys that an auditor trusts. Keys are parsed once: logs have many heads. */
export class TrustedHeads {
  readonly #keys = new Map<string, { readonly verifier: Verifier; readonly ranges: TrustedKey[] }>()
  readonly #verifiers: readonly Verifier[]
  /** Signatures that were computed. */
  signatures = 0

  /** @throws AuditLogError `ERR_LOG_KEY_INVALID` */
  constructor(trust: readonly TrustedKey[]) {
    for (const key of trust) {
      const known = this.#keys.get(key.vkey)
      // One key may be valid in several ranges.
      if (known !== undefined) known.ranges.push(key)
      else this.#keys.set(key.vkey, { verifier: parseVerifierKey(key.vkey), ranges: [key] })
    }
    this.#verifiers = [...this.#keys.values()].map(({ verifier }) => verifier)
  }

  /**
   * Judges a note: whether it is a checkpoint, of this log, signed by a trusted key of the log's name that is valid for its
   * size. A bad signature of any trusted key condemns it.
   *
   * @param origin - `null`: any log that a trusted key is named for
   */
  judge(note: string | Uint8Array, origin: string | null): JudgedHead {
    const size = typeof note === 'string' ? Buffer.byteLength(note) : note.length
    if (size > MAX_NOTE_BYTES)
      return bad(
        null,
        'checkpoint-too-large',
        `a checkpoint has ${size} bytes; at most ${MAX_NOTE_BYTES} are read`,
      )
    let head: ParsedCheckpoint | null = null
    try {
      head = parseCheckpoint(parseNote(note).text)
      if (origin !== null && head.origin !== origin)
        return bad(
          head,
          'checkpoint-origin',
          `a checkpoint is of the log "${head.origin}", not of "${origin}"`,
        )
      const { signedBy } = verifyNote(note, this.#verifiers)
      this.signatures += signedBy.length
      return this.#judgeKeys(head, signedBy)
    } catch (error) {
      return bad(head, codeOf(error), messageOf(error))
    }
  }

  #judgeKeys(head: ParsedCheckpoint, signedBy: readonly Verifier[]): JudgedHead {
    // A key that is trusted for one log says nothing of another.
    const own = signedBy.filter(({ name }) => name === head.origin)
    if (own.length === 0)
      return bad(
        head,
        'checkpoint-unsigned',
        `no trusted key that is named "${head.origin}" signed a checkpoint`,
      )
    const valid = [...this.#keys.values()].some(
      ({ verifier, ranges }) =>
        own.includes(verifier) &&
        ranges.some(({ from, to }) => head.size >= from && (to === null || head.size <= to)),
    )
    if (!valid)
      return bad(
        head,
        'key-out-of-range',
        `the key that signed a checkpoint is not valid for a log of ${head.size} entries`,
      )
    return { head, problem: null }
  }
}

function bad(head: ParsedCheckpoint | null, code: StructureCode, message: string): JudgedHead {
  return { head, problem: { code, message } }
}

function codeOf(error: unknown): StructureCode {
  const code = isAuditLogError(error) ? error.code : null
  if (code === 'ERR_LOG_SIGNATURE_INVALID') return 'signature-bad'
  return code === 'ERR_LOG_SIGNATURE_UNKNOWN' ? 'checkpoint-unsigned' : 'checkpoint-invalid'
}

function messageOf(error: unknown): string {
  if (isAuditLogError(error)) return error.message
  throw error
}
