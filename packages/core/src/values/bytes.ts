import { types } from 'node:util'

const VIEWS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
} as const

type ViewConstructor = { new (buffer: ArrayBuffer): ArrayBufferView; readonly BYTES_PER_ELEMENT?: number }

/** Whether a value is binary data that can be copied faithfully: no subclass but `Buffer`. */
export function isBytes(value: unknown): value is ArrayBuffer | ArrayBufferView {
  return types.isArrayBuffer(value) || (ArrayBuffer.isView(value) && viewName(value) !== null)
}

/** The bytes a view shows, in base64 and the platform's order, and the name of the view. A `Buffer` is restored as a `Buffer`. */
export function bytesOf(value: ArrayBuffer | ArrayBufferView): {
  readonly base64: string
  readonly view: string
} {
  if (!ArrayBuffer.isView(value))
    return { base64: Buffer.from(value).toString('base64'), view: 'ArrayBuffer' }
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return { base64: bytes.toString('base64'), view: viewName(value) ?? 'Uint8Array' }
}

/** A fresh copy of encoded bytes; `null` when that is not how bytes are encoded. */
export function restoreBytes(base64: unknown, view: unknown): ArrayBuffer | ArrayBufferView | null {
  if (typeof base64 !== 'string' || typeof view !== 'string') return null
  const bytes = Buffer.from(base64, 'base64')
  // `Buffer.from` skips what is no base64.
  if (bytes.toString('base64') !== base64) return null
  if (view === 'Buffer') return bytes
  const copy = new Uint8Array(bytes).buffer
  if (view === 'ArrayBuffer') return copy
  if (!Object.hasOwn(VIEWS, view)) return null
  const View: ViewConstructor = VIEWS[view as keyof typeof VIEWS]
  return copy.byteLength % (View.BYTES_PER_ELEMENT ?? 1) === 0 ? new View(copy) : null
}

function viewName(value: ArrayBufferView): string | null {
  const prototype = Object.getPrototypeOf(value) as object
  if (prototype === Buffer.prototype) return 'Buffer'
  const name = Object.prototype.toString.call(value).slice(8, -1)
  // A subclass inherits these; only the built-in's own prototype owns them.
  const isBuiltIn = Object.hasOwn(prototype, name === 'DataView' ? 'getInt8' : 'BYTES_PER_ELEMENT')
  return isBuiltIn && Object.hasOwn(VIEWS, name) ? name : null
}
