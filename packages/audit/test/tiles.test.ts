import { describe, expect, test } from 'vitest'
import {
  consistencyProof,
  formatBundle,
  inclusionProof,
  parseBundle,
  rootAt,
  TileReader,
  TileWriter,
  Tree,
  tilePath,
  verifyConsistency,
  verifyInclusion,
} from '../src/merkle'
import { leafAt } from './merkle-model'
import { diskOf, emptyDisk } from './tile-disk'

const LARGE = 70_000
const large = diskOf(LARGE)

function treeOf(size: number): Tree {
  const tree = new Tree()
  for (let n = 0; n < size; n += 1) tree.append(leafAt(n))
  return tree
}

function reader(disk: { read: (path: string) => Uint8Array | null }, size: number): TileReader {
  return new TileReader(disk.read, size)
}

const damaged = (code: string, file: string) =>
  expect.objectContaining({ code, place: expect.objectContaining({ file }) })

describe('the path of a tile', () => {
  test.each([
    [0, 0, undefined, 'tile/0/000'],
    [0, 999, 256, 'tile/0/999'],
    [0, 1_000, 256, 'tile/0/x001/000'],
    [1, 1_234_067, 256, 'tile/1/x001/x234/067'],
    [63, 7, 255, 'tile/63/007.p/255'],
    ['entries', 1_234_067, 1, 'tile/entries/x001/x234/067.p/1'],
    [0, 1_000_000, 256, 'tile/0/x001/x000/000'],
  ] as const)('C2SP: level %s, index %d, width %s is %s', (level, index, width, path) => {
    expect(tilePath(level, index, width)).toBe(path)
  })

  test.each([
    [64, 0, 256],
    [-1, 0, 256],
    [0.5, 0, 256],
    [0, -1, 256],
    [0, 0.5, 256],
    [0, 2 ** 60, 256],
    [0, 0, 0],
    [0, 0, 257],
    [0, 0, 1.5],
  ])('there is none for level %d, index %d, width %d', (level, index, width) => {
    expect(() => tilePath(level, index, width)).toThrow(RangeError)
  })
})

describe('tiles', () => {
  test('C2SP: a tree of 70,000 has 273 full and one partial tile, then one and one, then one', () => {
    const hashes = [...large.files].filter(([path]) => !path.startsWith('tile/entries/'))
    const widths = hashes.map(([path, bytes]) => [path, bytes.length / 32] as const)
    expect(widths.filter(([path, width]) => /^tile\/0\/\d{3}$/.test(path) && width === 256)).toHaveLength(273)
    expect(widths.filter(([path]) => !/^tile\/0\/\d{3}$/.test(path))).toEqual([
      ['tile/1/000', 256],
      ['tile/0/273.p/112', 112],
      ['tile/1/001.p/17', 17],
      ['tile/2/000.p/1', 1],
    ])
  })

  test('C2SP: a tree of 256 has a full tile and a partial one of width 1 above', () => {
    expect([...diskOf(256).files.keys()].sort()).toEqual(['tile/0/000', 'tile/1/000.p/1', 'tile/entries/000'])
    expect([...diskOf(0).files.keys()]).toEqual([])
  })

  test('give the root, every entry, and proofs that hold', () => {
    for (const size of [1, 2, 255, 256, 257, 511, 512, 513, 1_000, 65_536, LARGE]) {
      const tiles = reader(size === LARGE ? large : diskOf(size), size)
      const root = tiles.root()
      expect(Buffer.compare(root, treeOf(size).root()), `${size}`).toBe(0)
      for (const index of new Set([0, size >> 1, size - 1, Math.max(0, size - 257)])) {
        const leaf = tiles.entry(index)
        expect(Buffer.compare(leaf, leafAt(index))).toBe(0)
        const proof = inclusionProof(tiles.hashAt, index, size)
        expect(verifyInclusion({ leaf, index, size, root, proof })).toBe(true)
        const oldSize = index + 1
        const claim = { oldSize, oldRoot: treeOf(oldSize).root(), newSize: size, newRoot: root }
        expect(verifyConsistency({ ...claim, proof: consistencyProof(tiles.hashAt, oldSize, size) })).toBe(
          true,
        )
      }
    }
  })

  test('of a log that grew since give its older heads', () => {
    for (const size of [1, 300, 65_536, 66_000]) {
      const root = rootAt(reader(large, LARGE).hashAt, size)
      expect(Buffer.compare(root, treeOf(size).root())).toBe(0)
    }
  })

  test('that were partial are read from the full ones that took their place', () => {
    const older = reader(large, 600)
    expect(Buffer.compare(older.root(), treeOf(600).root())).toBe(0)
    expect(older.entries(2)).toHaveLength(600 - 512)
    expect(() => older.entry(600)).toThrow(RangeError)
  })

  test('are handed out once, and not touched again', () => {
    const disk = emptyDisk()
    const copies = new Map<string, string>()
    const writer = new TileWriter((path, bytes) => {
      expect(copies.has(path)).toBe(false)
      copies.set(path, bytes.toString('hex'))
      disk.files.set(path, bytes)
    })
    for (let n = 0; n < 1_500; n += 1) {
      writer.append(leafAt(n))
      if (n % 100 === 0) writer.partial()
    }
    expect(writer.size).toBe(1_500)
    for (const [path, bytes] of disk.files) expect(bytes.toString('hex')).toBe(copies.get(path))
  })

  test.each([0, 256, 512, 65_536, 69_888])('are the same after going on from %d', (size) => {
    const disk = emptyDisk()
    const writer = new TileWriter((path, bytes) => disk.files.set(path, bytes), { size, read: large.read })
    for (let n = size; n < LARGE; n += 1) writer.append(leafAt(n))
    for (const { path, bytes } of writer.partial()) disk.files.set(path, bytes)
    for (const [path, bytes] of disk.files)
      expect(bytes.equals(large.files.get(path) ?? Buffer.alloc(0)), path).toBe(true)
    expect(disk.files.has('tile/2/000.p/1')).toBe(true)
  })

  test('cannot be gone on from where there are none, or half of one', () => {
    const resume = (size: number, read: (path: string) => Uint8Array | null) => () =>
      new TileWriter(() => {}, { size, read })
    expect(resume(257, large.read)).toThrow(expect.objectContaining({ code: 'ERR_LOG_TREE_INVALID' }))
    expect(resume(-256, large.read)).toThrow(expect.objectContaining({ code: 'ERR_LOG_TREE_INVALID' }))
    expect(resume(256, () => null)).toThrow(damaged('ERR_LOG_TILE_MISSING', 'tile/0/000'))
    expect(resume(512, () => Buffer.alloc(8_191))).toThrow(damaged('ERR_LOG_TILE_INVALID', 'tile/0/000'))
  })
})

