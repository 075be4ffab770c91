import { createHmac, timingSafeEqual } from 'node:crypto'

/** How far the clocks of Slack and this machine may be apart, in seconds, and so how long a request can be repeated. */
const MOST_SKEW = 300

/** What Slack sends with a request. */
export interface SignedRequest {
  /** `x-slack-request-timestamp`: seconds since the epoch. */
  readonly timestamp: string | null
  /** `x-slack-signature`: `v0=` and 64 hex digits. */
  readonly signature: string | null
  /** The bytes as they came: what is parsed and written again has another signature. */
  readonly body: Uint8Array
}

/**
 * Whether a request is Slack's, by the app's signing secret
 * (https://docs.slack.dev/authentication/verifying-requests-from-slack). Never throws; false for everything that is missing,
 * malformed, or more than 300 seconds in the past or the future.
 *
 * @param now - milliseconds since the epoch
 */
export function isSigned(
  { timestamp, signature, body }: SignedRequest,
  secret: string,
  now: number,
): boolean {
  if (timestamp === null || signature === null || !/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(now / 1000 - Number(timestamp)) > MOST_SKEW) return false
  const expected = Buffer.from(
    `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`,
  )
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
