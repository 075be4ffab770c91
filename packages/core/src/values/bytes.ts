const VIEWS = {
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array,
  BigInt64Array, BigUint64Array, DataView,
} as const

/** Whether a value is binary data that can be copied faithfully. */
export function isBytes(value: unknown): value is ArrayBuffer | ArrayBufferView {
  return value instanceof ArrayBuffer || (ArrayBuffer.isView(value) && viewName(value) !== null)
}

/** The bytes a view shows, in base64, and the name of the view. A `Buffer` is restored as a `Buffer`. */
export function bytesOf(value: ArrayBuffer | ArrayBufferView): { readonly base64: string; readonly view: string } {
  if (value instanceof ArrayBuffer) return { base64: Buffer.from(value).toString('base64'), view: 'ArrayBuffer' }
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return { base64: bytes.toString('base64'), view: viewName(value) ?? 'Uint8Array' }
}

/** A fresh copy of encoded bytes. @throws TypeError for a view that does not exist */
export function restoreBytes(base64: string, view: string): ArrayBuffer | ArrayBufferView {
  const bytes = Buffer.from(base64, 'base64')
  if (view === 'Buffer') return bytes
  const copy = new Uint8Array(bytes).buffer
  if (view === 'ArrayBuffer') return copy
  const View = Object.hasOwn(VIEWS, view) ? (VIEWS as Readonly<Record<string, new (buffer: ArrayBuffer) => ArrayBufferView>>)[view] : undefined
  if (View === undefined) throw new TypeError('an encoded value names a view that does not exist')
  return new View(copy)
}

function viewName(value: ArrayBufferView): string | null {
  if (Buffer.isBuffer(value)) return 'Buffer'
  const name = Object.prototype.toString.call(value).slice(8, -1)
  return Object.hasOwn(VIEWS, name) ? name : null
}
