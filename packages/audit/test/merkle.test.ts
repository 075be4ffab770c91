import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  consistencyProof,
  emptyRoot,
  type HashAt,
  inclusionProof,
  leafHash,
  nodeHash,
  rootAt,
  Tree,
  verifyConsistency,
  verifyInclusion,
} from '../src/merkle'
import { leafAt, leavesTo, modelConsistency, modelPath, modelRoot } from './merkle-model'

const MOST = 600
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const hexes = (list: readonly Uint8Array[]): string[] => list.map(hex)

/** Complete subtrees by hashing pairs, level by level: every one is asked for once. */
const levels: Uint8Array[][] = [leavesTo(1 << 17).map(leafHash)]
for (let row = levels[0] ?? []; row.length > 1; ) {
  row = Array.from({ length: row.length / 2 }, (_, at) =>
    nodeHash(row[2 * at] as Uint8Array, row[2 * at + 1] as Uint8Array),
  )
  levels.push(row)
}
const hashAt: HashAt = (level, index) => {
  const hash = levels[level]?.[index]
  if (hash === undefined) throw new Error(`asked for ${level}/${index}`)
  return hash
}

/** Fails on anything outside of a tree of that size. */
function within(size: number): HashAt {
  return (level, index) => {
    if ((index + 1) * 2 ** level > size) throw new Error(`asked for ${level}/${index} of ${size}`)
    return hashAt(level, index)
  }
}

const roots: Uint8Array[] = []
const growing = new Tree()
for (let size = 0; size <= MOST; size += 1) {
  roots.push(growing.root())
  growing.append(leafAt(size))
}
const rootOf = (size: number): Uint8Array => roots[size] ?? rootAt(within(size), size)

