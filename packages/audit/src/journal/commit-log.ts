import type { Awaitable } from '@gatewright/core'
import { AuditLogError } from '../errors'
import type { Tree } from '../merkle'
import { checkpointText } from '../note'
import type { OpeningLine } from '../openings/opening-line'
import { appendAll, type FileIdentity, type Files, type OpenFile } from './files'
import { FrameType, frameSize, writeFrame } from './frame'
import { isSameFile, type Lock } from './lock'
import type { EntryOffsets } from './offsets'
import { createSegment, type Segment } from './segments'

/** One entry on its way into the journal. */
export interface Leaf {
  readonly entry: Buffer
  /** Its leaf hash. */
  readonly hash: Uint8Array
  /** What stands behind its commitments, but for the entry's index. */
  readonly beside: readonly Omit<OpeningLine, 'index'>[]
}

/** What a {@link CommitLog} goes on from, and works with. */
export interface CommitLogParts {
  readonly files: Files
  readonly directory: string
  readonly origin: string
  readonly segmentBytes: number
  readonly lock: Lock
  readonly tree: Tree
  readonly offsets: EntryOffsets
  /** Of the journal so far; the last one is written to. Grows. */
  readonly segments: Segment[]
  /** Open for appending, at its end. */
  readonly file: OpenFile
  readonly size: number
  /** Makes the whole signed note of a checkpoint's text. */
  sign(text: string): Awaitable<string>
}

/**
 * Writes batches to the journal: entries, then the checkpoint over them, as one write that is synced. Any failure
 * leaves it unusable: what is on the disk is then unknown, and only reading it anew can tell. Not for use by two callers
 * at once.
 */
export class CommitLog {
  readonly #parts: CommitLogParts
  #file: OpenFile
  #identity: FileIdentity | null = null
  #size: number

  constructor(parts: CommitLogParts) {
    this.#parts = parts
    this.#file = parts.file
    this.#size = parts.size
  }

  /** How many entries are in the tree. */
  get entries(): number {
    return this.#parts.tree.size
  }

  /**
   * Resolves, with the signed checkpoint that covers them, when the entries are durable.
   *
   * @throws AuditLogError `ERR_LOG_UNAVAILABLE` when the files are not the ones that were opened; what the disk or the
   *   signer threw
   */
  async commit(leaves: readonly Leaf[]): Promise<string> {
    if (this.#size >= this.#parts.segmentBytes) await this.#rotate()
    const { tree, origin, offsets } = this.#parts
    const first = tree.size
    for (const { hash } of leaves) tree.appendHash(hash)
    const text = checkpointText({ origin, size: tree.size, root: tree.root() })
    const note = await this.#parts.sign(text)
    const { bytes, starts } = layOut(leaves, Buffer.from(note))
    await appendAll(this.#file, bytes)
    if (!this.#file.writesThrough) await this.#file.datasync()
    // After the write, so that nothing slips in between.
    await this.#checkFiles(this.#size + bytes.length)
    const segment = this.#segment
    for (const [at, start] of starts.entries()) offsets.note(first + at, segment, this.#size + start)
    this.#size += bytes.length
    return note
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file.close()
  }

  get #segment(): Segment {
    const segment = this.#parts.segments.at(-1)
    if (segment === undefined) throw new AuditLogError('ERR_LOG_UNAVAILABLE', 'the journal has no segment')
    return segment
  }

  /**
   * T48: a file that was unlinked or replaced takes writes all the same, and nobody will ever find them. Another length
   * means that somebody else writes. Looked at before each acknowledgement.
   */
  async #checkFiles(size: number): Promise<void> {
    const { path } = this.#segment
    this.#identity ??= await this.#file.identity()
    // The disk has just answered: two looks at it cost less than two ways to a thread and back.
    const found = await this.#parts.files.look(path)
    if (!(await this.#parts.lock.isHeld()))
      throw unavailable(path, 'the lock of the log was removed or taken by another process')
    if (found === null) throw unavailable(path, 'the segment was removed while it was open')
    if (!isSameFile(found, this.#identity))
      throw unavailable(path, 'the segment was replaced while it was open')
    if (found.size !== size) {
      throw unavailable(
        path,
        `the segment has ${found.size} bytes where ${size} were written: somebody else changed it`,
      )
    }
  }

  async #rotate(): Promise<void> {
    const { files, directory, origin, segments, tree } = this.#parts
    const { file, path, size } = await createSegment(files, directory, tree.size, origin)
    const full = this.#file
    this.#file = file
    this.#identity = null
    this.#size = size
    segments.push({ path, first: tree.size })
    await full.close()
  }
}

/** The frames of a batch as one piece, and where each entry's begins. */
function layOut(
  leaves: readonly Leaf[],
  note: Buffer,
): { readonly bytes: Buffer; readonly starts: number[] } {
  let total = frameSize(note.length)
  for (const { entry } of leaves) total += frameSize(entry.length)
  const bytes = Buffer.allocUnsafe(total)
  const starts: number[] = []
  let end = 0
  for (const { entry } of leaves) {
    starts.push(end)
    end = writeFrame(bytes, end, FrameType.entry, entry)
  }
  writeFrame(bytes, end, FrameType.checkpoint, note)
  return { bytes, starts }
}

function unavailable(file: string, problem: string): AuditLogError<'ERR_LOG_UNAVAILABLE'> {
  return new AuditLogError('ERR_LOG_UNAVAILABLE', `${file}: ${problem}`, { place: { file } })
}
