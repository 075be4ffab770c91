import { isAuditLogError } from '../errors'
import { logSubject, readEntry } from '../event'
import { type BrokenFrame, type Frame, FrameType, isBroken } from '../journal/frame'
import { emptyRoot, leafHash, Tree } from '../merkle'
import { EntryEvents } from './entry-events'
import { type FramedEntry, FrameWindow } from './frame-window'
import { findSegments, holdsWholeFrames, type SegmentFile } from './journal-chunks'
import { KeyBook } from './key-book'
import { type GivenHead, HeadComparison } from './known-heads'
import type { LoggedEvent } from './meaning/told'
import { PublishedHead } from './published-head'
import { TileCheck } from './tile-check'
import type { TrustedHeads } from './trusted-heads'
import type { FindingCode, FindingPlace, Findings, Severity } from './verdict'

/** Entries that wait for their checkpoint at a time, and their bytes; a writer signs much sooner. */
const MAX_PENDING = 50_000
const MAX_PENDING_BYTES = 64 * 1_024 * 1_024

/** In the bytes of each event that a log tells of itself; events of others may hold it too. */
const OWN_SUBJECT = '"subject":"log:'

/** What all logs of a verification share. */
export interface LogCheckParts {
  readonly directory: string
  /** Its position among the given directories. */
  readonly log: number
  readonly trusted: TrustedHeads
  readonly knownHeads: readonly GivenHead[]
  readonly findings: Findings
  /** The log was checked before: only its events are wanted. @default false */
  readonly again?: boolean
  /** Called after each piece of a file, with its bytes. */
  progress(bytes: number): void
}

/** Reads one log from its first byte to its last, checks all that hashes and signatures can tell, and hands its events on. */
export class LogCheck {
  readonly counts = { segments: 0, bytes: 0, entries: 0, checkpoints: 0 }
  origin: string | null = null
  /** The newest checkpoint that holds. */
  head: { readonly size: number; readonly root: string } | null = null
  tiles = 0
  heads = 0
  openings = 0
  readonly #parts: LogCheckParts
  readonly #tree = new Tree()
  #segment: SegmentFile | null = null
  #headers = 0
  #comparison: HeadComparison | null = null
  #published: PublishedHead | null = null
  #keys: KeyBook | null = null
  #tileCheck: TileCheck | null = null
  #window: FrameWindow | null = null
  readonly #entryEvents: EntryEvents
  /** Nothing was found wrong so far, the events of entries aside. */
  #soundBytes = true
  /** What follows cannot be read any more. */
  #stopped = false
  #entriesPending = 0

  constructor(parts: LogCheckParts) {
    this.#parts = parts
    this.#entryEvents = new EntryEvents({ ...parts, again: parts.again === true })
  }

