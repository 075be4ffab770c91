import { readdirSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type BrokenFrame,
  decodeFrame,
  FRAME_HEADER_BYTES,
  type Frame,
  FrameType,
  isBroken,
} from '../journal/frame'

const CHUNK = 1_024 * 1_024

/** The frames that one reading of a file gave, and what ends them when it is no frame. */
export interface Chunk {
  readonly frames: readonly Frame[]
  readonly broken: BrokenFrame | null
  readonly bytes: number
}

/**
 * The whole frames of a file, about a megabyte at a time; bytes that are no frame end it.
 *
 * @param from - where a frame begins
 */
export async function* readChunks(path: string, from = 0): AsyncGenerator<Chunk, void, void> {
  const file = await open(path, 'r')
  try {
    // One byte more than a small file has, so that its end is met at once.
    const chunk = Math.min(CHUNK, Math.max(0, (await file.stat()).size - from) + 1)
    let base = from
    let held: Buffer = Buffer.alloc(0)
    for (;;) {
      const next = Buffer.allocUnsafeSlow(held.length + chunk)
      held.copy(next)
      const got = await fill(file, next.subarray(held.length), base + held.length)
      held = next.subarray(0, held.length + got)
      const ended = got < chunk
      const { frames, broken, used } = framesOf(held, base, ended)
      yield { frames, broken, bytes: got }
      if (broken !== null || ended) return
      base += used
      held = held.subarray(used)
    }
  } finally {
    await file.close()
  }
}

function framesOf(
  bytes: Buffer,
  base: number,
  ended: boolean,
): Omit<Chunk, 'bytes'> & { readonly used: number } {
  const frames: Frame[] = []
  let start = 0
  while (start < bytes.length) {
    const read = decodeFrame(bytes, start, base)
    if (isBroken(read)) {
      const more = !ended && read.flaw.startsWith('short')
      return { frames, broken: more ? null : read, used: start }
    }
    frames.push(read)
    start = read.end - base
  }
  return { frames, broken: null, used: start }
}

async function fill(file: FileHandle, target: Buffer, position: number): Promise<number> {
  let got = 0
  while (got < target.length) {
    const { bytesRead } = await file.read(target, got, target.length - got, position + got)
    if (bytesRead === 0) break
    got += bytesRead
  }
  return got
}

/** A tail that is looked at as a whole. What a writer leaves in a crash is no longer than one write. */
const MAX_TAIL = 64 * 1_024 * 1_024

/**
 * Whether what follows a frame that is cut short holds whole frames: then it was not the end of the file that cut it, but a
 * length that was changed, and what follows was acknowledged.
 */
export async function holdsWholeFrames(path: string, from: number): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    if (size - from > MAX_TAIL) return true
    const tail = Buffer.alloc(size - from)
    await fill(file, tail, from)
    for (let at = 1; at + FRAME_HEADER_BYTES <= tail.length; at += 1) {
      // Few offsets look like a frame at all, so that few checksums are computed.
      if ((tail[at + 8] as number) > FrameType.checkpoint) continue
      if (!isBroken(decodeFrame(tail, at, 0))) return true
    }
    // The frame itself, with only its length changed.
    return isWholeButForItsLength(tail)
  } finally {
    await file.close()
  }
}

function isWholeButForItsLength(tail: Buffer): boolean {
  if (tail.length < FRAME_HEADER_BYTES) return false
  const copy = Buffer.from(tail)
  copy.writeUInt32LE(tail.length - FRAME_HEADER_BYTES)
  return !isBroken(decodeFrame(copy, 0, 0))
}

/** A segment by its name. */
export interface SegmentFile {
  /** Relative to the log's directory. */
  readonly file: string
  readonly path: string
  /** Index of its first entry. */
  readonly first: number
}

/** Segments of a log in order, and names in its journal that are none. `null` without a journal. */
export function findSegments(
  directory: string,
): { readonly segments: readonly SegmentFile[]; readonly others: readonly string[] } | null {
  let names: string[]
  try {
    names = readdirSync(join(directory, 'journal'))
  } catch {
    return null
  }
  const segments = names
    .filter((name) => /^\d{20}\.log$/.test(name))
    .sort()
    .map((name) => ({
      file: `journal/${name}`,
      path: join(directory, 'journal', name),
      first: Number(name.slice(0, 20)),
    }))
  // A segment that was being made when its writer died is called so.
  const others = names
    .filter((name) => !/^\d{20}\.log(?:\.new)?$/.test(name))
    .map((name) => `journal/${name}`)
  return { segments, others }
}
