/** Hashes, or entries, of a full tile. */
export const TILE_WIDTH = 256

/** Levels of the tree that one tile spans. */
export const TILE_HEIGHT = 8

/**
 * The path of a tile below the log's directory (C2SP tlog-tiles): `tile/0/x001/234`, `tile/entries/000.p/17`.
 *
 * @param level - 0 for leaf hashes, one more for each 8 levels of the tree; `entries` for the entries themselves
 * @param index - which tile of the level, from the left, from 0
 * @param width - of a partial tile, how many hashes or entries it holds, 1 to 255. @default 256, a full tile
 * @throws RangeError for numbers that no tile has
 */
export function tilePath(level: number | 'entries', index: number, width: number = TILE_WIDTH): string {
  if (level !== 'entries' && !(Number.isInteger(level) && level >= 0 && level <= 63))
    throw new RangeError(`there is no tile level ${level}`)
  if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`there is no tile ${index}`)
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH)
    throw new RangeError(`no tile is ${width} wide`)
  let path = threeDigits(index % 1_000)
  for (let rest = Math.floor(index / 1_000); rest > 0; rest = Math.floor(rest / 1_000))
    path = `x${threeDigits(rest % 1_000)}/${path}`
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

function threeDigits(part: number): string {
  return `${part}`.padStart(3, '0')
}
