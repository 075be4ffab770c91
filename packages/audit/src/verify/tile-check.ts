import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { formatBundle, HASH_BYTES, nodeHash, TILE_WIDTH, tilePath } from '../merkle'
import type { Findings } from './verdict'

type Level = number | 'entries'

/** The rightmost tile of a level, as it fills up. */
interface Open {
  index: number
  parts: Uint8Array[]
}

/**
 * Compares the tiles and entry bundles of a log with what its journal says they must be. They are derived: one that is
 * missing is nobody's loss, but one that differs would tell its readers another story.
 */
export class TileCheck {
  readonly #directory: string
  readonly #findings: Findings
  readonly #present: ReadonlySet<string>
  readonly #open = new Map<Level, Open>()
  /** Tiles and bundles that were compared. */
  compared = 0

  private constructor(directory: string, findings: Findings, present: ReadonlySet<string>) {
    this.#directory = directory
    this.#findings = findings
    this.#present = present
  }

  /** Looks which levels there are at all. */
  static async of(directory: string, findings: Findings): Promise<TileCheck> {
    const levels = await readdir(join(directory, 'tile')).catch(() => [])
    return new TileCheck(directory, findings, new Set(levels))
  }

  get #any(): boolean {
    return this.#present.size > 0
  }

  /** Takes the next entry. */
  add(entry: Uint8Array, leaf: Uint8Array): void {
    if (!this.#any) return
    // Entries lie in a chunk that is given back: what is kept until the bundle is full must be a copy.
    if (this.#present.has('entries')) this.#push('entries', Buffer.from(entry))
    this.#push(0, leaf)
  }

  /** The log has ended: judges partial tiles, and whatever lies there that belongs to no tree of this size. */
  async finish(size: number): Promise<void> {
    if (!this.#any) return
    for (const [level, { index, parts }] of this.#open)
      if (parts.length > 0) this.#compareParts(level, index, parts)
    for (const level of this.#present) {
      const isLevel = level === 'entries' || /^(?:0|[1-9]\d?)$/.test(level)
      if (isLevel) await this.#judgeNames(level === 'entries' ? level : Number(level), level, size)
      else this.#misnamed(`tile/${level}`)
    }
  }

  #push(level: Level, part: Uint8Array): void {
    let open = this.#open.get(level)
    if (open === undefined) {
      open = { index: 0, parts: [] }
      this.#open.set(level, open)
    }
    open.parts.push(part)
    if (open.parts.length < TILE_WIDTH) return
    const { index, parts } = open
    open.index += 1
    open.parts = []
    if (this.#present.has(`${level}`)) {
      this.#compareFile(tilePath(level, index), parts, level, index * TILE_WIDTH)
      this.#compareParts(level, index, parts)
    }
    if (level !== 'entries') this.#push(level + 1, rootOf(parts))
  }

  #compareParts(level: Level, index: number, parts: readonly Uint8Array[]): void {
    if (!this.#present.has(`${level}`)) return
    const folder = `${tilePath(level, index)}.p`
    for (const name of list(join(this.#directory, folder))) {
      const width = /^[1-9]\d{0,2}$/.test(name) ? Number(name) : 0
      if (width >= 1 && width <= Math.min(parts.length, TILE_WIDTH - 1))
        this.#compareFile(`${folder}/${name}`, parts.slice(0, width), level, index * TILE_WIDTH)
    }
  }

  #compareFile(file: string, parts: readonly Uint8Array[], level: Level, first: number): void {
    const found = read(join(this.#directory, file))
    if (found === null) return
    this.compared += 1
    const expected = level === 'entries' ? formatBundle(parts) : Buffer.concat(parts)
    if (found.equals(expected)) return
    const offset = firstDifference(found, expected)
    const index = level === 0 ? first + Math.floor(offset / HASH_BYTES) : null
    const message = `a tile differs from what the journal's entries make of it, from byte ${offset} on`
    this.#findings.add('error', 'tile-mismatch', message, { directory: this.#directory, file, offset, index })
  }

  async #judgeNames(level: Level, name: string, size: number): Promise<void> {
    const width = level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level)
    for await (const file of filesBelow(this.#directory, `tile/${name}`)) {
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

function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  let row: readonly Uint8Array[] = hashes
  while (row.length > 1) {
    const above: Uint8Array[] = []
    for (let at = 0; at < row.length; at += 2)
      above.push(nodeHash(row[at] as Uint8Array, row[at + 1] as Uint8Array))
    row = above
  }
  return row[0] as Uint8Array
}

function firstDifference(one: Uint8Array, other: Uint8Array): number {
  let at = 0
  while (at < one.length && one[at] === other[at]) at += 1
  return at
}

function read(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}

function list(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

async function* filesBelow(directory: string, folder: string): AsyncGenerator<string> {
  let entries: Dirent[]
  try {
    entries = await readdir(join(directory, folder), { withFileTypes: true })
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
