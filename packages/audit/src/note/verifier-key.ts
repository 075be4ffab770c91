import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { AuditLogError } from '../errors'
import { fromBase64, toBase64 } from './base64'
import { isKeyName } from './note'

/** Signature types of c2sp.org/signed-note that are understood here. */
export const SIGNATURE_TYPES = { ed25519: 0x01, ecdsa: 0x02 } as const

/** A kind of signature: Ed25519, or ECDSA with SHA-256 on P-256. */
export type SignatureAlgorithm = keyof typeof SIGNATURE_TYPES

/** A public key that can judge the signatures of one signer. */
export interface Verifier {
  readonly name: string
  readonly keyId: number
  readonly algorithm: SignatureAlgorithm
  /** Whether the signature was made over the text with this key. Never throws. */
  verify(text: Uint8Array, signature: Uint8Array): boolean
}

/** SPKI of Ed25519 (RFC 8410) up to the 32 bytes of the key. */
const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * The verifier of a verifier key (`<name>+<key id>+<base64 of type and public key>`, c2sp.org/signed-note).
 *
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` for a wrong form, a key id that does not belong to name and key, a type other
 *   than Ed25519 and ECDSA, or an ECDSA key on a curve other than P-256
 */
export function parseVerifierKey(vkey: string): Verifier {
  const [, name = '', id = '', encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(vkey) ?? []
  const bytes = fromBase64(encoded)
  if (!isKeyName(name) || bytes === null || bytes.length < 2)
    throw invalid('is not <name>+<key id>+<base64 of type and public key>')
  const material = bytes.subarray(1)
  const algorithm = algorithmOf(bytes[0] as number)
  const key = algorithm === 'ed25519' ? ed25519Key(material) : p256Key(material)
  const keyId = keyIdOf(name, algorithm, material)
  if (keyId !== Number.parseInt(id, 16))
    throw invalid('has a key id that does not belong to its name and key')
  return {
    name,
    keyId,
    algorithm,
    verify(text, signature) {
      try {
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
  if (publicKey.asymmetricKeyType === 'ed25519')
    return { algorithm: 'ed25519', material: spki.subarray(ED25519_SPKI.length) }
  if (isP256(publicKey)) return { algorithm: 'ecdsa', material: spki }
  throw invalid('is of a kind that is not supported: Ed25519 and ECDSA on P-256 are')
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
  for (const algorithm of ['ed25519', 'ecdsa'] as const) {
    if (SIGNATURE_TYPES[algorithm] === type) return algorithm
  }
  throw invalid(`is for signatures of type 0x${type.toString(16).padStart(2, '0')}, which is not supported`)
}

function ed25519Key(material: Buffer): KeyObject {
  if (material.length !== 32) throw invalid('holds no Ed25519 key of 32 bytes')
  return publicKeyOf(Buffer.concat([ED25519_SPKI, material]))
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
