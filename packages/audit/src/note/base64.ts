/** Standard Base64 (RFC 4648, section 4) of bytes. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

/** The bytes of standard Base64 in its one form, padding included; `null` for anything else. */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  // Node skips what it does not know: only what comes back equal was Base64.
  return bytes.toString('base64') === text ? bytes : null
}
