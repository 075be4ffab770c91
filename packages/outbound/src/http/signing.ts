import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { OptionError } from '@gatewright/core'
import { decodeKey, hmac, hmacKey, secretList, signedContent } from './webhook-secrets'

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

/**
 * Reads the secrets that sign: `whsec_` for HMAC-SHA256, `whsk_` for Ed25519. While a secret is replaced, both sign.
 *
 * @throws GatewrightError `ERR_SECRET_MISSING` when there is none, or an empty one (T18)
 * @throws OptionError for a secret of another form. The message never quotes it
 */
export function messageSigner(secrets: string | readonly string[], option: string): MessageSigner {
  const signs = secretList(secrets, option, 'Nothing is ever sent unsigned').map((secret) =>
    parseSecret(secret, option),
  )
  return {
    sign(id, timestamp, body) {
      const content = signedContent(id, timestamp, body)
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

function parseSecret(secret: string, option: string): Sign {
  if (secret.startsWith('whsec_')) {
    const key = hmacKey(secret, option)
    return (content) => `v1,${hmac(key, content).toString('base64')}`
  }
  if (secret.startsWith('whsk_')) return ed25519Sign(decodeKey(secret.slice(5), option), option)
  if (secret.startsWith('whpk_'))
    throw new OptionError(option, 'is a public key; the one that signs begins with whsk_')
  throw new OptionError(option, 'must begin with whsec_ (HMAC-SHA256) or whsk_ (Ed25519)')
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
