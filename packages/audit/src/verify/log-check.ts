import { isAuditLogError } from '../errors'
import { logSubject, readEntry } from '../event'
import { type BrokenFrame, type Frame, FrameType } from '../journal/frame'
import { emptyRoot, leafHash, Tree } from '../merkle'
import { findSegments, holdsWholeFrames, readChunks, type SegmentFile } from './journal-chunks'
import { KeyBook } from './key-book'
import { type GivenHead, HeadComparison } from './known-heads'
import type { LoggedEvent } from './meaning/told'
import { OpeningsCheck } from './openings-check'
import { PublishedHead } from './published-head'
import { restoreEvent } from './restore-event'
import { TileCheck } from './tile-check'
import type { TrustedHeads } from './trusted-heads'
import type { FindingCode, FindingPlace, Findings, Severity } from './verdict'

/** Entries that wait for their checkpoint at a time; a writer signs much sooner. */
const MAX_PENDING = 50_000

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
  #openingsCheck: OpeningsCheck | null = null
  #pending: LoggedEvent[] = []
  #acknowledged: LoggedEvent[] = []
  /** Nothing was found wrong so far. */
  #sound = true
  /** What follows cannot be read any more. */
  #stopped = false
  #entriesPending = 0

  constructor(parts: LogCheckParts) {
    this.#parts = parts
  }

  /** The events that a checkpoint covers, in order, about a megabyte of them at a time. */
  async *events(): AsyncGenerator<readonly LoggedEvent[], void, void> {
    const found = await findSegments(this.#parts.directory)
    if (found === null || found.segments.length === 0)
      return this.#tell('error', 'log-missing', 'there is no journal here')
    for (const file of found.others)
      this.#tell('warning', 'segment-misnamed', 'a file in the journal is no segment', { file })
    if (this.#parts.again !== true) {
      this.#tileCheck = await TileCheck.of(this.#parts.directory, this.#parts.findings)
      this.#openingsCheck = new OpeningsCheck(this.#parts.directory, this.#parts.findings)
    }
    for (const [at, segment] of found.segments.entries()) {
      if (!this.#open(segment)) break
      yield* this.#segmentEvents(segment, at === found.segments.length - 1)
      if (this.#stopped) break
    }
    await this.#finish()
  }

  async *#segmentEvents(
    segment: SegmentFile,
    isLast: boolean,
  ): AsyncGenerator<readonly LoggedEvent[], void, void> {
    this.counts.segments += 1
    for await (const { broken, bytes, frames } of readChunks(segment.path)) {
      this.counts.bytes += bytes
      for (const frame of frames) {
        await this.#take(frame)
        if (this.#stopped) break
      }
      yield this.#acknowledged.splice(0)
      this.#parts.progress(bytes)
      if (broken !== null && !this.#stopped) await this.#takeBroken(broken, segment, isLast)
      if (this.#stopped) return
    }
    if (this.#headers < this.counts.segments) this.#damage('segment-header', 'a segment has no header', 0)
    else if (!isLast && this.#entriesPending > 0)
      this.#damage('segment-unfinished', 'a segment ends without a checkpoint, and another follows', null)
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

  async #take(frame: Frame): Promise<void> {
    if (this.#headers < this.counts.segments) return this.#takeHeader(frame)
    if (frame.type === FrameType.entry) return this.#takeEntry(frame)
    if (frame.type === FrameType.checkpoint) return this.#takeCheckpoint(frame)
    this.#damage('segment-header', 'a second header stands in a segment', frame.offset)
  }

  async #takeHeader({ offset, payload, type }: Frame): Promise<void> {
    this.#headers += 1
    const segment = this.#segment as SegmentFile
    const header = type === FrameType.header ? originOf(payload, segment.first) : null
    if (header === null)
      return this.#damage('segment-header', 'a segment does not begin with its own header', offset)
    if (this.origin !== null) {
      if (header === this.origin) return
      return this.#damage(
        'checkpoint-origin',
        `a segment belongs to the log "${header}", not to "${this.origin}"`,
        offset,
      )
    }
    this.origin = header
    const { directory, knownHeads, trusted } = this.#parts
    this.#comparison = new HeadComparison(knownHeads, header, this.#parts)
    this.#keys = new KeyBook(header, trusted)
    this.#published = await PublishedHead.of(directory, header, trusted)
    this.#compareHeads()
  }

  #takeEntry({ offset, payload }: Frame): void {
    const index = this.#tree.size
    const leaf = leafHash(payload)
    this.#tree.appendHash(leaf)
    this.counts.entries += 1
    this.#entriesPending += 1
    const file = (this.#segment as SegmentFile).file
    try {
      const { event, hash } = readEntry(payload)
      this.#tileCheck?.add(payload, leaf)
      const read = { event, hash, log: this.#parts.log, file, offset, index }
      this.#judgeOwner(read)
      if (event.subject === logSubject(this.origin ?? '')) this.#keys?.take(event, index)
      const about = restoreEvent(read, this.#parts.directory, this.#parts.findings)
      this.#openingsCheck?.add(about)
      if (this.#pending.length < MAX_PENDING) this.#pending.push(about)
      else
        this.#damage(
          'checkpoint-missing',
          `${MAX_PENDING} entries follow one another without a checkpoint`,
          offset,
        )
    } catch (error) {
      if (!isAuditLogError(error)) throw error
      this.#sound = false
      this.#tell('error', 'entry-invalid', error.message, { file, offset, index })
    }
    this.#compareHeads()
  }

  /** What a log says of itself stands in itself alone. */
  #judgeOwner(about: LoggedEvent): void {
    const { subject, type } = about.event
    const own = type.startsWith('log.')
    if (own === subject.startsWith('log:') && (!own || subject === logSubject(this.origin ?? ''))) return
    this.#tell('error', 'event-foreign', `${about.event.id} is an event of another log`, {
      file: about.file,
      offset: about.offset,
      index: about.index,
      eventId: about.event.id,
    })
  }

  async #takeCheckpoint({ offset, payload }: Frame): Promise<void> {
    this.counts.checkpoints += 1
    const judged = this.#parts.trusted.judge(payload, this.origin)
    const place = { file: (this.#segment as SegmentFile).file, offset, index: this.#tree.size }
    const refuse = (code: FindingCode, message: string): void => {
      this.#sound = false
      this.#tell('error', code, message, place)
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
    if (this.#keys?.judge(payload, head.size, signedBy, tell) === false) this.#sound = false
    this.head = { size: head.size, root: Buffer.from(root).toString('base64') }
    for (const about of this.#pending) this.#acknowledged.push(about)
    this.#pending = []
    this.#entriesPending = 0
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
    if (this.#published?.reached(size, () => this.#tree.root()) === false) this.#sound = false
    if (this.#comparison?.nextSize === size)
      this.#comparison.reached(size, size === 0 ? emptyRoot() : this.#tree.root(), this.#sound)
  }

  async #finish(): Promise<void> {
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
      await this.#tileCheck?.finish(size)
      this.#openingsCheck?.finish()
    }
    this.#comparison?.ended(covered, this.#sound && !this.#stopped)
    this.tiles = this.#tileCheck?.compared ?? 0
    this.heads = this.#comparison?.compared ?? 0
    this.openings = this.#openingsCheck?.compared ?? 0
  }

  #damage(code: FindingCode, message: string, offset: number | null): void {
    this.#sound = false
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
