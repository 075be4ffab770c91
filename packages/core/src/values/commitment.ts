import { createHmac, randomBytes } from 'node:crypto'
import type { FieldOpening } from '../contracts/audit'
import { canonicalize } from './canonical'

/** Bytes of a salt: as many as the HMAC's hash has, so that no two salts make one key. */
const SALT_BYTES = 32

/**
 * The commitment to a value: HMAC-SHA256 (RFC 2104) over its canonical JSON (RFC 8785), in lower-case hex. Says nothing of
 * the value without the salt, and stands for no other value with it.
 *
 * @param salt - Base64 of 32 bytes
 * @returns `null` for a salt of another form
 */
export function commitmentOf({ salt, value }: Pick<FieldOpening, 'salt' | 'value'>): string | null {
  const key = Buffer.from(salt, 'base64')
  if (key.length !== SALT_BYTES || key.toString('base64') !== salt) return null
  return createHmac('sha256', key).update(canonicalize(value)).digest('hex')
}

/** A new salt: Base64 of 32 random bytes. */
export function newSalt(): string {
  return randomBytes(SALT_BYTES).toString('base64')
}
