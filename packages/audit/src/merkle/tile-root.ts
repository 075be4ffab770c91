import { AuditLogError } from '../errors'
import { HASH_BYTES, nodeHash } from './hash'
import { TILE_WIDTH, tilePath } from './tile-path'
import type { ReadTile } from './tile-writer'

/** The root over hashes that stand one after the other; their number is a power of two. */
export function tileRoot(hashes: Uint8Array): Uint8Array {
  let row: Uint8Array[] = []
  for (let at = 0; at < hashes.length; at += HASH_BYTES) row.push(hashes.subarray(at, at + HASH_BYTES))
  while (row.length > 1) {
    const above: Uint8Array[] = []
    for (let at = 0; at < row.length; at += 2)
      above.push(nodeHash(row[at] as Uint8Array, row[at + 1] as Uint8Array))
    row = above
  }
  return row[0] as Uint8Array
}

/**
 * A full tile of hashes.
 *
 * @throws AuditLogError `ERR_LOG_TILE_MISSING`, `ERR_LOG_TILE_INVALID`
 */
export function readFullTile(read: ReadTile, level: number, index: number): Uint8Array {
  const path = tilePath(level, index)
  const bytes = read(path)
  if (bytes === null)
    throw new AuditLogError('ERR_LOG_TILE_MISSING', `the tile ${path} is missing`, { place: { file: path } })
  checkTileLength(bytes, TILE_WIDTH, path)
  return bytes
}

/** Refuses a tile that does not hold as many hashes as its path says. */
export function checkTileLength(bytes: Uint8Array, width: number, path: string): void {
  if (bytes.length === width * HASH_BYTES) return
  throw new AuditLogError(
    'ERR_LOG_TILE_INVALID',
    `the tile ${path} has ${bytes.length} bytes instead of ${width * HASH_BYTES}`,
    { place: { file: path, offset: Math.min(bytes.length, width * HASH_BYTES) } },
  )
}
