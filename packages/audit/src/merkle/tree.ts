import { AuditLogError } from '../errors'
import { emptyRoot, HASH_BYTES, leafHash, nodeHash } from './hash'

/**
 * An RFC 6962 Merkle tree that grows at the right and remembers its right edge only: 32 bytes for each bit of its size.
 */
export class Tree {
  #size: number
  /** Hashes of the complete subtrees that the tree is made of, the largest first. */
  readonly #edge: Uint8Array[]

  /**
   * A tree, empty or where an earlier one stood.
   *
   * @param from - what {@link Tree.size} and {@link Tree.edge} said
   * @throws AuditLogError `ERR_LOG_TREE_INVALID` when the edge does not belong to a tree of that size
   */
  constructor(from: { readonly size: number; readonly edge: readonly Uint8Array[] } = { size: 0, edge: [] }) {
    const { size, edge } = from
    if (!Number.isSafeInteger(size) || size < 0 || edge.length !== countOnes(size))
      throw new AuditLogError('ERR_LOG_TREE_INVALID', `a tree of ${size} leaves has another right edge`)
    if (edge.some((hash) => hash.length !== HASH_BYTES))
      throw new AuditLogError('ERR_LOG_TREE_INVALID', 'a hash of the right edge does not have 32 bytes')
    this.#size = size
    this.#edge = [...edge]
  }

  /** How many leaves it has. */
  get size(): number {
    return this.#size
  }

  /** The hashes of the complete subtrees it is made of, the largest (and leftmost) first. */
  get edge(): readonly Uint8Array[] {
    return [...this.#edge]
  }

  /** Adds a leaf, given as the bytes of the entry. */
  append(leaf: Uint8Array): void {
    this.appendHash(leafHash(leaf))
  }

  /** Adds a leaf whose {@link leafHash} is known. */
  appendHash(hash: Uint8Array): void {
    let carried = hash
    // As in adding one: each trailing one-bit of the size is a subtree that this leaf completes.
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      carried = nodeHash(this.#edge.pop() as Uint8Array, carried)
    }
    this.#edge.push(carried)
    this.#size += 1
  }

  /** The root as it stands; of the empty tree, SHA-256 of nothing. */
  root(): Uint8Array {
    return foldEdge(this.#edge)
  }

  /** An equal tree that grows on its own. */
  clone(): Tree {
    return new Tree({ size: this.#size, edge: this.#edge })
  }
}

/** The root over complete subtrees, the largest first. */
export function foldEdge(edge: readonly Uint8Array[]): Uint8Array {
  let root: Uint8Array | undefined
  for (let at = edge.length - 1; at >= 0; at -= 1) {
    const left = edge[at] as Uint8Array
    root = root === undefined ? left : nodeHash(left, root)
  }
  return root ?? emptyRoot()
}

function countOnes(size: number): number {
  let ones = 0
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2
  return ones
}
