import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SealedValue } from '../contracts/approver'
import { GatewrightError } from '../errors'

const DOMAIN = 'gatewright button v1'

/** A button value: what it states, and a MAC over that and the audience (T20). */
export function sealValue(secrets: readonly string[], value: SealedValue): string {
  const secret = secrets[0]
  if (secret === undefined) {
    throw new GatewrightError(
      'ERR_SECRET_MISSING',
      'a button cannot be signed without a secret. Give createGate at least one in "secrets".',
    )
  }
  const payload = Buffer.from(JSON.stringify([value.requestId, value.digest, value.expiresAt])).toString(
    'base64url',
  )
  return `${payload}.${mac(secret, payload, value.audience).toString('base64url')}`
}

/** The value, if one of the secrets signed it for this audience and it has not ended; else `null`. Never throws on hostile input. */
export function openValue(
  secrets: readonly string[],
  token: string,
  audience: string,
  now: number,
): SealedValue | null {
  if (typeof token !== 'string' || token.length > 1_000) return null
  const [payload, signature, ...rest] = token.split('.')
  if (payload === undefined || signature === undefined || rest.length > 0) return null
  const given = Buffer.from(signature, 'base64url')
  const genuine = secrets.some((secret) => {
    const expected = mac(secret, payload, audience)
    return expected.length === given.length && timingSafeEqual(expected, given)
  })
  if (!genuine) return null
  const [requestId, digest, expiresAt] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
    string,
    string,
    number,
  ]
  return now > expiresAt ? null : { requestId, digest, audience, expiresAt }
}

function mac(secret: string, payload: string, audience: string): Buffer {
  return createHmac('sha256', secret).update(`${DOMAIN}\0${audience}\0${payload}`).digest().subarray(0, 16)
}
