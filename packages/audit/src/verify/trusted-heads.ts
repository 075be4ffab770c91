import { isAuditLogError } from '../errors'
import type { Handover } from '../journal/key-history'
import {
  isValidFor,
  type ParsedCheckpoint,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  type SignatureAlgorithm,
  type TrustedKey,
  type Verifier,
  verifyNote,
} from '../note'
import type { StructureCode } from './verdict'

/** The largest note that is looked at: 16 post-quantum signatures fit. */
const MAX_NOTE_BYTES = 100_000

/** What became of a note that should be a log's head. */
export type JudgedHead =
  | {
      readonly head: ParsedCheckpoint
      readonly problem: null
      /** Verifier keys of the log's trusted keys that signed it. */
      readonly signedBy: readonly string[]
    }
  | {
      readonly head: ParsedCheckpoint | null
      readonly problem: { readonly code: StructureCode; readonly message: string }
    }

interface HeldKey {
  readonly verifier: Verifier
  ranges: TrustedKey[]
}

/** Judges signed heads by the keys that an auditor trusts. Keys are parsed once: logs have many heads. */
export class TrustedHeads {
  readonly #keys = new Map<string, HeldKey>()
  #verifiers: readonly Verifier[]
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
   * A key gave way to another, and signed that itself: it is trusted for nothing after it.
   *
   * @returns whether its trust passes to the next: that is not known, and this one was trusted without an end
   */
  handOver({ from, size, to }: Handover): boolean {
    const old = this.#keys.get(from)
    if (old === undefined) return false
    const endless = old.ranges.some((range) => range.to === null)
    old.ranges = old.ranges.map((range) => (range.to === null ? { ...range, to: size } : range))
    if (!endless || this.#keys.has(to)) return false
    const ranges = [{ vkey: to, from: size + 1, to: null }]
    this.#keys.set(to, { verifier: parseVerifierKey(to), ranges })
    this.#verifiers = [...this.#keys.values()].map(({ verifier }) => verifier)
    return true
  }

  /**
   * Judges a note: whether it is a checkpoint, of this log, signed by a trusted key of the log's name that is valid for its
   * size, and by one key of each kind that is trusted for that size: who trusts a second signature wants both. A bad signature
   * of any trusted key condemns it, and so does one beyond its range.
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
    const kinds = new Map<SignatureAlgorithm, boolean>()
    const signers: string[] = []
    for (const [vkey, key] of this.#keys) {
      const { algorithm, name } = key.verifier
      if (name !== head.origin) continue
      const signed = own.includes(key.verifier)
      if (signed) signers.push(vkey)
      const valid = key.ranges.some((range) => isValidFor(range, head.size))
      if (valid) kinds.set(algorithm, signed || kinds.get(algorithm) === true)
      else if (signed)
        return bad(
          head,
          'key-out-of-range',
          `the key that signed a checkpoint is not valid for a log of ${head.size} entries`,
        )
    }
    for (const [algorithm, signed] of kinds)
      if (!signed)
        return bad(
          head,
          'signature-missing',
          `a checkpoint of ${head.size} entries lacks the ${algorithm} signature of a trusted key`,
        )
    return { head, problem: null, signedBy: signers }
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
