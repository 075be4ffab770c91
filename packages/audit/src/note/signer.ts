import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Awaitable } from '@gatewright/core'
import { AuditLogError } from '../errors'
import { checkNoteText, formatNote, type NoteSignature } from './note'
import {
  formatVerifierKey,
  materialOf,
  parseVerifierKey,
  type SignatureAlgorithm,
  type Verifier,
} from './verifier-key'

/** Holds a private key, or knows the service that does (KMS). */
export interface Signer {
  /** Of the key: a log's origin, `example.com/log42`. No spaces, no `+`. */
  readonly name: string
  /** What verifies its signatures (a "vkey"): public, to be given to auditors. */
  readonly verifierKey: string
  /**
   * The signature over the text, as c2sp.org/signed-note has it for the key's type, without the key id: 64 bytes of
   * Ed25519; for ECDSA, DER over the SHA-256 of the text. Rejecting means no signature was made, and the log stops.
   */
  sign(text: Uint8Array): Awaitable<Uint8Array>
}

/** Options of {@link generateSigner}. */
export interface GenerateSignerOptions {
  /** Of the key. */
  readonly name: string
  /** The kind of key. @default 'ed25519' */
  readonly algorithm?: SignatureAlgorithm
}

/**
 * A signer with a new key that lives and dies with the program: for tests and demonstrations.
 *
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` for a name that is empty or holds spaces or `+`
 */
export function generateSigner({ name, algorithm = 'ed25519' }: GenerateSignerOptions): Signer {
  const { privateKey } =
    algorithm === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  return keySigner(name, privateKey)
}

/**
 * A signer with a key at hand.
 *
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` for a key that is neither Ed25519 nor ECDSA on P-256, or a wrong name
 */
export function keySigner(name: string, privateKey: KeyObject): Signer {
  const publicKey = createPublicKey(privateKey)
  const { algorithm } = materialOf(publicKey)
  const digest = algorithm === 'ed25519' ? null : 'sha256'
  return {
    name,
    verifierKey: formatVerifierKey(name, publicKey),
    sign: (text) => sign(digest, text, privateKey),
  }
}

interface KnownSigner {
  readonly verifier: Verifier
  /** Whether one signature of it was checked. */
  proven: boolean
}

const known = new WeakMap<Signer, KnownSigner>()

/**
 * Signs a text: the whole signed note. The first signature of each signer is checked against its own verifier key, so that
 * a log does not grow under heads that nobody can verify.
 *
 * @param text - ends with a newline
 * @param signers - the log's own key first; at least one
 * @throws AuditLogError `ERR_LOG_NOTE_INVALID` for a text that is none; `ERR_LOG_KEY_INVALID` for a signer whose verifier key
 *   is not its own; `ERR_LOG_SIGNATURE_INVALID` for a signature that its verifier key does not verify
 */
export async function signNote(text: string, signers: readonly Signer[]): Promise<string> {
  checkNoteText(text)
  const bytes = Buffer.from(text, 'utf8')
  const signatures = await Promise.all(signers.map((signer) => signatureOf(signer, bytes)))
  return formatNote({ text, signatures })
}

async function signatureOf(signer: Signer, text: Uint8Array): Promise<NoteSignature> {
  const signing = known.get(signer) ?? learn(signer)
  const { verifier } = signing
  const signature = await signer.sign(text)
  if (!signing.proven && !verifier.verify(text, signature)) {
    throw new AuditLogError(
      'ERR_LOG_SIGNATURE_INVALID',
      `the signer ${signer.name} made a signature that its own verifier key does not verify`,
    )
  }
  signing.proven = true
  return { name: verifier.name, keyId: verifier.keyId, signature }
}

function learn(signer: Signer): KnownSigner {
  const verifier = parseVerifierKey(signer.verifierKey)
  if (verifier.name !== signer.name)
    throw new AuditLogError(
      'ERR_LOG_KEY_INVALID',
      `the verifier key of the signer ${signer.name} has another name`,
    )
  const learnt = { verifier, proven: false }
  known.set(signer, learnt)
  return learnt
}