  get #sound(): boolean {
    return this.#soundBytes && this.#entryEvents.sound
  }

  /**
   * The events that a checkpoint covers, in order, as many at a time as were read at once. Each list is to be taken to its
   * end before the next is asked for: its events are made as they are taken, so that few are in memory at a time.
   */
  async *events(): AsyncGenerator<Iterable<LoggedEvent>, void, void> {
    const found = findSegments(this.#parts.directory)
    if (found === null || found.segments.length === 0)
      return this.#tell('error', 'log-missing', 'there is no journal here')
    for (const file of found.others)
      this.#tell('warning', 'segment-misnamed', 'a file in the journal is no segment', { file })
    if (this.#parts.again !== true)
      this.#tileCheck = new TileCheck(this.#parts.directory, this.#parts.findings)
    for (const [at, segment] of found.segments.entries()) {
      if (!this.#open(segment)) break
      yield* this.#segmentEvents(segment, at === found.segments.length - 1)
      if (this.#stopped) break
    }
    this.#finish()
  }

  async *#segmentEvents(
    segment: SegmentFile,
    isLast: boolean,
  ): AsyncGenerator<Iterable<LoggedEvent>, void, void> {
    this.counts.segments += 1
    const window = new FrameWindow(segment.path)
    this.#window = window
    try {
      for (let isEnd = false; !isEnd && !this.#stopped; ) {
        const bytes = await window.more()
        this.counts.bytes += bytes
        isEnd = await this.#takeFrames(window, segment, isLast)
        yield this.#eventsOf(window.marked(), segment)
        window.release()
        this.#parts.progress(bytes)
      }
      // Nobody vouches for these; but what is no entry at all is told of.
      for (const _ of this.#eventsOf(window.kept(), segment));
    } finally {
      this.#window = null
      window.close()
    }
    if (this.#stopped) return
    if (this.#headers < this.counts.segments) this.#damage('segment-header', 'a segment has no header', 0)
    else if (!isLast && this.#entriesPending > 0)
      this.#damage('segment-unfinished', 'a segment ends without a checkpoint, and another follows', null)
  }

  /** Takes the frames that were read. Answers whether there are no more to come. */
  async #takeFrames(window: FrameWindow, segment: SegmentFile, isLast: boolean): Promise<boolean> {
    for (;;) {
      const read = window.next()
      if (typeof read === 'string') return read === 'end'
      if (isBroken(read)) {
        await this.#takeBroken(read, segment, isLast)
        return true
      }
      if (this.#headers < this.counts.segments) this.#takeHeader(read)
      else this.#take(read, window)
      if (this.#stopped) return true
    }
  }

  #open(segment: SegmentFile): boolean {
    this.#segment = segment
    const { size } = this.#tree
    if (segment.first === size) return true
    const message =
      segment.first > size
        ? `the entries ${size} to ${segment.first - 1} are missing: a segment was taken away`
        : `a segment begins with entry ${segment.first}, which the one before it holds`
    this.#damage('segment-missing', message, 0)
    return false
  }

  #take(frame: Frame, window: FrameWindow): void {
    if (frame.type === FrameType.entry) this.#takeEntry(frame, window.keptBytes)
    else if (frame.type !== FrameType.checkpoint)
      this.#damage('segment-header', 'a second header stands in a segment', frame.offset)
    else if (this.#takeCheckpoint(frame)) window.mark()
  }

  #takeHeader({ offset, payload, type }: Frame): void {
    this.#headers += 1
    const segment = this.#segment as SegmentFile
    const header = type === FrameType.header ? originOf(payload, segment.first) : null
    if (header === null) {
      this.#damage('segment-header', 'a segment does not begin with its own header', offset)
      return
    }
    if (this.origin !== null) {
      if (header !== this.origin)
        this.#damage(
          'checkpoint-origin',
          `a segment belongs to the log "${header}", not to "${this.origin}"`,
          offset,
        )
      return
    }
    this.origin = header
    const { directory, knownHeads, trusted } = this.#parts
    this.#comparison = new HeadComparison(knownHeads, header, this.#parts)
    this.#keys = new KeyBook(header, trusted)
    this.#published = PublishedHead.of(directory, header, trusted)
    this.#compareHeads()
  }

  #takeEntry({ offset, payload }: Frame, keptBytes: number): void {
    const leaf = leafHash(payload)
    this.#tree.appendHash(leaf)
    this.#tileCheck?.add(payload, leaf)
    this.counts.entries += 1
    this.#entriesPending += 1
    this.#takeKeys(payload)
    if (this.#entriesPending > MAX_PENDING || keptBytes > MAX_PENDING_BYTES)
      this.#damage(
        'checkpoint-missing',
        `${this.#entriesPending} entries follow one another without a checkpoint`,
        offset,
      )
    this.#compareHeads()
  }

  /** What the log says of its keys is known before the checkpoint over it is judged. */
  #takeKeys(payload: Buffer): void {
    if (!payload.includes(OWN_SUBJECT)) return
    try {
      const { event } = readEntry(payload)
      if (event.subject === logSubject(this.origin ?? '')) this.#keys?.take(event, this.#tree.size - 1)
    } catch (error) {
      // It is told of when the events of the batch are read.
      if (!isAuditLogError(error)) throw error
    }
  }

  #eventsOf(entries: Iterable<FramedEntry>, { file }: SegmentFile): Generator<LoggedEvent, void, void> {
    return this.#entryEvents.of(entries, file, this.origin)
  }

  /** Answers whether it vouches for the entries before it. */
  #takeCheckpoint({ offset, payload }: Frame): boolean {
    this.counts.checkpoints += 1
    const judged = this.#parts.trusted.judge(payload, this.origin)
    const place = { file: (this.#segment as SegmentFile).file, offset, index: this.#tree.size }
    const refuse = (code: FindingCode, message: string): false => {
      this.#soundBytes = false
      this.#tell('error', code, message, place)
      return false
    }
    if (judged.problem !== null) return refuse(judged.problem.code, judged.problem.message)
    const { head, signedBy } = judged
    const root = this.#tree.root()
    if (head.size !== this.#tree.size)
      return refuse(
        'checkpoint-size',
        `a checkpoint speaks of ${head.size} entries where ${this.#tree.size} stand before it`,
      )
    if (!Buffer.from(head.root).equals(root))
      return refuse(
        'checkpoint-root',
        `the ${head.size} entries before a checkpoint are not those that it was signed for`,
      )
    const tell = (severity: Severity, code: FindingCode, message: string) =>
      this.#tell(severity, code, message, place)
    if (this.#keys?.judge(payload, head.size, signedBy, tell) === false) this.#soundBytes = false
    this.head = { size: head.size, root: Buffer.from(root).toString('base64') }
    this.#entriesPending = 0
    return true
  }

  async #takeBroken(broken: BrokenFrame, segment: SegmentFile, isLast: boolean): Promise<void> {
    const short = broken.flaw === 'short-header' || broken.flaw === 'short-payload'
    const torn =
      short && isLast && broken.offset > 0 && !(await holdsWholeFrames(segment.path, broken.offset))
    if (!torn)
      return this.#damage('frame-damaged', `the journal is damaged: ${broken.problem}`, broken.offset)
    this.#tell(
      'error',
      'frame-torn',
      `the journal ends in the middle of a frame: ${broken.problem}. Nobody was told that it was written`,
      {
        file: segment.file,
        offset: broken.offset,
        index: this.#tree.size,
      },
    )
  }

  #compareHeads(): void {
    const { size } = this.#tree
    if (this.#published?.reached(size, () => this.#tree.root()) === false) this.#soundBytes = false
    if (this.#comparison?.nextSize === size)
      this.#comparison.reached(size, size === 0 ? emptyRoot() : this.#tree.root(), () => this.#isSoundSoFar())
  }

  /** Also looks at entries whose events nobody has asked for yet. */
  #isSoundSoFar(): boolean {
    if (!this.#sound) return false
    for (const { payload } of this.#window?.kept() ?? []) {
      try {
        readEntry(payload)
      } catch {
        return false
      }
    }
    return true
  }

  #finish(): void {
    const { size } = this.#tree
    const covered = this.head?.size ?? 0
    this.#published?.judge({
      keys: this.#keys,
      covered: this.#stopped ? null : covered,
      tell: (code, message, index) => this.#tell('error', code, message, { file: 'checkpoint', index }),
    })
    if (!this.#stopped && this.#entriesPending > 0 && this.#sound)
      this.#tell(
        'error',
        'entry-unacknowledged',
        `${this.#entriesPending} entries follow the last checkpoint: nobody vouches for them, and they were not judged`,
        {
          file: this.#segment?.file ?? null,
          index: covered,
        },
      )
    if (this.head === null && this.#sound && this.counts.entries === 0)
      this.#tell('error', 'checkpoint-missing', 'the log has no checkpoint yet')
    if (!this.#stopped) {
      this.#tileCheck?.finish(size)
      this.#entryEvents.finish()
    }
    this.#comparison?.ended(covered, this.#sound && !this.#stopped)
    this.tiles = this.#tileCheck?.compared ?? 0
    this.heads = this.#comparison?.compared ?? 0
    this.openings = this.#entryEvents.openings
  }

  #damage(code: FindingCode, message: string, offset: number | null): void {
    this.#soundBytes = false
    this.#stopped = true
    this.#tell('error', code, message, { file: this.#segment?.file ?? null, offset, index: this.#tree.size })
  }

  #tell(severity: Severity, code: FindingCode, message: string, place: Partial<FindingPlace> = {}): void {
    this.#parts.findings.add(severity, code, message, { directory: this.#parts.directory, ...place })
  }
}

/** The origin that a header names; `null` when it is not, byte for byte, the header of this segment. */
function originOf(payload: Buffer, first: number): string | null {
  try {
    const { origin } = JSON.parse(payload.toString()) as { readonly origin?: unknown }
    if (typeof origin !== 'string' || origin === '') return null
    const expected = JSON.stringify({ first, format: 'gatewright-journal/1', origin })
    return payload.equals(Buffer.from(expected)) ? origin : null
  } catch {
    return null
  }
}
