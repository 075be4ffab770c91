import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto'
import { GatewrightError, OptionError } from '@gatewright/core'

/** Signs messages by Standard Webhooks 1.0. */
export interface MessageSigner {
  /** The value of `webhook-signature`: one signature for each secret, in their order. */
  sign(id: string, timestamp: number, body: Buffer): string
}

/** A key pair of Standard Webhooks. */
export interface WebhookKeys {
  /** `whsk_…`: stays with the sender. */
  readonly secret: string
  /** `whpk_…`: for receivers. */
  readonly publicKey: string
}

type Sign = (content: Buffer) => string

/** DER before the 32 bytes of an Ed25519 seed in PKCS #8. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Reads the secrets that sign: `whsec_` for HMAC-SHA256, `whsk_` for Ed25519. While a secret is replaced, both sign.
 *
 * @throws GatewrightError `ERR_SECRET_MISSING` when there is none, or an empty one (T18)
 * @throws OptionError for a secret of another form. The message never quotes it
 */
export function messageSigner(secrets: string | readonly string[], option: string): MessageSigner {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets]
  if (list.length === 0 || list.some((secret) => secret === undefined || secret === null || secret === ''))
    throw new GatewrightError(
      'ERR_SECRET_MISSING',
      `${option}: a signing secret is missing or empty. Nothing is ever sent unsigned: give at least one, and no empty one.`,
    )
  const signs = list.map((secret) => parseSecret(secret, option))
  return {
    sign(id, timestamp, body) {
      const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`, 'utf8'), body])
      return signs.map((one) => one(content)).join(' ')
    },
  }
}

/**
 * A new Ed25519 key pair: the sender signs with `secret`, and receivers who hold `publicKey` can verify and not sign.
 */
export function generateWebhookKeys(): WebhookKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const seed = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(PKCS8.length)
  const point = rawPublicKey(publicKey)
  return {
    secret: `whsk_${Buffer.concat([seed, point]).toString('base64')}`,
    publicKey: `whpk_${point.toString('base64')}`,
  }
}

function parseSecret(secret: unknown, option: string): Sign {
  if (typeof secret !== 'string') throw new OptionError(option, 'must be a string or a list of strings')
  if (secret.startsWith('whsec_')) return hmacSign(decode(secret.slice(6), option), option)
  if (secret.startsWith('whsk_')) return ed25519Sign(decode(secret.slice(5), option), option)
  if (secret.startsWith('whpk_'))
    throw new OptionError(option, 'is a public key; the one that signs begins with whsk_')
  throw new OptionError(option, 'must begin with whsec_ (HMAC-SHA256) or whsk_ (Ed25519)')
}

function hmacSign(key: Buffer, option: string): Sign {
  if (key.length < 24 || key.length > 64)
    throw new OptionError(option, `a whsec_ secret has 24 to 64 bytes; this one has ${key.length}`)
  return (content) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`
}

/** 64 bytes are a seed and its public key, as libsodium writes them; 32 are the seed alone. */
function ed25519Sign(bytes: Buffer, option: string): Sign {
  if (bytes.length !== 64 && bytes.length !== 32)
    throw new OptionError(option, `a whsk_ secret has 64 or 32 bytes; this one has ${bytes.length}`)
  const der = Buffer.concat([PKCS8, bytes.subarray(0, 32)])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  if (bytes.length === 64 && !rawPublicKey(createPublicKey(key)).equals(bytes.subarray(32)))
    throw new OptionError(option, 'the two halves of the whsk_ secret do not belong together')
  return (content) => `v1a,${sign(null, content, key).toString('base64')}`
}

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(-32)
}

/** Node skips what is no base64: another key would be used than the one that was meant. */
function decode(text: string, option: string): Buffer {
  const bytes = Buffer.from(text, 'base64')
  if (!BASE64.test(text) || bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, ''))
    throw new OptionError(option, 'is no base64 after its prefix')
  return bytes
}
