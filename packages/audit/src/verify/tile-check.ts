import { type Dirent, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { HASH_BYTES, TILE_WIDTH, tilePath, tileRoot } from '../merkle'
import { differenceAt, OpenTile } from './open-tile'
import type { Findings } from './verdict'

type Level = number | 'entries'

/**
 * Compares the tiles and entry bundles of a log with what its journal says they must be. They are derived: one that is
 * missing is nobody's loss, but one that differs would tell its readers another story.
 */
export class TileCheck {
  readonly #directory: string
  readonly #findings: Findings
  readonly #present: ReadonlySet<string>
  readonly #open = new Map<Level, OpenTile>()
  /** Tiles and bundles that were compared. */
  compared = 0

  /** Looks which levels there are at all. */
  constructor(directory: string, findings: Findings) {
    this.#directory = directory
    this.#findings = findings
    this.#present = new Set(list(join(directory, 'tile')))
  }

  get #any(): boolean {
    return this.#present.size > 0
  }

  /** Takes the next entry. Copies what it keeps. */
  add(entry: Uint8Array, leaf: Uint8Array): void {
    if (!this.#any) return
    if (this.#present.has('entries')) {
      const bundle = this.#openTile('entries')
      bundle.addEntry(entry)
      if (bundle.isFull) this.#close('entries', bundle)
    }
    this.#push(0, leaf)
  }

  /** The log has ended: judges partial tiles, and whatever lies there that belongs to no tree of this size. */
  finish(size: number): void {
    if (!this.#any) return
    for (const [level, tile] of this.#open) if (tile.width > 0) this.#compareParts(level, tile)
    for (const level of this.#present) {
      const isLevel = level === 'entries' || /^(?:0|[1-9]\d?)$/.test(level)
      if (isLevel) this.#judgeNames(level === 'entries' ? level : Number(level), level, size)
      else this.#misnamed(`tile/${level}`)
    }
  }

  #push(level: number, hash: Uint8Array): void {
    const tile = this.#openTile(level)
    tile.addHash(hash)
    if (!tile.isFull) return
    const root = tileRoot(tile.bytesAt(TILE_WIDTH))
    this.#close(level, tile)
    this.#push(level + 1, root)
  }

  #openTile(level: Level): OpenTile {
    const known = this.#open.get(level)
    if (known !== undefined) return known
    const tile = new OpenTile()
    this.#open.set(level, tile)
    return tile
  }

  #close(level: Level, tile: OpenTile): void {
    if (this.#present.has(`${level}`)) {
      this.#compareFile(tilePath(level, tile.index), tile, TILE_WIDTH, level)
      this.#compareParts(level, tile)
    }
    tile.next()
  }

  #compareParts(level: Level, tile: OpenTile): void {
    if (!this.#present.has(`${level}`)) return
    const folder = `${tilePath(level, tile.index)}.p`
    for (const name of list(join(this.#directory, folder))) {
      const width = /^[1-9]\d{0,2}$/.test(name) ? Number(name) : 0
      if (width >= 1 && width <= Math.min(tile.width, TILE_WIDTH - 1))
        this.#compareFile(`${folder}/${name}`, tile, width, level)
    }
  }

  #compareFile(file: string, tile: OpenTile, width: number, level: Level): void {
    const offset = differenceAt(join(this.#directory, file), tile.bytesAt(width))
    if (offset === null) return
    this.compared += 1
    if (offset < 0) return
    const index = level === 0 ? tile.index * TILE_WIDTH + Math.floor(offset / HASH_BYTES) : null
    const message = `a tile differs from what the journal's entries make of it, from byte ${offset} on`
    this.#findings.add('error', 'tile-mismatch', message, { directory: this.#directory, file, offset, index })
  }

  #judgeNames(level: Level, name: string, size: number): void {
    const width = level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level)
    for (const file of filesBelow(this.#directory, `tile/${name}`)) {
      const tile = tileOf(file)
      if (tile === null) this.#misnamed(file)
      else if (tile.index * TILE_WIDTH + tile.width > width)
        this.#findings.add('error', 'tile-beyond', 'a tile holds more than the journal has', {
          directory: this.#directory,
          file,
        })
    }
  }

  #misnamed(file: string): void {
    // What a writer that died left half-made is called so.
    if (file.endsWith('.new')) return
    this.#findings.add('warning', 'tile-misnamed', 'a file among the tiles is none', {
      directory: this.#directory,
      file,
    })
  }
}

function list(path: string): readonly string[] {
  // Mostly there is none, and an error takes far longer to be made than a look.
  if (!existsSync(path)) return []
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function* filesBelow(directory: string, folder: string): Generator<string> {
  let entries: Dirent[]
  try {
    entries = readdirSync(join(directory, folder), { withFileTypes: true })
  } catch {
    return
  }
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) yield* filesBelow(directory, path)
    else yield path
  }
}

/** The place of a tile by its path; `null` for what is no path of a tile. */
function tileOf(path: string): { readonly index: number; readonly width: number } | null {
  const [, digits = '', part] =
    /^tile\/(?:entries|\d+)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? []
  const index = Number(digits.replaceAll(/[x/]/g, ''))
  const width = part === undefined ? TILE_WIDTH : Number(part)
  const [, , ...named] = path.split('/')
  const expected = digits === '' || width > TILE_WIDTH ? null : tilePath(0, index, width)
  return expected === `tile/0/${named.join('/')}` && !(part !== undefined && width === TILE_WIDTH)
    ? { index, width }
    : null
}
