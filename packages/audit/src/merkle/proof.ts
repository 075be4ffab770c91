import { foldEdge } from './tree'

/**
 * The hash of a complete subtree of 2^level leaves: the `index`-th of its level, from the left, from 0. Level 0 holds the
 * leaf hashes.
 */
export type HashAt = (level: number, index: number) => Uint8Array

/**
 * The RFC 6962 audit path of a leaf, from its sibling up to the root's child: what {@link verifyInclusion} takes.
 *
 * @param hashAt - asked for complete subtrees within `size` only
 * @throws RangeError when the tree has no such leaf
 */
export function inclusionProof(hashAt: HashAt, index: number, size: number): Uint8Array[] {
  checkSize(size)
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new RangeError(`a tree of ${size} leaves has no leaf ${index}`)
  const siblings: Uint8Array[] = []
  let from = 0
  let to = size
  while (to - from > 1) {
    const middle = from + leftWidth(to - from)
    if (index < middle) {
      siblings.push(rangeRoot(hashAt, middle, to))
      to = middle
    } else {
      siblings.push(rangeRoot(hashAt, from, middle))
      from = middle
    }
  }
  return siblings.reverse()
}

/**
 * The RFC 6962 consistency proof that the tree of `newSize` leaves begins with the one of `oldSize`: what
 * {@link verifyConsistency} takes. Empty where nothing has to be shown: of the empty tree, and between equal sizes.
 *
 * @param hashAt - asked for complete subtrees within `newSize` only
 * @throws RangeError when the old tree is larger than the new one
 */
export function consistencyProof(hashAt: HashAt, oldSize: number, newSize: number): Uint8Array[] {
  checkSize(oldSize)
  checkSize(newSize)
  if (oldSize > newSize) throw new RangeError(`a tree of ${newSize} leaves holds none of ${oldSize}`)
  if (oldSize === 0 || oldSize === newSize) return []
  const proof: Uint8Array[] = []
  let from = 0
  let to = newSize
  // SUBPROOF of RFC 6962, from the top down: whether the old tree is one complete subtree, known to the verifier.
  let known = true
  while (to !== oldSize) {
    const middle = from + leftWidth(to - from)
    if (oldSize <= middle) {
      proof.push(rangeRoot(hashAt, middle, to))
      to = middle
    } else {
      proof.push(rangeRoot(hashAt, from, middle))
      from = middle
      known = false
    }
  }
  if (!known) proof.push(rangeRoot(hashAt, from, to))
  return proof.reverse()
}

/**
 * The root of the tree at a size.
 *
 * @param hashAt - asked for complete subtrees within `size` only
 */
export function rootAt(hashAt: HashAt, size: number): Uint8Array {
  checkSize(size)
  return rangeRoot(hashAt, 0, size)
}

/** The root over the leaves `from` to `to`, where `from` is a place at which RFC 6962 splits a tree. */
function rangeRoot(hashAt: HashAt, from: number, to: number): Uint8Array {
  const edge: Uint8Array[] = []
  let level = 0
  while (2 ** (level + 1) <= to - from) level += 1
  for (let at = from; at < to; ) {
    while (2 ** level > to - at) level -= 1
    edge.push(hashAt(level, at / 2 ** level))
    at += 2 ** level
  }
  return foldEdge(edge)
}

/** The largest power of two smaller than `width`: where RFC 6962 splits. */
function leftWidth(width: number): number {
  let left = 1
  while (left * 2 < width) left *= 2
  return left
}

function checkSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`no tree has ${size} leaves`)
}