describe('reading tiles', () => {
  test('a missing or cut tile is said by name', () => {
    const disk = diskOf(600)
    const without = (gone: string) =>
      reader({ read: (path) => (path === gone ? null : disk.read(path)) }, 600)
    const cut = (short: string) =>
      reader(
        { read: (path) => (path === short ? (disk.read(path)?.subarray(1) ?? null) : disk.read(path)) },
        600,
      )
    expect(() => without('tile/0/002.p/88').root()).toThrow(
      damaged('ERR_LOG_TILE_MISSING', 'tile/0/002.p/88'),
    )
    expect(() => without('tile/1/000.p/2').root()).toThrow(damaged('ERR_LOG_TILE_MISSING', 'tile/1/000.p/2'))
    expect(() => without('tile/entries/001').entry(300)).toThrow(
      damaged('ERR_LOG_TILE_MISSING', 'tile/entries/001'),
    )
    expect(() => cut('tile/0/002.p/88').root()).toThrow(damaged('ERR_LOG_TILE_INVALID', 'tile/0/002.p/88'))
    expect(() => cut('tile/entries/001').entry(300)).toThrow(
      damaged('ERR_LOG_TILE_INVALID', 'tile/entries/001'),
    )
  })

  test('a flipped bit in a tile gives another root', () => {
    const disk = diskOf(600)
    const root = reader(disk, 600).root()
    for (const path of ['tile/1/000.p/2', 'tile/0/002.p/88']) {
      const genuine = Buffer.from(disk.files.get(path) ?? [])
      for (let at = 0; at < genuine.length; at += 37) {
        const flipped = Buffer.from(genuine)
        flipped[at] = (flipped[at] ?? 0) ^ 0x10
        disk.files.set(path, flipped)
        expect(Buffer.compare(reader(disk, 600).root(), root)).not.toBe(0)
      }
      disk.files.set(path, genuine)
    }
  })

  test('what the tree does not have is a mistake of the caller', () => {
    const tiles = reader(diskOf(600), 600)
    for (const index of [-1, 600, 0.5]) expect(() => tiles.entry(index)).toThrow(RangeError)
    expect(() => tiles.hashAt(0, 600)).toThrow(RangeError)
    expect(() => tiles.hashAt(3, 75)).toThrow(RangeError)
    expect(() => tiles.hashAt(9, 1)).toThrow(RangeError)
    expect(() => tiles.entries(3)).toThrow(RangeError)
    expect(() => new TileReader(() => null, -1)).toThrow(
      expect.objectContaining({ code: 'ERR_LOG_TREE_INVALID' }),
    )
  })

  test('a tile is read once for a run of proofs near each other', () => {
    const disk = diskOf(600)
    let reads = 0
    const tiles = new TileReader((path) => {
      reads += 1
      return disk.read(path)
    }, 600)
    for (let index = 0; index < 256; index += 1) inclusionProof(tiles.hashAt, index, 600)
    expect(reads).toBeLessThan(5)
  })
})

describe('an entry bundle', () => {
  test('is each entry after its length, big-endian', () => {
    const bytes = formatBundle([Buffer.from('ab'), Buffer.alloc(0), Buffer.alloc(258, 1)])
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from([0, 2, 0x61, 0x62, 0, 0, 1, 2]))
    expect(parseBundle(bytes, 3).map(({ length }) => length)).toEqual([2, 0, 258])
  })

  test('with more, fewer or half entries is refused', () => {
    const bytes = formatBundle([Buffer.from('ab'), Buffer.from('c')])
    for (const [wrong, width] of [
      [bytes, 1],
      [bytes, 3],
      [bytes.subarray(0, 6), 2],
      [bytes.subarray(0, 5), 2],
      [Buffer.concat([bytes, Buffer.of(0)]), 2],
      [Buffer.concat([bytes, Buffer.of(0, 0)]), 2],
    ] as const)
      expect(() => parseBundle(wrong, width)).toThrow(
        expect.objectContaining({ code: 'ERR_LOG_TILE_INVALID' }),
      )
    expect(() => formatBundle([Buffer.alloc(65_536)])).toThrow(
      expect.objectContaining({ code: 'ERR_LOG_ENTRY_TOO_LARGE' }),
    )
  })
})
