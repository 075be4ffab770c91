import { type RowCipher, type SealedText, sealedLengths } from '@gatewright/core/encryption'
import type { DocumentTable } from '../database/schema'
import { unavailable } from '../errors'

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

/** Makes a vault. */
export function createVault(cipher: RowCipher): Vault {
  function seal(table: DocumentTable, binding: Binding, text: string): Sealed {
    // Without keys the place need not be written out.
    if (cipher.sealingKeyId() === null) return text
    const sealed = cipher.seal(text, placeOf(table, binding))
    return sealed === null ? text : writeSealed(sealed)
  }

  function open(table: DocumentTable, binding: Binding, column: unknown): string {
    return typeof column === 'string' ? column : cipher.open(readSealed(column), placeOf(table, binding))
  }

  return {
    seal: (table, binding, value) => seal(table, binding, JSON.stringify(value)),
    open: <T>(table: DocumentTable, binding: Binding, column: unknown) =>
      JSON.parse(open(table, binding, column)) as T,
    reseal(table, binding, column) {
      if (typeof column !== 'string' && readSealed(column).keyId === cipher.sealingKeyId()) return null
      return seal(table, binding, open(table, binding, column))
    },
  }
}

/** Rows of any table, and columns of any row, cannot change places. */
function placeOf(table: DocumentTable, binding: Binding) {
  return { table, binding: JSON.stringify(['gatewright-sqlite', FORMAT, table, ...binding]) }
}

function writeSealed({ keyId, nonce, tag, body }: SealedText): Buffer {
  return Buffer.concat([Buffer.from([FORMAT, keyId.length]), Buffer.from(keyId, 'latin1'), nonce, tag, body])
}

function readSealed(column: unknown): SealedText {
  const bytes = bytesOf(column)
  const nonceAt = 2 + (bytes[1] ?? 0)
  const tagAt = nonceAt + sealedLengths.nonce
  const bodyAt = tagAt + sealedLengths.tag
  if (bytes[0] !== FORMAT || bytes.length < bodyAt)
    throw unavailable(
      'a row is encrypted in a form that is not known here. Install a newer @gatewright/store-sqlite.',
    )
  return {
    keyId: bytes.toString('latin1', 2, nonceAt),
    nonce: bytes.subarray(nonceAt, tagAt),
    tag: bytes.subarray(tagAt, bodyAt),
    body: bytes.subarray(bodyAt),
  }
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
