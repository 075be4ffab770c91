import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SealedValue } from '../contracts/approver'
import type { Json } from '../contracts/json'
import { GatewrightError } from '../errors'

/** A button value: what it states, and a MAC over that and the audience (T20). */
export function sealValue(secrets: readonly string[], value: SealedValue): string {
  return seal(secrets, [value.requestId, value.digest, value.expiresAt], value.audience)
}

/** A JSON value that only one of these gates can have written, for one audience. @throws GatewrightError `ERR_SECRET_MISSING` */
export function seal(secrets: readonly string[], value: Json, audience: string): string {
  const secret = secrets[0]
  if (secret === undefined) {
    throw new GatewrightError(
      'ERR_SECRET_MISSING',
      'a button cannot be signed without a secret. Give createGate at least one in "secrets".',
    )
  }
  const payload = Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${payload}.${mac(secret, payload, audience).toString('base64url')}`
}

/** The value, if one of the secrets signed it for this audience and it has not ended; else `null`. Never throws on hostile input. */
export function openValue(
  secrets: readonly string[],
  token: string,
  audience: string,
  now: number,
): SealedValue | null {
  const opened = unseal(secrets, token, audience) as [string, string, number] | null
  if (opened === null) return null
  const [requestId, digest, expiresAt] = opened
  return now > expiresAt ? null : { requestId, digest, audience, expiresAt }
}

/** What {@link seal} sealed for this audience with one of the secrets; else `null`. Never throws on hostile input. */
export function unseal(secrets: readonly string[], token: string, audience: string): Json {
  if (typeof token !== 'string' || token.length > 4_000) return null
  const [payload, signature, ...rest] = token.split('.')
  if (payload === undefined || signature === undefined || rest.length > 0) return null
  const given = Buffer.from(signature, 'base64url')
  const genuine = secrets.some((secret) => {
    const expected = mac(secret, payload, audience)
    return expected.length === given.length && timingSafeEqual(expected, given)
  })
  return genuine ? (JSON.parse(Buffer.from(payload, 'base64url').toString()) as Json) : null
}

const DOMAIN = 'gatewright button v1'

function mac(secret: string, payload: string, audience: string): Buffer {
  return createHmac('sha256', secret).update(`${DOMAIN}\0${audience}\0${payload}`).digest().subarray(0, 16)
}
