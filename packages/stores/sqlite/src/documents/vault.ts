import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { DocumentTable } from '../database/schema'
import { unavailable } from '../errors'
import type { Keys } from './encryption'

/** A document as its column holds it: JSON, or bytes that a key has sealed. */
export type Sealed = string | Buffer

/** What a document belongs to: the row's id, and its version where it has one. */
export type Binding = readonly (string | number)[]

/** Turns what is stored beside the columns into what the column holds, and back. */
export interface Vault {
  /** JSON has escapes for NUL and for halves of surrogate pairs, so every text survives. */
  seal(table: DocumentTable, binding: Binding, value: unknown): Sealed
  /**
   * @throws GatewrightError `ERR_STORE_UNAVAILABLE` naming the key, when it is missing or another one, or when the bytes were
   *   changed or belong to another row
   */
  open<T>(table: DocumentTable, binding: Binding, column: unknown): T
  /** The document sealed with the first key; `null` where it is already. */
  reseal(table: DocumentTable, binding: Binding, column: unknown): Sealed | null
}

/** First byte of what is sealed: the format. Then the length of the key's id, the id, the nonce, the tag, the text. */
const FORMAT = 1
const NONCE = 12
const TAG = 16

/** Makes a vault; without keys nothing is encrypted, and nothing encrypted can be read. */
export function createVault(keys: Keys | null): Vault {
  function encrypt(table: DocumentTable, binding: Binding, text: string): Sealed {
    if (keys === null) return text
    const { id, key } = keys.first()
    const nonce = randomBytes(NONCE)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    cipher.setAAD(associated(table, binding))
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    const head = Buffer.from([FORMAT, id.length])
    return Buffer.concat([head, Buffer.from(id, 'latin1'), nonce, cipher.getAuthTag(), body])
  }

  function decrypt(table: DocumentTable, binding: Binding, column: unknown): string {
    if (typeof column === 'string') return column
    const bytes = bytesOf(column)
    const id = keyIdOf(bytes)
    if (keys === null)
      throw unavailable(
        `a row was encrypted with key '${id}', and the store was opened without "encryption".`,
      )
    const { key } = keys.named(id)
    const at = 2 + id.length
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(at, at + NONCE))
    decipher.setAAD(associated(table, binding))
    decipher.setAuthTag(bytes.subarray(at + NONCE, at + NONCE + TAG))
    try {
      return decipher.update(bytes.subarray(at + NONCE + TAG), undefined, 'utf8') + decipher.final('utf8')
    } catch (error) {
      throw unavailable(
        `a row of "${table}" cannot be decrypted with key '${id}': either that id stands for another key now, or the row was changed.`,
        error,
      )
    }
  }

  return {
    seal: (table, binding, value) => encrypt(table, binding, JSON.stringify(value)),
    open: <T>(table: DocumentTable, binding: Binding, column: unknown) =>
      JSON.parse(decrypt(table, binding, column)) as T,
    reseal(table, binding, column) {
      if (typeof column !== 'string' && keyIdOf(bytesOf(column)) === keys?.first().id) return null
      return encrypt(table, binding, decrypt(table, binding, column))
    },
  }
}

/** Rows of any table, and columns of any row, cannot change places. */
function associated(table: DocumentTable, binding: Binding): Buffer {
  return Buffer.from(JSON.stringify(['gatewright-sqlite', FORMAT, table, ...binding]))
}

function bytesOf(column: unknown): Buffer {
  if (Buffer.isBuffer(column)) return column
  if (column instanceof ArrayBuffer) return Buffer.from(column)
  // What came from another thread.
  if (column instanceof Uint8Array) return Buffer.from(column.buffer, column.byteOffset, column.byteLength)
  throw unavailable(
    'a row has neither a document nor what encrypts one: the file was changed by something else.',
  )
}

function keyIdOf(bytes: Buffer): string {
  const length = bytes[1] ?? 0
  if (bytes[0] !== FORMAT || bytes.length < 2 + length + NONCE + TAG)
    throw unavailable(
      'a row is encrypted in a form that is not known here. Install a newer @gatewright/store-sqlite.',
    )
  return bytes.toString('latin1', 2, 2 + length)
}