describe('the tree', () => {
  test('RFC 6962: the roots of the well-known test leaves', () => {
    // The inputs and roots of the certificate-transparency reference tests.
    const leaves = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ]
    const tree = new Tree()
    expect(hex(tree.root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    const seen = leaves.map((leaf) => {
      tree.append(Buffer.from(leaf, 'hex'))
      return hex(tree.root())
    })
    expect([seen[0], seen[1], seen[2], seen[7]]).toEqual([
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ])
  })

  test(`has the root of the model at every size to ${MOST}`, () => {
    for (let size = 0; size <= MOST; size += 1)
      expect(hex(rootOf(size)), `${size}`).toBe(hex(modelRoot(0, size)))
  })

  test('goes on from its edge as if it had never stopped', () => {
    for (let size = 0; size < 200; size += 1) {
      const tree = new Tree()
      for (let n = 0; n < size; n += 1) tree.append(leafAt(n))
      const resumed = new Tree({ size: tree.size, edge: tree.edge })
      const copy = tree.clone()
      expect(hex(resumed.root())).toBe(hex(rootOf(size)))
      for (let n = size; n < size + 9; n += 1) resumed.append(leafAt(n))
      expect(hex(resumed.root())).toBe(hex(rootOf(size + 9)))
      expect([copy.size, hex(copy.root())]).toEqual([size, hex(rootOf(size))])
    }
  })

  test('keeps one hash for each bit of its size', () => {
    const tree = new Tree()
    for (let n = 0; n < 1_023; n += 1) tree.append(leafAt(n))
    expect(tree.edge).toHaveLength(10)
    tree.append(leafAt(1_023))
    expect(tree.edge).toHaveLength(1)
  })

  test.each([
    [1, []],
    [3, [emptyRoot()]],
    [0, [emptyRoot()]],
    [1, [Buffer.alloc(31)]],
    [-1, []],
    [1.5, [emptyRoot()]],
  ])('does not go on from %d leaves with an edge that is not theirs', (size, edge) => {
    expect(() => new Tree({ size, edge })).toThrow(expect.objectContaining({ code: 'ERR_LOG_TREE_INVALID' }))
  })

  test('a large leaf is hashed as any other', () => {
    for (const size of [65_535, 65_536, 65_537, 200_000]) {
      const leaf = Buffer.alloc(size, 7)
      expect(hex(leafHash(leaf))).toBe(createHash('sha256').update('\0').update(leaf).digest('hex'))
    }
  })
})

describe('inclusion proofs', () => {
  test(`are the model's, and hold, for every size to 200 and every leaf`, () => {
    for (let size = 1; size <= 200; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProof(within(size), index, size)
        expect(hexes(proof)).toEqual(hexes(modelPath(index, 0, size)))
        expect(verifyInclusion({ leaf: leafAt(index), index, size, root: rootOf(size), proof })).toBe(true)
      }
    }
  })

  test(`hold for every size to ${MOST}, at both ends, the middle and around the splits`, () => {
    for (let size = 1; size <= MOST; size += 1) {
      const places = [
        0,
        1,
        2 ** Math.floor(Math.log2(size)) - 1,
        2 ** Math.floor(Math.log2(size)),
        size >> 1,
        size - 2,
        size - 1,
      ]
      for (const index of new Set(places)) {
        if (index < 0 || index >= size) continue
        const proof = inclusionProof(within(size), index, size)
        expect(hexes(proof)).toEqual(hexes(modelPath(index, 0, size)))
        expect(verifyInclusion({ leaf: leafAt(index), index, size, root: rootOf(size), proof })).toBe(true)
      }
    }
  })

  test('hold in larger trees, and for no other place, leaf, size or root', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 131_000 }), fc.nat(), fc.nat(), (size, at, other) => {
        const index = at % size
        const wrong = other % size
        const proof = inclusionProof(within(size), index, size)
        const claim = { leaf: leafAt(index), index, size, root: rootOf(size), proof }
        expect(verifyInclusion(claim)).toBe(true)
        if (wrong !== index) {
          expect(verifyInclusion({ ...claim, index: wrong })).toBe(false)
          expect(verifyInclusion({ ...claim, leaf: leafAt(wrong) })).toBe(false)
        }
        expect(verifyInclusion({ ...claim, root: rootOf(size - 1) })).toBe(false)
        expectTwistedToFail(proof, (twisted) => verifyInclusion({ ...claim, proof: twisted }))
      }),
      { numRuns: 150 },
    )
  })

  test('no index but the right one is ever accepted', () => {
    for (let size = 2; size <= 40; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const claim = {
          leaf: leafAt(index),
          size,
          root: rootOf(size),
          proof: inclusionProof(hashAt, index, size),
        }
        for (let wrong = 0; wrong < size + 3; wrong += 1)
          expect(verifyInclusion({ ...claim, index: wrong })).toBe(wrong === index)
      }
    }
  })

  test('a node cannot be shown as a leaf: neither its hash nor its preimage', () => {
    const size = 8
    for (const [level, index] of [
      [1, 0],
      [1, 3],
      [2, 1],
    ] as const) {
      const row = size >> level
      const proof = inclusionProof((above, at) => hashAt(above + level, at), index, row)
      const node = hashAt(level, index)
      const preimage = Buffer.concat([hashAt(level - 1, 2 * index), hashAt(level - 1, 2 * index + 1)])
      for (const leaf of [node, preimage, Buffer.concat([Buffer.of(1), preimage])]) {
        for (const claimed of [row, size])
          expect(verifyInclusion({ leaf, index, size: claimed, root: rootOf(size), proof })).toBe(false)
      }
    }
  })

  test('numbers that are no counts, and hashes that are none, are false and no error', () => {
    const claim = { leaf: leafAt(1), index: 1, size: 3, root: rootOf(3), proof: inclusionProof(hashAt, 1, 3) }
    expect(verifyInclusion(claim)).toBe(true)
    for (const index of [-1, 3, 0.5, Number.NaN, 2 ** 60])
      expect(verifyInclusion({ ...claim, index })).toBe(false)
    for (const size of [0, -1, 2, 3.5, Number.NaN, 2 ** 60])
      expect(verifyInclusion({ ...claim, size })).toBe(false)
    expect(verifyInclusion({ ...claim, root: Buffer.alloc(31) })).toBe(false)
    expect(verifyInclusion({ ...claim, proof: [Buffer.alloc(0), ...claim.proof] })).toBe(false)
    const endless = Array.from({ length: 10_000 }, () => Buffer.alloc(32))
    expect(verifyInclusion({ ...claim, size: 2 ** 53 - 1, proof: endless })).toBe(false)
  })

  test('are made of leaves that are there', () => {
    for (const [index, size] of [
      [0, 0],
      [3, 3],
      [-1, 3],
      [0.5, 3],
      [0, -1],
      [0, 2 ** 60],
    ] as const)
      expect(() => inclusionProof(hashAt, index, size)).toThrow(RangeError)
  })
})

