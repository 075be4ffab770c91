import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { OptionError } from '@gatewright/core'
import { unavailable } from './errors'

/** A key for what is stored. */
export interface EncryptionKey {
  /** 1 to 64 letters, digits, `.`, `_` or `-`: stands beside what the key encrypted. Never given to another key. */
  readonly id: string
  /** 32 random bytes. */
  readonly key: Uint8Array
}

/** Encryption at rest. */
export interface EncryptionOptions {
  /**
   * The keys there are: the first encrypts, all decrypt. To rotate, put a new one first. Called whenever something is
   * encrypted or decrypted; a key that is missing makes what it encrypted unreadable, and nothing runs on it.
   */
  readonly keys: () => readonly EncryptionKey[]
}

/** Turns a column's text into what is stored, and back. `where` is the table and the row's id: a text moved elsewhere does not open. */
export interface Cipher {
  seal(text: string, where: string): string
  open(stored: string, where: string): string
}

const MARK = 'gw1'
const IV_BYTES = 12
const TAG_BYTES = 16
const PLAIN: Cipher = {
  seal: (text) => text,
  open(stored, where) {
    if (stored.startsWith(`${MARK}:`))
      throw unavailable(`${tableOf(where)} holds encrypted rows, and the store has no encryption option.`)
    return stored
  },
}

/**
 * AES-256-GCM with the row's place as associated data. What was stored before encryption was switched on is read as it is.
 *
 * @throws OptionError for options or keys that are none
 */
export function createCipher(options: EncryptionOptions | undefined): Cipher {
  if (options === undefined) return PLAIN
  let checked: Keys | null = null
  const keys = (): Keys => {
    const given = options.keys()
    if (given !== checked) checked = checkKeys(given)
    return checked
  }
  keys()
  return {
    seal(text, where) {
      const [first] = keys()
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', first.key, iv)
      cipher.setAAD(Buffer.from(where))
      const body = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${MARK}:${first.id}:${body.toString('base64')}`
    },
    open(stored, where) {
      if (!stored.startsWith(`${MARK}:`)) return stored
      const [, id = '', base64 = ''] = stored.split(':')
      const found = keys().find((key) => key.id === id)
      if (found === undefined)
        throw unavailable(
          `a row of ${tableOf(where)} is encrypted with the key "${id}", and encryption.keys has none of this id. Give it back.`,
        )
      const body = Buffer.from(base64, 'base64')
      try {
        const decipher = createDecipheriv('aes-256-gcm', found.key, body.subarray(0, IV_BYTES))
        decipher.setAAD(Buffer.from(where))
        decipher.setAuthTag(body.subarray(body.length - TAG_BYTES))
        const text = decipher.update(body.subarray(IV_BYTES, body.length - TAG_BYTES))
        return Buffer.concat([text, decipher.final()]).toString('utf8')
      } catch {
        // Fails closed: changed, cut, moved from another row, or another key of the same id.
        throw unavailable(
          `a row of ${tableOf(where)} does not open with the key "${id}": it was changed or moved, or the key is another.`,
        )
      }
    },
  }
}

function tableOf(where: string): string {
  return `the table ${where.split('/')[0]}`
}

type Keys = readonly [EncryptionKey, ...EncryptionKey[]]

function checkKeys(keys: readonly EncryptionKey[]): Keys {
  const option = 'postgresStore.encryption.keys'
  if (!Array.isArray(keys) || keys.length === 0) throw new OptionError(option, 'must answer a list of keys')
  const ids = new Set<string>()
  for (const { id, key } of keys as readonly EncryptionKey[]) {
    if (typeof id !== 'string' || !/^[\w.-]{1,64}$/.test(id))
      throw new OptionError(option, 'has a key whose id is not 1 to 64 letters, digits, ".", "_" or "-"')
    if (!(key instanceof Uint8Array) || key.byteLength !== 32)
      throw new OptionError(option, `has a key "${id}" that is not 32 bytes`)
    if (ids.has(id)) throw new OptionError(option, `has two keys with the id "${id}"`)
    ids.add(id)
  }
  return keys as unknown as Keys
}
