/** Enough for about eighty entries. What one of them keeps in memory is this much. */
const SLAB_BYTES = 65_536
/** Larger texts get bytes of their own. */
const LARGEST = 8_192

let slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
let used = 0

/**
 * The UTF-8 bytes of a text, in a piece of memory that many texts share: Node's own has room for ten entries, and the
 * collector spends more on as many pieces than on all else that an append leaves behind.
 */
export function bytesOfText(text: string): Buffer {
  if (text.length > LARGEST) return Buffer.from(text, 'utf8')
  // No UTF-16 unit takes more than three bytes.
  if (used + 3 * text.length > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
    used = 0
  }
  const start = used
  used += slab.write(text, start, 'utf8')
  return slab.subarray(start, used)
}
