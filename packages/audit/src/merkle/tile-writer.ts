import { AuditLogError } from '../errors'
import { formatBundle } from './bundle'
import { HASH_BYTES, leafHash } from './hash'
import { TILE_WIDTH, tilePath } from './tile-path'
import { readFullTile, tileRoot } from './tile-root'

/** One file of the tree, by its path below the log's directory. */
export interface TileFile {
  readonly path: string
  readonly bytes: Buffer
}

/** Gives the bytes of a file below the log's directory, or `null` when there is none. */
export type ReadTile = (path: string) => Uint8Array | null

/** Where a {@link TileWriter} goes on. */
export interface TileResume {
  /** A multiple of 256: up to here the tiles are on disk. What follows is to be appended again. */
  readonly size: number
  /** Reads full tiles. */
  readonly read: ReadTile
}

interface Level {
  hashes: Buffer
  width: number
  /** Full tiles so far. */
  full: number
}

/**
 * Makes the tiles of C2SP tlog-tiles from entries as they are appended. Does no input or output: what is complete is handed
 * to `write`, each file once; bytes that were handed out are never touched again.
 */
export class TileWriter {
  readonly #write: (path: string, bytes: Buffer) => void
  readonly #levels: Level[] = []
  #entries: Uint8Array[] = []
  #size = 0

  /**
   * @param write - takes a full tile or bundle; a throw leaves the writer unusable
   * @throws AuditLogError `ERR_LOG_TILE_MISSING` or `ERR_LOG_TILE_INVALID` when the tiles to go on from are not there
   */
  constructor(write: (path: string, bytes: Buffer) => void, resume?: TileResume) {
    this.#write = write
    if (resume !== undefined) this.#restore(resume)
  }

  /** How many entries it has seen. */
  get size(): number {
    return this.#size
  }

  /**
   * Takes the next entry. The bytes are kept until their bundle is full: they must not change.
   *
   * @param hash - its leaf hash, where that is known
   */
  append(entry: Uint8Array, hash: Uint8Array = leafHash(entry)): void {
    this.#entries.push(entry)
    this.#size += 1
    if (this.#entries.length === TILE_WIDTH) {
      this.#write(tilePath('entries', this.#size / TILE_WIDTH - 1), formatBundle(this.#entries))
      this.#entries = []
    }
    this.#push(0, hash)
  }

  /** The partial tiles and the partial bundle of the tree as it stands. */
  partial(): TileFile[] {
    const files: TileFile[] = []
    if (this.#entries.length > 0) {
      files.push({
        path: tilePath('entries', Math.floor(this.#size / TILE_WIDTH), this.#entries.length),
        bytes: formatBundle(this.#entries),
      })
    }
    for (const [level, { hashes, width, full }] of this.#levels.entries()) {
      if (width === 0) continue
      files.push({
        path: tilePath(level, full, width),
        bytes: Buffer.from(hashes.subarray(0, width * HASH_BYTES)),
      })
    }
    return files
  }

  #push(number: number, hash: Uint8Array): void {
    this.#levels[number] ??= { hashes: Buffer.alloc(TILE_WIDTH * HASH_BYTES), width: 0, full: 0 }
    const level = this.#levels[number]
    level.hashes.set(hash, level.width * HASH_BYTES)
    level.width += 1
    if (level.width < TILE_WIDTH) return
    const { hashes } = level
    this.#write(tilePath(number, level.full), hashes)
    level.hashes = Buffer.alloc(TILE_WIDTH * HASH_BYTES)
    level.width = 0
    level.full += 1
    this.#push(number + 1, tileRoot(hashes))
  }

  #restore({ size, read }: TileResume): void {
    if (!Number.isSafeInteger(size) || size < 0 || size % TILE_WIDTH !== 0)
      throw new AuditLogError('ERR_LOG_TREE_INVALID', `tiles go on from a multiple of 256, not from ${size}`)
    for (let level = 0, count = size; count > 0; level += 1, count = Math.floor(count / TILE_WIDTH)) {
      const width = count % TILE_WIDTH
      const hashes = Buffer.alloc(TILE_WIDTH * HASH_BYTES)
      // Of level 0 nothing is partial at a multiple of 256.
      for (let at = 0; at < width; at += 1) {
        hashes.set(tileRoot(readFullTile(read, level - 1, count - width + at)), at * HASH_BYTES)
      }
      this.#levels.push({ hashes, width, full: (count - width) / TILE_WIDTH })
    }
    this.#size = size
  }
}
