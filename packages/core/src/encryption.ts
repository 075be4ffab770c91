import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { GatewrightError, OptionError } from './errors'
import { checkOptions } from './values/options'

/** A key for what is stored, and the name by which rows say that it sealed them. */
export interface EncryptionKey {
  /** 1 to 64 letters, digits, `.`, `_` or `-`: stands beside what the key sealed. Never given to another key. */
  readonly id: string
  /** 32 random bytes. */
  readonly key: Uint8Array
}

/** How a store encrypts what it holds. */
export interface EncryptionOptions {
  /**
   * The keys there are: the first seals, all open. To rotate, put a new one first. Asked whenever something is sealed or
   * opened, so that a key that comes later counts at once: answer from memory. A key that is missing makes what it sealed
   * unreadable, and nothing runs on it.
   */
  readonly keys: () => readonly EncryptionKey[]
}

/** What became of a text: how these parts lie in a column is up to the store. */
export interface SealedText {
  readonly keyId: string
  /** 12 bytes, different for each sealing. */
  readonly nonce: Uint8Array
  /** The encrypted text, as long as the text is in UTF-8. */
  readonly body: Uint8Array
  /** 16 bytes. */
  readonly tag: Uint8Array
}

/** The row that a text belongs to. What was sealed for one place opens at no other. */
export interface SealedPlace {
  /** The name of the table, for errors. */
  readonly table: string
  /** Names the table and the row, and whatever else may not be exchanged. Authenticated, and stored nowhere. */
  readonly binding: string
}

/** Seals and opens the texts of a store's rows. */
export interface RowCipher {
  /** The id of the key that seals now; `null` without encryption. */
  sealingKeyId(): string | null
  /** `null` without encryption: the text is stored as it is. */
  seal(text: string, place: SealedPlace): SealedText | null
  /**
   * The text that was sealed for this place.
   *
   * @throws GatewrightError `ERR_STORE_UNAVAILABLE` naming the key: it is missing, or another one under its id, or the row was
   *   changed, cut or moved
   */
  open(sealed: SealedText, place: SealedPlace): string
}

const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Lengths of the parts of a {@link SealedText} that are always as long, in bytes: for stores that put the parts in one column. */
export const sealedLengths: { readonly nonce: number; readonly tag: number } = Object.freeze({
  nonce: NONCE_BYTES,
  tag: TAG_BYTES,
})

/**
 * Makes the cipher of a store: AES-256-GCM with the row's place as associated data. It hides what a store holds, and notices
 * what was changed or moved among what is sealed; it does not prove who wrote a row. Without options nothing is sealed, and
 * nothing sealed can be opened.
 *
 * @param store - the function that took the options, for errors: `sqliteStore`
 * @throws OptionError for options or keys that are none, at once and whenever `keys` answers such
 */
export function createRowCipher(encryption: EncryptionOptions | undefined, store: string): RowCipher {
  if (encryption === undefined)
    return {
      sealingKeyId: () => null,
      seal: () => null,
      open({ keyId }, { table }) {
        throw unreadable(table, keyId, 'and the store was opened without "encryption". Give it its keys.')
      },
    }

  const keys = checkedKeys(encryption, store)
  keys()
  return {
    sealingKeyId: () => keys()[0].id,
    seal(text, { binding }) {
      const [{ id, key }] = keys()
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
      cipher.setAAD(Buffer.from(binding))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return { keyId: id, nonce, body, tag: cipher.getAuthTag() }
    },
    open({ keyId, nonce, body, tag }, { table, binding }) {
      const found = keys().find(({ id }) => id === keyId)
      if (found === undefined)
        throw unreadable(
          table,
          keyId,
          'which "encryption.keys" does not list. Add it there, behind the first.',
        )
      try {
        // Fails closed. A tag of another length is refused: a shortened one is easier to guess.
        const decipher = createDecipheriv(ALGORITHM, found.key, nonce, { authTagLength: TAG_BYTES })
        decipher.setAAD(Buffer.from(binding))
        decipher.setAuthTag(tag)
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
      } catch (error) {
        throw unreadable(
          table,
          keyId,
          'and does not open with it: it was changed or moved, or the key is another.',
          error,
        )
      }
    },
  }
}

type Keys = readonly [EncryptionKey, ...EncryptionKey[]]

/** Asks for the keys, and checks a list that was not checked before. */
function checkedKeys(encryption: EncryptionOptions, store: string): () => Keys {
  const option = `${store}.encryption`
  checkOptions(encryption, ['keys'], option)
  if (typeof encryption.keys !== 'function')
    throw new OptionError(`${option}.keys`, 'must be a function that answers the keys')
  let checked: Keys | null = null
  return () => {
    const given: unknown = encryption.keys()
    if (checked === null || given !== checked) checked = checkKeys(given, `${option}.keys`)
    return checked
  }
}

function checkKeys(keys: unknown, option: string): Keys {
  if (!Array.isArray(keys) || keys.length === 0) throw new OptionError(option, 'must answer a list of keys')
  const ids = new Set<string>()
  for (const entry of keys as readonly (Partial<EncryptionKey> | null)[]) {
    if (typeof entry?.id !== 'string' || !/^[\w.-]{1,64}$/.test(entry.id))
      throw new OptionError(option, 'has a key whose id is not 1 to 64 letters, digits, ".", "_" or "-"')
    if (!(entry.key instanceof Uint8Array) || entry.key.byteLength !== KEY_BYTES)
      throw new OptionError(option, `has a key "${entry.id}" that is not ${KEY_BYTES} bytes`)
    if (ids.has(entry.id)) throw new OptionError(option, `has two keys with the id "${entry.id}"`)
    ids.add(entry.id)
  }
  return keys as unknown as Keys
}

function unreadable(table: string, keyId: string, problem: string, cause?: unknown): GatewrightError {
  return new GatewrightError(
    'ERR_STORE_UNAVAILABLE',
    `a row of the table "${table}" was encrypted with the key "${keyId}", ${problem} Nothing was executed or changed.`,
    { cause },
  )
}
