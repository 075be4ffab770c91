import { createHmac } from 'node:crypto'
import { GatewrightError, OptionError } from '@gatewright/core'

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * One or several secrets as a list.
 *
 * @param never - what does not happen without one, for the message
 * @throws GatewrightError `ERR_SECRET_MISSING` when there is none, or an empty one (T18)
 * @throws OptionError for what is no string
 */
export function secretList(
  secrets: string | readonly string[],
  option: string,
  never: string,
): readonly string[] {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets]
  if (list.length === 0 || list.some((secret) => secret === undefined || secret === null || secret === ''))
    throw new GatewrightError(
      'ERR_SECRET_MISSING',
      `${option}: a signing secret is missing or empty. ${never}: give at least one, and no empty one.`,
    )
  return list.map((secret) => {
    if (typeof secret !== 'string') throw new OptionError(option, 'must be a string or a list of strings')
    return secret
  })
}

/** The key of a `whsec_` secret. @throws OptionError for one of another length, or no base64 */
export function hmacKey(secret: string, option: string): Buffer {
  const key = decodeKey(secret.slice('whsec_'.length), option)
  if (key.length < 24 || key.length > 64)
    throw new OptionError(option, `a whsec_ secret has 24 to 64 bytes; this one has ${key.length}`)
  return key
}

/** HMAC-SHA256, the `v1` of Standard Webhooks. */
export function hmac(key: Buffer, content: Buffer): Buffer {
  return createHmac('sha256', key).update(content).digest()
}

/** What Standard Webhooks signs. */
export function signedContent(id: string, timestamp: number | string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`, 'utf8'), body])
}

/** Node skips what is no base64: another key would be used than the one that was meant. */
export function decodeKey(text: string, option: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (!BASE64.test(text) || bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, ''))
    throw new OptionError(option, 'is no base64 after its prefix')
  return bytes
}
