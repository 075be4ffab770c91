import { type RowCipher, type SealedText, sealedLengths } from '@gatewright/core/encryption'
import type { DocumentKind } from '../database/schema'
import { unavailable } from '../errors'

/** A document as its column holds it: JSON, or bytes that a key has sealed. */
export type Sealed = string | Buffer

/** What a document belongs to: the row's id, and its version where it has one. */
export type Binding = readonly (string | number)[]

/** Turns what is stored beside the columns into what the column holds, and back. */
export interface Vault {
  /** JSON has escapes for NUL and for halves of surrogate pairs, so every text survives. */
  seal(kind: DocumentKind, binding: Binding, value: unknown): Sealed
  /**
   * @throws GatewrightError `ERR_STORE_UNAVAILABLE` naming the key, when it is missing or another one, or when the bytes were
   *   changed or belong to another row
   */
  open<T>(kind: DocumentKind, binding: Binding, column: unknown): T
  /** Its JSON. @throws as `open` does */
  text(kind: DocumentKind, binding: Binding, column: unknown): string
  /** The key that sealed it; `null`: it is in clear. */
  keyOf(column: unknown): string | null
  /** The key that seals from now on; `null`: there is none. */
  readonly sealingKeyId: string | null
  /** The document sealed with the first key; `null` where it is already. */
  reseal(kind: DocumentKind, binding: Binding, column: unknown): Sealed | null
}

/** First byte of what is sealed: the format. Then the length of the key's id, the id, the nonce, the tag, the text. */
const FORMAT = 1

/** Makes a vault. */
export function createVault(cipher: RowCipher): Vault {
  function seal(kind: DocumentKind, binding: Binding, text: string): Sealed {
    // Without keys the place need not be written out.
    if (cipher.sealingKeyId() === null) return text
    const sealed = cipher.seal(text, placeOf(kind, binding))
    return sealed === null ? text : writeSealed(sealed)
  }

  function open(kind: DocumentKind, binding: Binding, column: unknown): string {
    return typeof column === 'string' ? column : cipher.open(readSealed(column), placeOf(kind, binding))
  }

  return {
    seal: (kind, binding, value) => seal(kind, binding, JSON.stringify(value)),
    open: <T>(kind: DocumentKind, binding: Binding, column: unknown) =>
      JSON.parse(open(kind, binding, column)) as T,
    text: open,
    keyOf,
    get sealingKeyId() {
      return cipher.sealingKeyId()
    },
    reseal(kind, binding, column) {
      if (typeof column !== 'string' && keyOf(column) === cipher.sealingKeyId()) return null
      return seal(kind, binding, open(kind, binding, column))
    },
  }
}

const keyOf = (column: unknown): string | null =>
  typeof column === 'string' ? null : readSealed(column).keyId

/** Documents of any kind, and of any row, cannot change places. */
function placeOf(kind: DocumentKind, binding: Binding) {
  return { table: kind, binding: JSON.stringify(['gatewright-sqlite', FORMAT, kind, ...binding]) }
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
