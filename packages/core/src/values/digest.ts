import crypto from 'node:crypto'

// One call without a stream object is twice as fast for short texts; some runtimes other than Node lack it.
const oneShot = typeof crypto.hash === 'function' ? crypto.hash : null

/** SHA-256 (FIPS 180-4) of bytes, or of a text's UTF-8 bytes, in lower-case hex. */
export function sha256Hex(data: string | Uint8Array): string {
  return oneShot === null
    ? crypto.createHash('sha256').update(data).digest('hex')
    : oneShot('sha256', data, 'hex')
}
