import { TileWriter } from '../src/merkle'
import { leafAt } from './merkle-model'

/** Tiles in memory, as a directory would hold them. */
export interface TileDisk {
  readonly files: Map<string, Buffer>
  readonly read: (path: string) => Uint8Array | null
}

export function emptyDisk(): TileDisk {
  const files = new Map<string, Buffer>()
  return { files, read: (path) => files.get(path) ?? null }
}

/** A disk with all tiles of a log of the test's leaves, partial ones included. */
export function diskOf(size: number): TileDisk {
  const disk = emptyDisk()
  const writer = new TileWriter((path, bytes) => disk.files.set(path, bytes))
  for (let n = 0; n < size; n += 1) writer.append(leafAt(n))
  for (const { path, bytes } of writer.partial()) disk.files.set(path, bytes)
  return disk
}
