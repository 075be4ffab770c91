import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { AuditLogError } from '../errors'
import { fromBase64, toBase64 } from './base64'
import { cosignedMessage, readTimedSignature } from './cosignature'
import { isKeyName } from './note'

/** Signature types of c2sp.org/signed-note that are understood here. */
export const SIGNATURE_TYPES = { ed25519: 0x01, ecdsa: 0x02, 'ml-dsa-44': 0x06 } as const

/**
 * A kind of signature: Ed25519; ECDSA with SHA-256 on P-256; ML-DSA-44, the post-quantum one, as c2sp.org/tlog-cosignature
 * has it: for checkpoints alone, and where Node has it (24.6 and newer).
 */
export type SignatureAlgorithm = keyof typeof SIGNATURE_TYPES

/** A public key that can judge the signatures of one signer. */
export interface Verifier {
  readonly name: string
  readonly keyId: number
  readonly algorithm: SignatureAlgorithm
  /** Whether the signature was made over the text with this key. Never throws. */
  verify(text: Uint8Array, signature: Uint8Array): boolean
}

/** Of the keys whose SPKI is a prefix and the key's bytes: Ed25519 (RFC 8410), ML-DSA-44 (RFC 9881). */
const RAW_KEYS = {
  ed25519: { bytes: 32, spki: Buffer.from('302a300506032b6570032100', 'hex') },
  'ml-dsa-44': { bytes: 1_312, spki: Buffer.from('30820532300b06096086480165030403110382052100', 'hex') },
} as const

/**
 * The verifier of a verifier key (`<name>+<key id>+<base64 of type and public key>`, c2sp.org/signed-note).
 *
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` for a wrong form, a key id that does not belong to name and key, a type that is
 *   not supported, an ECDSA key on a curve other than P-256, or an ML-DSA-44 key where Node cannot use it
 */
export function parseVerifierKey(vkey: string): Verifier {
  const [, name = '', id = '', encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey) ?? []
  const bytes = fromBase64(encoded)
  if (!isKeyName(name) || bytes === null || bytes.length < 2)
    throw invalid('is not <name>+<key id>+<base64 of type and public key>')
  const material = bytes.subarray(1)
  const algorithm = algorithmOf(bytes[0] as number)
  const key = algorithm === 'ecdsa' ? p256Key(material) : rawKey(algorithm, material)
  const keyId = keyIdOf(name, algorithm, material)
  if (keyId !== Number.parseInt(id, 16))
    throw invalid('has a key id that does not belong to its name and key')
  return {
    name,
    keyId,
    algorithm,
    verify(text, signature) {
      try {
        if (algorithm === 'ml-dsa-44') return verifyTimed(name, key, text, signature)
        return verify(algorithm === 'ed25519' ? null : 'sha256', text, key, signature)
      } catch {
        // Fails closed: OpenSSL throws for some malformed signatures.
        return false
      }
    },
  }
}

/**
 * The verifier key of a public key.
 *
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` for a name with spaces or `+`, or a key of another kind
 */
export function formatVerifierKey(name: string, publicKey: KeyObject): string {
  if (!isKeyName(name)) throw invalid('has a name that is empty, or holds a space or a plus')
  const { algorithm, material } = materialOf(publicKey)
  const id = keyIdOf(name, algorithm, material).toString(16).padStart(8, '0')
  return `${name}+${id}+${toBase64(Buffer.concat([Buffer.of(SIGNATURE_TYPES[algorithm]), material]))}`
}

/** The algorithm of a key, private or public, and the bytes that stand for its public half. */
export function materialOf(publicKey: KeyObject): {
  readonly algorithm: SignatureAlgorithm
  readonly material: Buffer
} {
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const kind: string | undefined = publicKey.asymmetricKeyType
  if (kind === 'ed25519' || kind === 'ml-dsa-44')
    return { algorithm: kind, material: spki.subarray(RAW_KEYS[kind].spki.length) }
  if (isP256(publicKey)) return { algorithm: 'ecdsa', material: spki }
  throw invalid('is of a kind that is not supported: Ed25519, ECDSA on P-256 and ML-DSA-44 are')
}

function keyIdOf(name: string, algorithm: SignatureAlgorithm, material: Buffer): number {
  // Of ECDSA, the specification keeps what its first implementation did: neither name nor type is hashed.
  const hashed =
    algorithm === 'ecdsa'
      ? material
      : Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(SIGNATURE_TYPES[algorithm]), material])
  return hash('sha256', hashed, 'buffer').readUInt32BE(0)
}

function algorithmOf(type: number): SignatureAlgorithm {
  for (const algorithm of ['ed25519', 'ecdsa', 'ml-dsa-44'] as const) {
    if (SIGNATURE_TYPES[algorithm] === type) return algorithm
  }
  throw invalid(`is for signatures of type 0x${type.toString(16).padStart(2, '0')}, which is not supported`)
}

function rawKey(algorithm: keyof typeof RAW_KEYS, material: Buffer): KeyObject {
  const { bytes, spki } = RAW_KEYS[algorithm]
  if (material.length !== bytes) throw invalid(`holds no ${algorithm} key of ${bytes} bytes`)
  const encoded = Buffer.concat([spki, material])
  if (algorithm === 'ed25519') return publicKeyOf(encoded)
  try {
    return publicKeyOf(encoded)
  } catch (cause) {
    // Any bytes of that length are a key: what fails is this Node.
    throw invalid(withoutMlDsa(), cause)
  }
}

/** What is wrong with an ML-DSA-44 key here. */
export function withoutMlDsa(): string {
  return `is for ML-DSA-44, which Node ${process.versions.node} does not have: use Node 24.6 or newer`
}

function verifyTimed(name: string, key: KeyObject, text: Uint8Array, bytes: Uint8Array): boolean {
  const timed = readTimedSignature(bytes)
  if (timed === null) return false
  const message = cosignedMessage({ name, text: Buffer.from(text).toString(), timestamp: timed.timestamp })
  return verify(null, message, key, timed.signature)
}

function p256Key(material: Buffer): KeyObject {
  const key = publicKeyOf(material)
  // One key, one encoding: another would have another id.
  if (!isP256(key) || !key.export({ type: 'spki', format: 'der' }).equals(material))
    throw invalid('holds no ECDSA key on P-256 in DER')
  return key
}

function publicKeyOf(spki: Buffer): KeyObject {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' })
  } catch (cause) {
    throw invalid('holds no public key', cause)
  }
}

function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
}

function invalid(problem: string, cause?: unknown): AuditLogError {
  return new AuditLogError('ERR_LOG_KEY_INVALID', `the verifier key ${problem}`, { cause })
}
