import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from '@gatewright/core'
import { afterAll, describe, expect, test } from 'vitest'
import { honestWorld } from '../../test/honest-worlds'
import {
  changePieces,
  entriesOf,
  makeKeys,
  ORIGIN,
  type Piece,
  readPieces,
  segmentsOf,
  type WriteOptions,
  writeEntries,
  writeEvents,
  writePieces,
} from '../../test/written-log'
import { FrameType } from '../journal/frame'
import { leafHash, nodeHash } from '../merkle'
import { checkpointText, signNote } from '../note'
import type { FindingCode, Verdict } from './verdict'
import { type VerifyLogOptions, verifyLog } from './verify-log'

const root = mkdtempSync(join(tmpdir(), 'tamper-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const keys = makeKeys()
const events = await honestWorld('voted')
const entries = entriesOf(events)
let made = 0

/** A log of its own for a test, honest so far. */
async function log(options: WriteOptions = {}, of: readonly Buffer[] = entries) {
  const directory = join(root, `${made++}`)
  const notes = await writeEntries(directory, of, keys.signer, { batch: 3, ...options })
  return { directory, notes }
}

const verify = (directory: string, more: Partial<VerifyLogOptions> = {}): Promise<Verdict> =>
  verifyLog({ directories: [directory], trust: keys.trust, ...more })

/** The first finding of a kind; in the journal, where the published checkpoint has the same. */
const found = ({ findings }: Verdict, code: FindingCode) => {
  const all = findings.filter((finding) => finding.code === code)
  return all.find(({ place }) => place.index !== null) ?? all[0]
}

/** Where the entry at an index stands in the journal. */
function offsetOf(directory: string, index: number): number {
  let offset = 0
  let at = 0
  for (const { payload, type } of readPieces(segmentsOf(directory)[0] ?? '')) {
    if (type === FrameType.entry && at++ === index) return offset
    offset += 9 + payload.length
  }
  throw new Error('no such entry')
}

const entryAt = (pieces: readonly Piece[], index: number): number => {
  let at = -1
  return pieces.findIndex(({ type }) => type === FrameType.entry && ++at === index)
}

const withPayload = (pieces: Piece[], at: number, payload: Buffer): Piece[] =>
  pieces.map((piece, index) => (index === at ? { ...piece, payload } : piece))

/** `Array.prototype.toSpliced`, which Node 20 types lack. */
function spliced<T>(list: readonly T[], at: number, count: number, ...more: readonly T[]): T[] {
  return [...list.slice(0, at), ...more, ...list.slice(at + count)]
}

/** The same entry with another word in it, of the same length and canonical. */
const edited = (entry: Buffer): Buffer =>
  Buffer.from(entry.toString().replace('"users"', '"usurp"').replace('data.export', 'data.import'))

/** The same entries with one that says something else. */
const rewritten = (): Buffer[] =>
  entries.map((entry) =>
    entry.includes('"ask"') ? Buffer.from(entry.toString().replace('"ask"', '"ASK"')) : entry,
  )

describe('what was done to the bytes is found, and the place named', () => {
  test('an honest log is valid', async () => {
    const { directory } = await log()
    expect(await verify(directory)).toMatchObject({ status: 'valid', findings: [] })
  })

  test('an edited field with recomputed tile', async () => {
    const target = entries.findIndex((entry) => !edited(entry).equals(entry))
    const changed = entries.map((entry, index) => (index === target ? edited(entry) : entry))
    const { directory } = await log()
    const forged = await log({}, changed)
    cpSync(join(forged.directory, 'tile'), join(directory, 'tile'), { recursive: true, force: true })
    changePieces(directory, (pieces) =>
      withPayload(pieces, entryAt(pieces, target), changed[target] as Buffer),
    )
    const verdict = await verify(directory)
    expect(verdict.status).toBe('invalid')
    expect(found(verdict, 'checkpoint-root')?.place).toMatchObject({
      directory,
      file: expect.stringMatching(/^journal\//),
    })
  })

  test.each([
    ['deleted', (pieces: Piece[], at: number) => pieces.filter((_, index) => index !== at)],
    [
      'inserted',
      (pieces: Piece[], at: number) => spliced(pieces, at, 0, { type: 1, payload: entries[0] as Buffer }),
    ],
    ['duplicated', (pieces: Piece[], at: number) => spliced(pieces, at, 0, pieces[at] as Piece)],
    [
      'swapped',
      (pieces: Piece[], at: number) => spliced(pieces, at, 2, pieces[at + 1] as Piece, pieces[at] as Piece),
    ],
  ])('a %s record', async (_, change) => {
    const { directory } = await log()
    changePieces(directory, (pieces) => change(pieces, entryAt(pieces, 3)))
    const verdict = await verify(directory)
    expect(verdict.status).toBe('invalid')
    const [first] = verdict.findings.filter(({ code }) => code.startsWith('checkpoint-'))
    expect(first?.place).toMatchObject({ directory, offset: expect.any(Number), index: expect.any(Number) })
  })

  test('a duplicated record, signed for by the real key', async () => {
    const { directory } = await log({}, spliced(entries, 3, 0, entries[3] as Buffer))
    const verdict = await verify(directory)
    expect(found(verdict, 'event-duplicated')?.place).toMatchObject({
      index: 4,
      offset: offsetOf(directory, 4),
    })
  })

  test('a tail that was cut past a known head', async () => {
    const { directory, notes } = await log()
    const short = await log({}, entries.slice(0, 6))
    expect(await verify(short.directory)).toMatchObject({ counts: { entries: 6 } })
    const verdict = await verify(short.directory, { knownHeads: [notes.at(-1) ?? ''] })
    expect(verdict.status).toBe('diverged')
    expect(found(verdict, 'known-head-ahead')?.place).toMatchObject({ directory: short.directory, index: 6 })
    expect((await verify(directory, { knownHeads: notes })).status).toBe('valid')
  })

  test('a rollback to an older checkpoint', async () => {
    const { directory, notes } = await log()
    const knownHeads = (await verify(directory)).heads
    const pieces = readPieces(segmentsOf(directory)[0] ?? '')
    writePieces(directory, 0, pieces.slice(0, 5))
    rmSync(join(directory, 'tile'), { recursive: true })
    writeFileSync(join(directory, 'checkpoint'), notes[0] ?? '')
    expect((await verify(directory, { knownHeads })).status).toBe('diverged')
  })

  test('a cut tail, though the published checkpoint still speaks of it', async () => {
    const { directory } = await log({ tiles: false })
    changePieces(directory, (pieces) => pieces.slice(0, 5))
    expect(found(await verify(directory), 'journal-behind-checkpoint')?.place.file).toBe('checkpoint')
  })

  test('a log that was written anew and signed with the real key, against a known head', async () => {
    const { notes } = await log()
    const { directory } = await log({}, rewritten())
    const verdict = await verify(directory, { knownHeads: [notes.at(-1) ?? ''] })
    expect(verdict.status).toBe('diverged')
    expect(found(verdict, 'known-head-fork')?.place.directory).toBe(directory)
  })

  test('two checkpoints of one size', async () => {
    const { directory } = await log()
    const other = await signNote(
      checkpointText({ origin: ORIGIN, size: entries.length, root: Buffer.alloc(32, 7) }),
      [keys.signer],
    )
    changePieces(directory, (pieces) => [
      ...pieces,
      { type: FrameType.checkpoint, payload: Buffer.from(other) },
    ])
    expect(found(await verify(directory), 'checkpoint-root')?.place.index).toBe(entries.length)
    const fork = await verify((await log()).directory, { knownHeads: [other] })
    expect(fork.status).toBe('diverged')
  })

  test('an unknown key', async () => {
    const { directory } = await log()
    const verdict = await verify(directory, { trust: makeKeys().trust })
    expect(verdict).toMatchObject({ status: 'invalid', heads: [] })
    expect(found(verdict, 'checkpoint-unsigned')?.place.index).toBe(3)
  })

  test('a key of another log', async () => {
    const directory = join(root, `${made++}`)
    const other = makeKeys('log.test/other')
    await writeEntries(directory, entries, other.signer)
    expect(
      found(await verify(directory, { trust: [...keys.trust, ...other.trust] }), 'checkpoint-unsigned'),
    ).toBeDefined()
  })

  test('a known key with a bad signature', async () => {
    const { directory } = await log()
    changePieces(directory, (pieces) => {
      const at = pieces.findIndex(({ type }) => type === FrameType.checkpoint)
      const note = pieces[at]?.payload.toString() ?? ''
      const last = note.slice(-12)
      const other = last.startsWith('A') ? 'B' : 'A'
      return withPayload(pieces, at, Buffer.from(note.slice(0, -12) + other + last.slice(1)))
    })
    expect(found(await verify(directory), 'signature-bad')?.place.index).toBe(3)
  })

  test('a retired key', async () => {
    const { directory } = await log()
    const trust = keys.trust.map((key) => ({ ...key, to: 5 }))
    expect(found(await verify(directory, { trust }), 'key-out-of-range')?.place.index).toBe(6)
    const early = keys.trust.map((key) => ({ ...key, from: 4 }))
    expect(found(await verify(directory, { trust: early }), 'key-out-of-range')?.place.index).toBe(3)
  })

  test('a wrong origin', async () => {
    const { directory } = await log()
    const other = await signNote(
      checkpointText({ origin: 'log.test/other', size: 3, root: Buffer.alloc(32) }),
      [keys.signer],
    )
    changePieces(directory, (pieces) =>
      withPayload(
        pieces,
        pieces.findIndex(({ type }) => type === FrameType.checkpoint),
        Buffer.from(other),
      ),
    )
    expect(found(await verify(directory), 'checkpoint-origin')?.place.index).toBe(3)
    const foreign = await log({ origin: 'log.test/other' })
    expect((await verify(foreign.directory)).status).toBe('invalid')
  })

  test.each(['tile/0/000.p', 'tile/entries/000.p'])(
    'a tile and an entry that disagree: %s',
    async (folder) => {
      const { directory } = await log()
      const file = `${folder}/${entries.length}`
      const bytes = readFileSync(join(directory, file))
      bytes[40] = (bytes[40] ?? 0) ^ 1
      writeFileSync(join(directory, file), bytes)
      expect(found(await verify(directory), 'tile-mismatch')?.place).toMatchObject({ file, offset: 40 })
    },
  )

  test('a full tile of a higher level', async () => {
    const many = Array.from({ length: 520 }, (_, index) => entries[index % entries.length] as Buffer)
    const { directory } = await log({ batch: 100 }, many)
    const file = 'tile/1/000.p/2'
    const bytes = readFileSync(join(directory, file))
    bytes[63] = (bytes[63] ?? 0) ^ 1
    writeFileSync(join(directory, file), bytes)
    writeFileSync(join(directory, 'tile/0/009'), Buffer.alloc(8_192))
    const verdict = await verify(directory)
    expect(found(verdict, 'tile-mismatch')?.place).toMatchObject({ file, offset: 63 })
    expect(found(verdict, 'tile-beyond')?.place.file).toBe('tile/0/009')
  })

  test('a missing segment', async () => {
    const { directory } = await log({ segment: 3 })
    unlinkSync(segmentsOf(directory)[1] ?? '')
    expect(found(await verify(directory), 'segment-missing')?.place).toMatchObject({
      index: 3,
      file: expect.stringContaining('journal/'),
    })
    const first = await log({ segment: 3 })
    unlinkSync(segmentsOf(first.directory)[0] ?? '')
    expect((await verify(first.directory)).status).toBe('invalid')
    const last = await log({ segment: 3 })
    unlinkSync(segmentsOf(last.directory).at(-1) ?? '')
    expect((await verify(last.directory)).status).toBe('invalid')
  })

  test.each([
    ['white space', (text: string) => text.replace('{"data"', '{ "data"')],
    ['an escape', (text: string) => text.replace('"data.export"', '"data.\\u0065xport"')],
    ['another order', (text: string) => text.replace(/("seq":\d+),("source":"bot")/, '$2,$1')],
    ['a repeated key', (text: string) => text.replace('"specversion"', '"specversion":"1.0","specversion"')],
    ['a long number', (text: string) => text.replace(/"seq":(\d+)/, '"seq":$1.0')],
  ])('parse-equal bytes that are not canonical, signed for: %s', async (_, change) => {
    const target = entries.findIndex((entry) => change(entry.toString()) !== entry.toString())
    const changed = entries.map((entry, index) =>
      index === target ? Buffer.from(change(entry.toString())) : entry,
    )
    const { directory } = await log({}, changed)
    expect(found(await verify(directory), 'entry-invalid')?.place).toMatchObject({
      index: target,
      offset: offsetOf(directory, target),
    })
  })

  test('a node that is given as a leaf', async () => {
    const [one = Buffer.alloc(0), two = Buffer.alloc(0), ...rest] = entries
    const node = Buffer.concat([leafHash(one), leafHash(two)])
    expect(leafHash(node)).not.toEqual(nodeHash(leafHash(one), leafHash(two)))
    const { directory } = await log()
    changePieces(directory, (pieces) => {
      const at = entryAt(pieces, 0)
      return spliced(pieces, at, 2, { type: FrameType.entry, payload: node })
    })
    const verdict = await verify(directory)
    expect(rest.length).toBeGreaterThan(0)
    expect(found(verdict, 'entry-invalid')?.place.index).toBe(0)
    expect(found(verdict, 'checkpoint-size')).toBeDefined()
  })

  test('a torn last frame is incomplete, a torn middle frame is damage', async () => {
    const { directory } = await log({ tiles: false })
    const path = segmentsOf(directory)[0] ?? ''
    const size = readFileSync(path).length
    appendFileSync(path, Buffer.from([40, 0, 0, 0, 1, 2, 3, 4, 1, ...Buffer.from('{"data":')]))
    const torn = await verify(directory)
    expect(torn.status).toBe('incomplete')
    expect(found(torn, 'frame-torn')?.place.offset).toBe(size)
    const middle = await log({ tiles: false })
    const other = segmentsOf(middle.directory)[0] ?? ''
    const bytes = readFileSync(other)
    const at = offsetOf(middle.directory, 4)
    writeFileSync(other, Buffer.concat([bytes.subarray(0, at + 20), bytes.subarray(at + 60)]))
    const damaged = await verify(middle.directory)
    expect(damaged.status).toBe('invalid')
    expect(found(damaged, 'frame-damaged')?.place).toMatchObject({ offset: at, index: 4 })
  })

  test('a length in the middle that swallows the rest of the journal is damage, not the end', async () => {
    const { directory } = await log({ tiles: false })
    unlinkSync(join(directory, 'checkpoint'))
    const path = segmentsOf(directory)[0] ?? ''
    const bytes = readFileSync(path)
    const at = offsetOf(directory, 4)
    bytes.writeUInt32LE(120_000, at)
    writeFileSync(path, bytes)
    expect(found(await verify(directory), 'frame-damaged')?.place.offset).toBe(at)
  })

  test('stale bytes in a tail', async () => {
    const { directory } = await log({ tiles: false })
    const path = segmentsOf(directory)[0] ?? ''
    const bytes = readFileSync(path)
    appendFileSync(path, bytes.subarray(30, 300))
    expect(found(await verify(directory), 'frame-damaged')?.place.offset).toBe(bytes.length)
    truncateSync(path, bytes.length)
    appendFileSync(path, Buffer.alloc(64))
    expect((await verify(directory)).status).not.toBe('valid')
  })

  test('whole entries after the last checkpoint are vouched for by nobody', async () => {
    const { directory } = await log({ tiles: false })
    changePieces(directory, (pieces) => pieces.slice(0, -1))
    unlinkSync(join(directory, 'checkpoint'))
    const verdict = await verify(directory)
    expect(verdict.status).toBe('incomplete')
    expect(found(verdict, 'entry-unacknowledged')).toBeDefined()
  })

  test('an oversize checkpoint', async () => {
    const { directory } = await log()
    changePieces(directory, (pieces) => {
      const at = pieces.findIndex(({ type }) => type === FrameType.checkpoint)
      const line = `— someone.else ${Buffer.alloc(90_000, 5).toString('base64')}\n`
      return withPayload(
        pieces,
        at,
        Buffer.concat([pieces[at]?.payload ?? Buffer.alloc(0), Buffer.from(line)]),
      )
    })
    expect(found(await verify(directory), 'checkpoint-too-large')?.place.index).toBe(3)
  })

  test('a body beside the log that was changed, or taken away', async () => {
    const large = await honestWorld('large')
    const directory = join(root, `${made++}`)
    const big: AuditEvent[] = large.map((event) =>
      event.type === 'request.created'
        ? { ...event, data: { ...event.data, zz: 'x'.repeat(70_000) } }
        : event,
    )
    await writeEvents(directory, big, keys.signer)
    const folder = join(directory, 'bodies')
    expect(existsSync(folder)).toBe(true)
    const verdict = await verify(directory)
    // Its successor carries the hash of what was there before.
    expect(verdict.findings.map(({ code }) => code)).toEqual(['chain-broken'])
    rmSync(folder, { recursive: true })
    expect(found(await verify(directory), 'body-missing')).toBeDefined()
  })

  test('a directory without a log, and one log twice', async () => {
    expect(found(await verify(join(root, 'nowhere')), 'log-missing')).toBeDefined()
    const { directory } = await log()
    const verdict = await verifyLog({ directories: [directory, directory], trust: keys.trust })
    expect(found(verdict, 'log-repeated')).toBeDefined()
  })
})

test('every single-bit flip of a small log is found', async () => {
  const [small = Buffer.alloc(0)] = [...entries].sort((one, other) => one.length - other.length)
  const { directory } = await log({ batch: 1 }, [small])
  const files = [
    ...segmentsOf(directory),
    join(directory, 'checkpoint'),
    join(directory, 'tile/0/000.p/1'),
    join(directory, 'tile/entries/000.p/1'),
  ]
  for (const path of files) {
    const bytes = readFileSync(path)
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      writeFileSync(path, flipped)
      const verdict = await verify(directory)
      if (verdict.status !== 'invalid') throw new Error(`${path}, bit ${bit}: ${verdict.status}`)
      if (verdict.findings.every(({ place }) => place.file === null))
        throw new Error(`${path}, bit ${bit}: no place`)
    }
    writeFileSync(path, bytes)
  }
  expect(await verify(directory)).toMatchObject({ status: 'valid' })
})
