import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Place } from '../errors'
import type { Tree } from '../merkle'
import type { Signer } from '../note'
import { damaged } from './damage'
import type { Files, OpenFile } from './files'
import { type BrokenFrame, FRAME_HEADER_BYTES, FrameType, isBroken, readFrames } from './frame'
import type { KeyHistory } from './key-history'
import type { KnownEvents } from './known-events'
import type { EntryOffsets } from './offsets'
import { type KnownHead, type OnEntry, Replay, readCheckpoint } from './replay'
import { listSegments, type Segment } from './segments'

/** An incomplete frame that was found past the last checkpoint. Nobody was told that it was written. */
export interface LogCut {
  /** The segment's file name. */
  readonly file: string
  /** Where the frame begins. */
  readonly offset: number
  /** How many bytes of it there were. */
  readonly bytes: number
}

/** What a journal holds, and a writer goes on from. */
export interface RecoveredLog {
  readonly segments: readonly Segment[]
  /** Size of the last segment, without what is to be cut. */
  readonly lastSize: number
  readonly tree: Tree
  /** How many entries the newest checkpoint covers. What comes after was never acknowledged; the next one covers it. */
  readonly covered: number
  /** The newest checkpoint. */
  readonly note: string | null
  readonly known: KnownEvents
  readonly offsets: EntryOffsets
  /** To be cut by the caller: nothing was changed yet. */
  readonly cut: LogCut | null
  /** Subjects of executions that were started and have no outcome here, and that no opening has told of. */
  readonly unknown: readonly string[]
  /** Where the chain of the log's own events stands. */
  readonly own: { readonly seq: number; readonly hash: string }
  /** Which keys the log had. */
  readonly keys: KeyHistory
  /** Goes on with it. */
  readonly signer: Signer
}

/** Where the newest checkpoint is published. */
export function checkpointPath(directory: string): string {
  return join(directory, 'checkpoint')
}

/**
 * Reads a whole journal and checks what its writer relies on: each frame, that segments follow each other, that each
 * checkpoint fits the tree before it, that the newest is signed by the key that was the log's then, that the published `checkpoint` vouches for nothing that
 * the journal lacks. Changes nothing. Meaning, tiles and each signature are the verifier's to check.
 *
 * An incomplete frame at the very end, past the last checkpoint, is what a crash leaves, and is returned as `cut`.
 * Anything else that is not as it was written refuses.
 *
 * @param origin - whose log it must be
 * @param signerFor - gives the signer that goes on with the log, and throws when there is none for its key
 * @throws AuditLogError `ERR_LOG_DAMAGED` with file, offset and index
 */
export async function recoverLog(
  files: Files,
  directory: string,
  origin: string,
  signerFor: (keys: KeyHistory) => Signer,
  onEntry: OnEntry = () => {},
): Promise<RecoveredLog> {
  const segments = await listSegments(files, directory)
  const head = await publishedHead(files, directory, origin)
  const replay = new Replay(origin, head, onEntry)
  let cut: LogCut | null = null
  let lastSize = 0
  for (const [number, segment] of segments.entries()) {
    checkPlace(segment, replay.tree.size)
    const isLast = number === segments.length - 1
    const file = await files.open(segment.path, 'read')
    try {
      const read = await replaySegment(replay, segment, file, isLast, origin)
      lastSize = read.size
      cut = read.cut
    } finally {
      await file.close()
    }
    if (!isLast && replay.covered !== replay.tree.size) {
      const place = { file: segment.path, offset: lastSize, index: replay.tree.size }
      throw damaged(place, 'the segment does not end with a checkpoint, and another follows')
    }
  }
  const { note, own, signer, unknown } = replay.finish(signerFor)
  const { tree, covered, keys, known, offsets } = replay
  return { segments, lastSize, tree, covered, note, known, offsets, cut, unknown, own, keys, signer }
}

async function replaySegment(
  replay: Replay,
  segment: Segment,
  file: OpenFile,
  isLast: boolean,
  origin: string,
): Promise<{ readonly size: number; readonly cut: LogCut | null }> {
  const readAt = (target: Buffer, position: number) => file.read(target, position)
  let size = 0
  for await (const frame of readFrames(readAt)) {
    if (isBroken(frame)) {
      const place: Place = { file: segment.path, offset: frame.offset, index: replay.tree.size }
      if (!isLast || size === 0) throw damaged(place, `${frame.problem}, in the middle of the log`)
      const bytes = await checkTornTail(file, frame, place, origin)
      return { size, cut: { file: segment.path, offset: frame.offset, bytes } }
    }
    const taking = replay.take(frame, segment, size === 0)
    if (taking !== undefined) await taking
    size = frame.end
  }
  if (size === 0) throw damaged({ file: segment.path, offset: 0 }, 'the segment is empty')
  return { size, cut: null }
}

/** Segments follow each other without gap or overlap. */
function checkPlace({ path, first }: Segment, size: number): void {
  if (first === size) return
  const place = { file: path, offset: 0, index: size }
  throw damaged(
    place,
    first > size
      ? `a segment is missing: the entries from ${size} to ${first - 1} are nowhere`
      : `the segment begins with entry ${first}, which the one before it holds`,
  )
}

/**
 * Whether the bytes at the end are what a write leaves that was cut off: the beginning of one frame. A damaged length can
 * make whole frames look so; those were acknowledged, and are not to be cut.
 *
 * @returns how many they are
 */
async function checkTornTail(
  file: OpenFile,
  broken: BrokenFrame,
  place: Place,
  origin: string,
): Promise<number> {
  if (broken.flaw !== 'short-header' && broken.flaw !== 'short-payload') throw damaged(place, broken.problem)
  const { size } = await file.identity()
  const tail = Buffer.alloc(size - broken.offset)
  for (let got = 0; got < tail.length; ) {
    const more = await file.read(tail.subarray(got), broken.offset + got)
    if (more === 0) throw damaged(place, 'the file became shorter while it was read')
    got += more
  }
  if (broken.flaw === 'short-header') return tail.length
  const payload = tail.subarray(FRAME_HEADER_BYTES)
  const isBeginning =
    tail[8] === FrameType.entry
      ? startsAlike(payload, '{"data":')
      : tail[8] === FrameType.checkpoint && startsAlike(payload, `${origin}\n`)
  // Entries and notes hold no control characters but a newline: any other belongs to a frame that follows.
  const isText = payload.every((byte) => byte >= 0x20 || byte === 0x0a)
  const isWhole = crc32(tail.subarray(8)) === tail.readUInt32LE(4)
  if (isWhole || !isBeginning || !isText) {
    throw damaged(
      place,
      `${broken.problem}, and what follows is not the beginning of a frame: its length is damaged`,
    )
  }
  return tail.length
}

function startsAlike(payload: Buffer, start: string): boolean {
  const expected = Buffer.from(start).subarray(0, payload.length)
  return payload.subarray(0, expected.length).equals(expected)
}

/**
 * The published checkpoint, not verified yet: whose it must be is known when the journal was read. Written after its entries
 * were durable, so the journal can never be behind it.
 */
async function publishedHead(files: Files, directory: string, origin: string): Promise<KnownHead | null> {
  const path = checkpointPath(directory)
  const note = await files.read(path)
  if (note === null) return null
  const head = readCheckpoint(note, { file: path })
  if (head.origin !== origin) throw damaged({ file: path }, `the checkpoint is of the log "${head.origin}"`)
  return { size: head.size, root: head.root, place: { file: path }, note }
}
