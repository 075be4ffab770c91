import { AuditLogError } from '../errors'
import { parseNote } from './note'
import type { Verifier } from './verifier-key'

/** A note that at least one known key signed. */
export interface VerifiedNote {
  /** What is signed, with its final newline. */
  readonly text: string
  /** The known keys whose signatures are good, each once, in the order of the note. */
  readonly signedBy: readonly Verifier[]
  /** How many signatures are from keys that are not known. They were ignored. */
  readonly ignored: number
}

/**
 * Opens a signed note. Signatures of unknown keys are ignored; a bad signature of a known one rejects the whole note, and
 * so does the lack of a good one.
 *
 * @param verifiers - the known keys
 * @throws AuditLogError `ERR_LOG_NOTE_INVALID`; `ERR_LOG_SIGNATURE_INVALID` when a known key's signature is bad;
 *   `ERR_LOG_SIGNATURE_UNKNOWN` when no known key signed; `ERR_LOG_KEY_INVALID` when two known keys have one name and id
 */
export function verifyNote(note: string | Uint8Array, verifiers: readonly Verifier[]): VerifiedNote {
  const known = new Map<string, Verifier>()
  for (const verifier of verifiers) {
    const id = `${verifier.name}+${verifier.keyId}`
    if (known.has(id))
      throw new AuditLogError(
        'ERR_LOG_KEY_INVALID',
        `two known keys are named ${verifier.name} with one key id`,
      )
    known.set(id, verifier)
  }
  const { text, signatures } = parseNote(note)
  const bytes = Buffer.from(text, 'utf8')
  const signedBy = new Set<Verifier>()
  let ignored = 0
  for (const { name, keyId, signature } of signatures) {
    const verifier = known.get(`${name}+${keyId}`)
    if (verifier === undefined) {
      ignored += 1
      continue
    }
    if (!verifier.verify(bytes, signature))
      throw new AuditLogError('ERR_LOG_SIGNATURE_INVALID', `the signature of ${name} is bad`)
    signedBy.add(verifier)
  }
  if (signedBy.size === 0)
    throw new AuditLogError('ERR_LOG_SIGNATURE_UNKNOWN', 'no key that is trusted signed this note')
  return { text, signedBy: [...signedBy], ignored }
}
