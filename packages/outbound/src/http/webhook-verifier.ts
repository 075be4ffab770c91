import { createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto'
import { type Duration, OptionError, parseDuration } from '@gatewright/core'
import { decodeKey, hmac, hmacKey, secretList, signedContent } from './webhook-secrets'

/** What is known of a message whose signature was verified, or why it counts as nobody's. */
export type VerifiedWebhook =
  | { readonly id: string; readonly problem?: never }
  | { readonly problem: string; readonly id?: never }

/** Verifies messages by Standard Webhooks 1.0. */
export interface WebhookVerifier {
  /**
   * Judges a message by its headers and its body as it arrived, before anything of it is parsed. Never throws, whatever is
   * in them.
   *
   * @param now - milliseconds since the epoch
   */
  verify(headers: { get(name: string): string | null }, body: Uint8Array, now: number): VerifiedWebhook
}

type Check = (content: Buffer, signature: Buffer) => boolean

/** DER before the 32 bytes of an Ed25519 public key. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const ID = /^[\w-]{1,200}$/
const SECONDS = /^\d{1,12}$/
/** Each is judged by each key, and an Ed25519 judgement costs a tenth of a millisecond. */
const MOST_SIGNATURES = 10

/**
 * Reads the keys that messages are verified with: `whsec_` for HMAC-SHA256 (`v1`), `whpk_` for Ed25519 (`v1a`). A message
 * needs one good signature by one of them: so either end can change its key first.
 *
 * @param option - where the keys come from, for messages
 * @param tolerance - how far a message's timestamp may be from now, before and after
 * @throws GatewrightError `ERR_SECRET_MISSING` when there is none, or an empty one (T18)
 * @throws OptionError for a key of another form, which is never quoted, and a tolerance of nothing or over an hour
 * @example
 * ```ts
 * import { webhookVerifier } from '@gatewright/outbound'
 *
 * const verifier = webhookVerifier(process.env['HOOK_SECRET'] ?? '', 'HOOK_SECRET')
 *
 * export async function receive(request: Request): Promise<Response> {
 *   const body = new Uint8Array(await request.arrayBuffer())
 *   const { id, problem } = verifier.verify(request.headers, body, Date.now())
 *   if (problem !== undefined) return new Response(problem, { status: 401 })
 *   console.log(`message ${id}`)
 *   return new Response(null, { status: 204 })
 * }
 * ```
 */
export function webhookVerifier(
  keys: string | readonly string[],
  option: string,
  tolerance: Duration = '5m',
): WebhookVerifier {
  const checks = secretList(keys, option, 'Nothing is ever taken unverified').map((key) =>
    parseKey(key, option),
  )
  const toleranceMs = parseDuration(tolerance, `${option}, tolerance`)
  if (toleranceMs < 1_000 || toleranceMs > 3_600_000)
    throw new OptionError(
      `${option}, tolerance`,
      'must be from 1s to 1h: it is how long a message can be replayed',
    )
  return {
    verify(headers, body, now) {
      const id = headers.get('webhook-id') ?? ''
      const timestamp = headers.get('webhook-timestamp') ?? ''
      const signatures = headers.get('webhook-signature') ?? ''
      if (!ID.test(id))
        return { problem: 'webhook-id is missing, or not 1 to 200 letters, digits, "_" or "-"' }
      if (!SECONDS.test(timestamp))
        return { problem: 'webhook-timestamp is missing, or not seconds since 1970' }
      // T19: both ways, since a message from the future could be kept and sent then.
      if (Math.abs(now - Number(timestamp) * 1_000) > toleranceMs)
        return { problem: `webhook-timestamp is more than ${toleranceMs / 1_000} seconds from now` }
      const content = signedContent(id, timestamp, body)
      const given = signatures.length > 4_000 ? [] : signatures.split(' ').slice(0, MOST_SIGNATURES)
      const genuine = given.some((one) => {
        const [version = '', text = '', ...more] = one.split(',')
        const signature = Buffer.from(text, 'base64')
        return more.length === 0 && checks.some((check) => check[version]?.(content, signature) === true)
      })
      return genuine ? { id } : { problem: 'webhook-signature holds no signature by a known key' }
    },
  }
}

function parseKey(key: string, option: string): Readonly<Record<string, Check>> {
  if (key.startsWith('whsec_')) return byVersion('v1', hmacCheck(hmacKey(key, option)))
  if (key.startsWith('whpk_')) return byVersion('v1a', ed25519Check(publicKey(key, option)))
  if (key.startsWith('whsk_'))
    throw new OptionError(
      option,
      'is a secret key, which stays with the sender; its public key begins with whpk_',
    )
  throw new OptionError(option, 'must begin with whsec_ (HMAC-SHA256) or whpk_ (Ed25519)')
}

/** Without a prototype: the version is what somebody sent. */
function byVersion(version: string, check: Check): Readonly<Record<string, Check>> {
  return Object.assign(Object.create(null), { [version]: check })
}

function hmacCheck(key: Buffer): Check {
  return (content, signature) => {
    const expected = hmac(key, content)
    return expected.length === signature.length && timingSafeEqual(expected, signature)
  }
}

function ed25519Check(key: KeyObject): Check {
  return (content, signature) => signature.length === 64 && verify(null, content, key, signature)
}

function publicKey(key: string, option: string): KeyObject {
  const point = decodeKey(key.slice('whpk_'.length), option)
  if (point.length !== 32)
    throw new OptionError(option, `a whpk_ key has 32 bytes; this one has ${point.length}`)
  return createPublicKey({ key: Buffer.concat([SPKI, point]), format: 'der', type: 'spki' })
}
