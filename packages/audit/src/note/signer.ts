import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { Awaitable } from '@gatewright/core'
import { AuditLogError } from '../errors'
import { cosignedMessage, timelessSignature } from './cosignature'
import { checkNoteText, formatNote, type NoteSignature } from './note'
import {
  formatVerifierKey,
  materialOf,
  parseVerifierKey,
  type SignatureAlgorithm,
  type Verifier,
  withoutMlDsa,
} from './verifier-key'

/** Holds a private key, or knows the service that does (KMS). */
export interface Signer {
  /** Of the key: a log's origin, `example.com/log42`. No spaces, no `+`. */
  readonly name: string
  /** What verifies its signatures (a "vkey"): public, to be given to auditors. */
  readonly verifierKey: string
  /**
   * The signature over the text, as c2sp.org/signed-note has it for the key's type, without the key id: 64 bytes of
   * Ed25519; for ECDSA, DER over the SHA-256 of the text; for ML-DSA-44, 8 bytes of time and the signature over
   * `cosignedMessage`. Rejecting means no signature was made, and the log stops.
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
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` for a name that is empty or holds spaces or `+`, and for
 *   ML-DSA-44 where Node does not have it
 */
export function generateSigner({ name, algorithm = 'ed25519' }: GenerateSignerOptions): Signer {
  return keySigner(name, generateKey(algorithm))
}

/**
 * A new private key.
 *
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` for ML-DSA-44 where Node has none
 */
export function generateKey(algorithm: SignatureAlgorithm): KeyObject {
  if (algorithm === 'ecdsa') return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
  if (algorithm === 'ed25519') return generateKeyPairSync('ed25519').privateKey
  if (algorithm !== 'ml-dsa-44')
    throw new AuditLogError('ERR_LOG_KEY_INVALID', `there is no algorithm "${algorithm as string}" for keys`)
  // The types are those of the oldest Node that is supported.
  const generate: (type: never) => { readonly privateKey: KeyObject } = generateKeyPairSync
  try {
    return generate(algorithm as never).privateKey
  } catch (cause) {
    throw new AuditLogError('ERR_LOG_KEY_INVALID', `the key ${withoutMlDsa()}`, { cause })
  }
}

/**
 * A signer with a key at hand.
 *
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` for a key that is none of Ed25519, ECDSA on P-256 and ML-DSA-44, or a wrong name
 */
export function keySigner(name: string, privateKey: KeyObject): Signer {
  const publicKey = createPublicKey(privateKey)
  const { algorithm } = materialOf(publicKey)
  const verifierKey = formatVerifierKey(name, publicKey)
  if (algorithm === 'ml-dsa-44') return { name, verifierKey, sign: timelessly(name, privateKey) }
  const digest = algorithm === 'ed25519' ? null : 'sha256'
  return { name, verifierKey, sign: (text) => sign(digest, text, privateKey) }
}

/** Says nothing of the time: that would be a claim that this is the largest tree so far, which a key cannot know. */
function timelessly(name: string, privateKey: KeyObject): Signer['sign'] {
  return (text) =>
    timelessSignature(sign(null, cosignedMessage({ name, text: Buffer.from(text).toString() }), privateKey))
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