describe('consistency proofs', () => {
  test("are the model's, and hold, between all sizes to 150", () => {
    for (let newSize = 1; newSize <= 150; newSize += 1) {
      for (let oldSize = 1; oldSize < newSize; oldSize += 1) {
        const proof = consistencyProof(within(newSize), oldSize, newSize)
        expect(hexes(proof)).toEqual(hexes(modelConsistency(oldSize, newSize)))
        expect(verifyConsistency(claimOf(oldSize, newSize, proof))).toBe(true)
      }
    }
  })

  test(`hold from every size to ${MOST}`, () => {
    for (let oldSize = 1; oldSize < MOST; oldSize += 1) {
      const proof = consistencyProof(within(MOST), oldSize, MOST)
      expect(verifyConsistency(claimOf(oldSize, MOST, proof))).toBe(true)
    }
  })

  test('hold in larger trees, and between no other sizes or roots', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 131_000 }), fc.nat(), (newSize, at) => {
        const oldSize = 1 + (at % (newSize - 1))
        const proof = consistencyProof(within(newSize), oldSize, newSize)
        const claim = claimOf(oldSize, newSize, proof)
        expect(verifyConsistency(claim)).toBe(true)
        expect(verifyConsistency({ ...claim, oldRoot: rootOf(oldSize - 1) })).toBe(false)
        expect(verifyConsistency({ ...claim, newRoot: rootOf(newSize - 1) })).toBe(false)
        expect(verifyConsistency({ ...claim, oldRoot: claim.newRoot, newRoot: claim.oldRoot })).toBe(false)
        expectTwistedToFail(proof, (twisted) => verifyConsistency({ ...claim, proof: twisted }))
      }),
      { numRuns: 150 },
    )
  })

  test('a log that was rewritten has none', () => {
    const forged = new Tree()
    for (let n = 0; n < 50; n += 1) forged.append(leafAt(n === 20 ? 999 : n))
    for (let oldSize = 21; oldSize < 50; oldSize += 1) {
      const claim = claimOf(oldSize, 50, consistencyProof(hashAt, oldSize, 50))
      expect(verifyConsistency({ ...claim, newRoot: forged.root() })).toBe(false)
    }
  })

  test('of the empty tree and between equal sizes are empty, and still judged', () => {
    const empty = claimOf(0, 5, [])
    expect(consistencyProof(hashAt, 0, 5)).toEqual([])
    expect(consistencyProof(hashAt, 5, 5)).toEqual([])
    expect(verifyConsistency(empty)).toBe(true)
    expect(verifyConsistency(claimOf(0, 0, []))).toBe(true)
    expect(verifyConsistency({ ...empty, oldRoot: rootOf(1) })).toBe(false)
    expect(verifyConsistency({ ...empty, proof: [rootOf(1)] })).toBe(false)
    const same = claimOf(5, 5, [])
    expect(verifyConsistency(same)).toBe(true)
    expect(verifyConsistency({ ...same, newRoot: rootOf(4) })).toBe(false)
    expect(verifyConsistency({ ...same, proof: [rootOf(5)] })).toBe(false)
    expect(verifyConsistency({ ...claimOf(0, 0, []), oldRoot: rootOf(1), newRoot: rootOf(1) })).toBe(false)
  })

  test('backwards, or with numbers and hashes that are none, are false and no error', () => {
    const claim = claimOf(3, 7, consistencyProof(hashAt, 3, 7))
    for (const oldSize of [-1, 8, 0.5, Number.NaN])
      expect(verifyConsistency({ ...claim, oldSize })).toBe(false)
    for (const newSize of [-1, 2, 7.5, 2 ** 60]) expect(verifyConsistency({ ...claim, newSize })).toBe(false)
    expect(verifyConsistency({ ...claim, oldRoot: Buffer.alloc(0) })).toBe(false)
    expect(verifyConsistency({ ...claim, proof: [] })).toBe(false)
    expect(() => consistencyProof(hashAt, 8, 7)).toThrow(RangeError)
    expect(() => consistencyProof(hashAt, -1, 7)).toThrow(RangeError)
  })
})

function claimOf(oldSize: number, newSize: number, proof: readonly Uint8Array[]) {
  return { oldSize, oldRoot: rootOf(oldSize), newSize, newRoot: rootOf(newSize), proof }
}

/** Cut, padded, swapped and flipped: none of them may pass. */
function expectTwistedToFail(
  proof: readonly Uint8Array[],
  verify: (proof: readonly Uint8Array[]) => boolean,
): void {
  const spliced = (at: number, drop: number, ...add: Uint8Array[]): Uint8Array[] => [
    ...proof.slice(0, at),
    ...add,
    ...proof.slice(at + drop),
  ]
  const padding = Buffer.alloc(32, 5)
  expect(verify([...proof, padding])).toBe(false)
  expect(verify([padding, ...proof])).toBe(false)
  expect(verify([...proof, ...proof.slice(-1), padding])).toBe(false)
  for (let at = 0; at < proof.length; at += 1) {
    const hash = Buffer.from(proof[at] as Uint8Array)
    hash[at] = (hash[at] ?? 0) ^ 1
    expect(verify(spliced(at, 1, hash))).toBe(false)
    expect(verify(spliced(at, 1))).toBe(false)
    expect(verify(spliced(at, 0, padding))).toBe(false)
    const next = proof[at + 1]
    if (next !== undefined && !Buffer.from(next).equals(proof[at] as Uint8Array))
      expect(verify(spliced(at, 2, next, proof[at] as Uint8Array))).toBe(false)
  }
}
