import { emptyRoot, HASH_BYTES, leafHash, nodeHash } from './hash'

/** What {@link verifyInclusion} judges. */
export interface InclusionClaim {
  /** The entry's own bytes. They are hashed here, as a leaf: a node's hash can never pass for one. */
  readonly leaf: Uint8Array
  /** From 0. */
  readonly index: number
  /** Leaves of the tree. */
  readonly size: number
  /** Of the tree of that size, from a checkpoint that was verified. */
  readonly root: Uint8Array
  /** From the leaf's sibling up to the root's child. */
  readonly proof: readonly Uint8Array[]
}

/** What {@link verifyConsistency} judges. */
export interface ConsistencyClaim {
  readonly oldSize: number
  readonly oldRoot: Uint8Array
  readonly newSize: number
  readonly newRoot: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/**
 * Whether the leaf stands at that index in the tree with that root (RFC 9162, 2.1.3.2). Never throws: a proof that is too
 * short, too long or malformed is false.
 */
export function verifyInclusion({ leaf, index, size, root, proof }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([root, ...proof])) return false
  let node = index
  let last = size - 1
  let hash: Uint8Array = leafHash(leaf)
  for (const sibling of proof) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash)
      while (!isOdd(node) && node !== 0) {
        node = half(node)
        last = half(last)
      }
    } else {
      hash = nodeHash(hash, sibling)
    }
    node = half(node)
    last = half(last)
  }
  return last === 0 && equal(hash, root)
}

/**
 * Whether the new tree begins with the old one (RFC 9162, 2.1.4.2): nothing of it was changed or dropped. Never throws.
 * Every tree begins with the empty one, and a tree with itself; the proof is empty then.
 */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize) return false
  if (!areHashes([oldRoot, newRoot, ...proof])) return false
  if (newSize === 0 && !equal(newRoot, emptyRoot())) return false
  if (oldSize === newSize) return proof.length === 0 && equal(oldRoot, newRoot)
  if (oldSize === 0) return proof.length === 0 && equal(oldRoot, emptyRoot())

  let node = oldSize - 1
  let last = newSize - 1
  while (isOdd(node)) {
    node = half(node)
    last = half(last)
  }
  // A complete old tree is a node of the new one: its root is known and stands in no proof.
  const [first, ...rest] = node === 0 ? [oldRoot, ...proof] : proof
  if (first === undefined) return false
  let oldHash = first
  let newHash = first
  for (const hash of rest) {
    if (last === 0) return false
    if (isOdd(node) || node === last) {
      oldHash = nodeHash(hash, oldHash)
      newHash = nodeHash(hash, newHash)
      while (!isOdd(node) && node !== 0) {
        node = half(node)
        last = half(last)
      }
    } else {
      newHash = nodeHash(newHash, hash)
    }
    node = half(node)
    last = half(last)
  }
  return last === 0 && equal(oldHash, oldRoot) && equal(newHash, newRoot)
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0
const isOdd = (value: number): boolean => value % 2 === 1
const half = (value: number): number => Math.floor(value / 2)
const equal = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0
const areHashes = (hashes: readonly Uint8Array[]): boolean =>
  hashes.every((hash) => hash instanceof Uint8Array && hash.length === HASH_BYTES)
