import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AuditEvent } from '@gatewright/core'
import { encodeEntry, packEntry } from '../src/event'
import { decodeFrame, encodeFrame, type Frame, FrameType, isBroken } from '../src/journal/frame'
import { leafHash, TileWriter, Tree } from '../src/merkle'
import { checkpointText, generateSigner, type Signer, signNote, type TrustedKey } from '../src/note'

export const ORIGIN = 'log.test/sample'

/** A key and what trusts it. */
export interface Keys {
  readonly signer: Signer
  readonly trust: readonly TrustedKey[]
}

/** A new key of a log. */
export function makeKeys(name = ORIGIN): Keys {
  const signer = generateSigner({ name })
  return { signer, trust: [{ vkey: signer.verifierKey, from: 0, to: null }] }
}

/** How a test writes a log. */
export interface WriteOptions {
  readonly origin?: string
  /** Entries of one checkpoint. */
  readonly batch?: number
  /** Entries of one segment. */
  readonly segment?: number
  readonly tiles?: boolean
}

/** Part of a journal, as tests take it apart and put it together. */
export interface Piece {
  readonly type: number
  readonly payload: Buffer
}

/**
 * Writes a log in the very format of the real one, but without its care: a test may write whatever a forger could. Answers
 * with the notes it signed.
 */
export async function writeEntries(
  directory: string,
  entries: readonly Buffer[],
  signer: Signer,
  { origin = ORIGIN, batch = 5, segment = 1_000_000, tiles = true }: WriteOptions = {},
): Promise<string[]> {
  rmSync(directory, { recursive: true, force: true })
  const tree = new Tree()
  const notes: string[] = []
  const writer = new TileWriter((path, bytes) => write(directory, path, bytes))
  let pieces: Piece[] = []
  let first = 0
  const flush = () => {
    if (pieces.length > 0) writePieces(directory, first, pieces)
    pieces = []
    first = tree.size
  }
  const sign = async () => {
    const note = await signNote(checkpointText({ origin, size: tree.size, root: tree.root() }), [signer])
    notes.push(note)
    pieces.push({ type: FrameType.checkpoint, payload: Buffer.from(note) })
  }
  for (const [index, entry] of entries.entries()) {
    if (pieces.length === 0) pieces.push(headerPiece(tree.size, origin))
    pieces.push({ type: FrameType.entry, payload: entry })
    tree.append(entry)
    writer.append(entry, leafHash(entry))
    const ends = (index + 1) % segment === 0 || index === entries.length - 1
    if (ends || (index + 1) % batch === 0) await sign()
    if (ends) flush()
  }
  if (tiles) for (const { path, bytes } of writer.partial()) write(directory, path, bytes)
  if (!tiles) rmSync(join(directory, 'tile'), { recursive: true, force: true })
  write(directory, 'checkpoint', Buffer.from(notes.at(-1) ?? ''))
  return notes
}

/** Writes events, each in its own place. */
export function writeEvents(
  directory: string,
  events: readonly AuditEvent[],
  signer: Signer,
  options: WriteOptions = {},
): Promise<string[]> {
  const packed = events.map((event) => packEntry(event))
  return writeEntries(
    directory,
    packed.map(({ entry }) => entry),
    signer,
    options,
  ).then((notes) => {
    for (const { body } of packed)
      if (body !== null) write(directory, `bodies/${body.digest}.json`, body.bytes)
    return notes
  })
}

export const entriesOf = (events: readonly AuditEvent[]): Buffer[] =>
  events.map((event) => encodeEntry(event))

export function headerPiece(first: number, origin = ORIGIN): Piece {
  return {
    type: FrameType.header,
    payload: Buffer.from(JSON.stringify({ first, format: 'gatewright-journal/1', origin })),
  }
}

/** The segments of a journal, in order. */
export function segmentsOf(directory: string): string[] {
  return readdirSync(join(directory, 'journal'))
    .sort()
    .map((name) => join(directory, 'journal', name))
}

/** The pieces of a segment. */
export function readPieces(path: string): Piece[] {
  const bytes = readFileSync(path)
  const pieces: Piece[] = []
  for (let at = 0; at < bytes.length; ) {
    const frame = decodeFrame(bytes, at, 0)
    if (isBroken(frame)) throw new Error(frame.problem)
    pieces.push({ type: (frame as Frame).type, payload: Buffer.from(frame.payload) })
    at = frame.end
  }
  return pieces
}

export function writePieces(directory: string, first: number, pieces: readonly Piece[]): void {
  const frames = pieces.map(({ payload, type }) => encodeFrame(type as Frame['type'], payload))
  write(directory, `journal/${`${first}`.padStart(20, '0')}.log`, Buffer.concat(frames))
}

/** Changes the only segment of a log, with every checksum made anew; nothing else. */
export function changePieces(directory: string, change: (pieces: Piece[]) => readonly Piece[]): void {
  const [path = ''] = segmentsOf(directory)
  writePieces(directory, 0, change(readPieces(path)))
}

function write(directory: string, path: string, bytes: Uint8Array): void {
  const target = join(directory, path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, bytes)
}
