import { createHash, hash } from 'node:crypto'

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32

/** Larger leaves are hashed in two steps: a copy would cost more. */
const SCRATCH_BYTES = 65_536

// Domain separation of RFC 6962: a node can never be shown as a leaf.
const leafScratch = Buffer.alloc(1 + SCRATCH_BYTES)
const nodeScratch = Buffer.alloc(1 + 2 * HASH_BYTES, 1)
const LEAF_PREFIX = Buffer.of(0)

/** The RFC 6962 hash of one leaf: SHA-256 of `0x00 || bytes`. */
export function leafHash(bytes: Uint8Array): Buffer {
  if (bytes.length > SCRATCH_BYTES) return createHash('sha256').update(LEAF_PREFIX).update(bytes).digest()
  leafScratch.set(bytes, 1)
  return sha256(leafScratch.subarray(0, 1 + bytes.length))
}

/** The RFC 6962 hash of two subtrees: SHA-256 of `0x01 || left || right`. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES)
    throw new RangeError('a node is made of two hashes of 32 bytes')
  nodeScratch.set(left, 1)
  nodeScratch.set(right, 1 + HASH_BYTES)
  return sha256(nodeScratch)
}

/** A hash that Node hands out as a buffer of its own takes longer to be made than to be computed; a text does not. */
function sha256(bytes: Uint8Array): Buffer {
  const made = Buffer.allocUnsafe(HASH_BYTES)
  made.write(hash('sha256', bytes, 'binary'), 0, HASH_BYTES, 'latin1')
  return made
}

/** The root of the empty tree: SHA-256 of nothing. */
export function emptyRoot(): Buffer {
  return hash('sha256', Buffer.alloc(0), 'buffer')
}
