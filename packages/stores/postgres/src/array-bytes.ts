/** The types of columns that a statement takes as arrays, with what the server calls them. */
const OIDS = { text: 25, int4: 23, float8: 701, bool: 16 } as const

/** The type of a column of an array. */
export type ArrayType = keyof typeof OIDS

const HEADER = 20
const FIXED = { int4: 4, float8: 8, bool: 1 } as const

/**
 * An array in PostgreSQL's binary form: dimensions, whether there are nulls, the type, the length, and each element with its
 * length before it. Written once, where the text form is quoted and copied several times: this is most of what a batch costs.
 */
export function arrayBytes(type: ArrayType, values: readonly (string | number | boolean | null)[]): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER + sizeOf(type, values))
  bytes.writeInt32BE(1, 0)
  bytes.writeInt32BE(values.includes(null) ? 1 : 0, 4)
  bytes.writeInt32BE(OIDS[type], 8)
  bytes.writeInt32BE(values.length, 12)
  bytes.writeInt32BE(1, 16)
  let at = HEADER
  for (const value of values) {
    if (value === null) {
      bytes.writeInt32BE(-1, at)
      at += 4
      continue
    }
    const length = writeValue(bytes, at + 4, type, value)
    bytes.writeInt32BE(length, at)
    at += 4 + length
  }
  return bytes.subarray(0, at)
}

function sizeOf(type: ArrayType, values: readonly (string | number | boolean | null)[]): number {
  if (type !== 'text') return values.length * (4 + FIXED[type])
  let size = 0
  for (const value of values) size += 4 + (typeof value === 'string' ? Buffer.byteLength(value) : 0)
  return size
}

function writeValue(bytes: Buffer, at: number, type: ArrayType, value: string | number | boolean): number {
  if (type === 'text') return bytes.write(String(value), at, 'utf8')
  if (type === 'float8') bytes.writeDoubleBE(Number(value), at)
  else if (type === 'int4') bytes.writeInt32BE(Number(value), at)
  else bytes.writeUInt8(value ? 1 : 0, at)
  return FIXED[type]
}
