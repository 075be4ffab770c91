import { hkdfSync } from 'node:crypto'
import { EncryptJWT, jwtDecrypt } from 'jose'

/** Seals small JSON values into cookies that nobody but this server can read or write. */
export interface SealedCookies {
  /** @param seconds - until it ends */
  seal(purpose: string, value: object, seconds: number): Promise<string>
  /** The value, if we sealed it for this purpose and it has not ended; else `null`. Never throws on hostile input. */
  open<T extends object>(purpose: string, sealed: string | undefined): Promise<T | null>
}

/** Browsers keep 4,096 bytes of a cookie, with its name and attributes. */
export const MOST_COOKIE_BYTES = 3_800

const AUDIENCE = 'gatewright server cookie v1'

/**
 * Cookies as JWE (RFC 7516; `dir`, `A256GCM`). The first secret seals, all open, so that secrets can be rotated.
 *
 * @param now - milliseconds since the epoch
 */
export function createSealedCookies(secrets: readonly string[], now: () => number): SealedCookies {
  const keys = secrets.map((secret) => new Uint8Array(hkdfSync('sha256', secret, '', AUDIENCE, 32)))
  const [sealing] = keys
  if (sealing === undefined) throw new Error('there is no secret to seal cookies with')
  return {
    seal(purpose, value, seconds) {
      const issued = Math.floor(now() / 1_000)
      return new EncryptJWT({ value })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setAudience(purpose)
        .setIssuedAt(issued)
        .setExpirationTime(issued + seconds)
        .encrypt(sealing)
    },
    async open<T extends object>(purpose: string, sealed: string | undefined) {
      if (sealed === undefined || sealed.length > 2 * MOST_COOKIE_BYTES) return null
      for (const key of keys) {
        try {
          const { payload } = await jwtDecrypt<{ value: T }>(sealed, key, {
            audience: purpose,
            keyManagementAlgorithms: ['dir'],
            contentEncryptionAlgorithms: ['A256GCM'],
            currentDate: new Date(now()),
          })
          return payload.value
        } catch {
          // Of another key, another purpose, too old, or forged: perhaps the next key opens it.
        }
      }
      return null
    },
  }
}
