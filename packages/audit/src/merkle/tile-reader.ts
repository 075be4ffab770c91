import { AuditLogError } from '../errors'
import { parseBundle } from './bundle'
import { HASH_BYTES } from './hash'
import { type HashAt, rootAt } from './proof'
import { TILE_HEIGHT, TILE_WIDTH, tilePath } from './tile-path'
import { checkTileLength, tileRoot } from './tile-root'
import type { ReadTile } from './tile-writer'

/** Enough for every level of a proof, twice. */
const KEPT_TILES = 32

/**
 * Reads hashes and entries from the tiles of a tree. It does not judge: compare {@link TileReader.root} with a verified
 * checkpoint, and entries by proof.
 */
export class TileReader {
  /** For `inclusionProof` and `consistencyProof`. */
  readonly hashAt: HashAt
  readonly #read: ReadTile
  readonly #size: number
  /** The last used tiles, the newest last. */
  readonly #kept = new Map<string, Uint8Array>()

  /**
   * @param read - gives a file's bytes or `null`; called again for a tile that was not used for a while
   * @param size - leaves of the tree, from its checkpoint: says which tiles are partial
   */
  constructor(read: ReadTile, size: number) {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new AuditLogError('ERR_LOG_TREE_INVALID', `no tree has ${size} leaves`)
    this.#read = read
    this.#size = size
    this.hashAt = (level, index) => this.#hashAt(level, index)
  }

  /**
   * The root that the tiles give.
   *
   * @throws AuditLogError `ERR_LOG_TILE_MISSING`, `ERR_LOG_TILE_INVALID`
   */
  root(): Uint8Array {
    return rootAt(this.hashAt, this.#size)
  }

  /**
   * The bytes of an entry: a view, not to be changed.
   *
   * @throws AuditLogError `ERR_LOG_TILE_MISSING`, `ERR_LOG_TILE_INVALID`
   * @throws RangeError when the tree has no such entry
   */
  entry(index: number): Uint8Array {
    if (!Number.isSafeInteger(index) || index < 0 || index >= this.#size)
      throw new RangeError(`a tree of ${this.#size} leaves has no leaf ${index}`)
    return this.entries(Math.floor(index / TILE_WIDTH))[index % TILE_WIDTH] as Uint8Array
  }

  /** The entries of the `bundle`-th bundle, from 0: 256, or as many as the last one has. */
  entries(bundle: number): Uint8Array[] {
    const width = this.#width(this.#size, bundle)
    const { bytes, path, full } = this.#tile('entries', bundle, width)
    if (!full) return parseBundle(bytes, width, { file: path })
    return parseBundle(bytes, TILE_WIDTH, { file: path }).slice(0, width)
  }

  #hashAt(level: number, index: number): Uint8Array {
    const tileLevel = Math.floor(level / TILE_HEIGHT)
    const count = 2 ** (level % TILE_HEIGHT)
    const first = index * count
    const at = first % TILE_WIDTH
    const tile = Math.floor(first / TILE_WIDTH)
    const width = this.#width(Math.floor(this.#size / TILE_WIDTH ** tileLevel), tile)
    if (at + count > width)
      throw new RangeError(
        `a tree of ${this.#size} leaves has no complete subtree ${index} at level ${level}`,
      )
    const { bytes, path, full } = this.#tile(tileLevel, tile, width)
    checkTileLength(bytes, full ? TILE_WIDTH : width, path)
    return tileRoot(bytes.subarray(at * HASH_BYTES, (at + count) * HASH_BYTES))
  }

  #width(count: number, tile: number): number {
    return Math.min(TILE_WIDTH, count - tile * TILE_WIDTH)
  }

  #tile(
    level: number | 'entries',
    index: number,
    width: number,
  ): { readonly bytes: Uint8Array; readonly path: string; readonly full: boolean } {
    if (width < 1)
      throw new RangeError(`a tree of ${this.#size} leaves has no tile ${index} at level ${level}`)
    const path = tilePath(level, index, width)
    const fullPath = tilePath(level, index)
    const bytes = this.#bytes(path)
    if (bytes !== null) return { bytes, path, full: path === fullPath }
    // A log may drop a partial tile once the full one is there.
    const grown = path === fullPath ? null : this.#bytes(fullPath)
    if (grown !== null) return { bytes: grown, path: fullPath, full: true }
    throw new AuditLogError('ERR_LOG_TILE_MISSING', `the tile ${path} is missing`, { place: { file: path } })
  }

  #bytes(path: string): Uint8Array | null {
    const bytes = this.#kept.get(path) ?? this.#read(path)
    if (bytes === null) return null
    this.#kept.delete(path)
    this.#kept.set(path, bytes)
    if (this.#kept.size > KEPT_TILES) {
      for (const oldest of this.#kept.keys()) {
        this.#kept.delete(oldest)
        break
      }
    }
    return bytes
  }
}
