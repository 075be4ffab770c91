import type { Awaitable } from '@gatewright/core'
import type { Place } from '../errors'
import { decodeEntry, logSubject, readEntry } from '../event'
import { leafHash, Tree } from '../merkle'
import { parseCheckpoint, parseNote, parseVerifierKey, type Signer, verifyNote } from '../note'
import { damaged } from './damage'
import { type Frame, FrameType } from './frame'
import { KeyHistory } from './key-history'
import { KnownEvents } from './known-events'
import { EntryOffsets } from './offsets'
import { type EntrySummary, peekEntry } from './peek-entry'
import { parseHeader, type Segment } from './segments'

const OUTCOMES = new Set([
  'execution.succeeded',
  'execution.failed',
  'execution.blocked',
  'execution.unknown',
  'execution.late-outcome',
  'execution.reconciled',
])

/** A signed head that must fit what the journal holds. */
export interface KnownHead {
  readonly size: number
  readonly root: Uint8Array
  readonly place: Place
  readonly note: Buffer
}

/** What is done with each entry, besides counting it. */
export type OnEntry = (entry: Buffer, hash: Uint8Array) => Awaitable<void>

/** Builds up, frame by frame, what a writer must know of its log. Throws where a frame does not fit what came before. */
export class Replay {
  readonly tree = new Tree()
  readonly known = new KnownEvents()
  readonly offsets = new EntryOffsets()
  readonly keys: KeyHistory
  /** Started, and without an outcome so far. */
  readonly #running = new Set<string>()
  readonly #subject: string
  readonly #origin: string
  readonly #head: KnownHead | null
  readonly #onEntry: OnEntry
  /** The log's own chain. */
  #ownLast: Buffer | null = null
  #note: { readonly text: Buffer; readonly size: number; readonly place: Place } | null = null

  constructor(origin: string, head: KnownHead | null, onEntry: OnEntry) {
    this.#origin = origin
    this.keys = new KeyHistory(origin)
    this.#subject = logSubject(origin)
    this.#head = head
    this.#onEntry = onEntry
  }

  /** How many entries the newest checkpoint covers. */
  get covered(): number {
    return this.#note?.size ?? 0
  }

  /** Takes the next frame of the journal. */
  take(frame: Frame, segment: Segment, isFirst: boolean): Awaitable<void> {
    const place: Place = { file: segment.path, offset: frame.offset, index: this.tree.size }
    if (isFirst !== (frame.type === FrameType.header)) {
      throw damaged(place, isFirst ? 'the first frame is no header' : 'a header stands in the middle')
    }
    if (frame.type === FrameType.header) {
      parseHeader(frame.payload, segment, this.#origin)
      return
    }
    if (frame.type === FrameType.checkpoint) return this.#checkpoint(frame.payload, place)
    return this.#entry(Buffer.from(frame.payload), segment, place)
  }

  #entry(entry: Buffer, segment: Segment, place: Place): Awaitable<void> {
    const summary = peekEntry(entry)
    if (summary === null) throw damaged(place, 'the entry is no event of this log')
    const hash = leafHash(entry)
    const { id, subject, seq } = summary
    this.offsets.note(this.tree.size, segment, place.offset ?? 0)
    this.known.add(id, subject, seq, hash)
    this.tree.appendHash(hash)
    this.#follow(entry, summary, place)
    if (this.#head !== null && this.#head.size === this.tree.size) this.#compareHead(this.#head)
    return this.#onEntry(entry, hash)
  }

  #follow(entry: Buffer, { subject, type }: EntrySummary, place: Place): void {
    if (type === 'execution.started') this.#running.add(subject)
    else if (OUTCOMES.has(type)) this.#running.delete(subject)
    if (subject !== this.#subject) return
    this.#ownLast = entry
    if (type !== 'log.opened' && type !== 'log.rotated-key') return
    const event = decodeEntry(entry, place)
    this.keys.take(event, place.index ?? 0)
    // Told once: an opening before this one has reported them.
    const { unknown } = event.data
    if (Array.isArray(unknown)) for (const told of unknown) this.#running.delete(String(told))
  }

  #compareHead({ root, place }: KnownHead): void {
    if (!Buffer.from(root).equals(this.tree.root())) {
      throw damaged(place, 'the checkpoint does not match the journal: the log was rewritten')
    }
  }

  #checkpoint(payload: Buffer, place: Place): void {
    const note = Buffer.from(payload)
    const { origin, size, root } = readCheckpoint(note, place)
    if (origin !== this.#origin) throw damaged(place, `the checkpoint is of the log "${origin}"`)
    if (size !== this.tree.size) {
      throw damaged(place, `the checkpoint counts ${size} entries where the journal has ${this.tree.size}`)
    }
    if (size <= this.covered) throw damaged(place, `it is a second checkpoint of ${size} entries`)
    if (!Buffer.from(root).equals(this.tree.root())) {
      throw damaged(place, 'the checkpoint does not match the entries before it')
    }
    const { handover, problem } = this.keys.checkpoint(size)
    if (problem !== null) throw damaged(place, problem)
    // What the new key signs later vouches for what is before it; that it took over is the old key's to say.
    if (handover !== null) verifyHead(note, handover.from, place)
    this.#note = { text: note, size, place }
  }

  /**
   * Checks what can be told once all frames were taken.
   *
   * @param signerFor - gives the signer that goes on with the log, or throws; asked when all else holds
   * @returns what a writer goes on from
   */
  finish(signerFor: (keys: KeyHistory) => Signer): {
    readonly note: string | null
    readonly own: { readonly seq: number; readonly hash: string }
    readonly unknown: readonly string[]
    readonly signer: Signer
  } {
    if (this.#head !== null && this.#head.size > this.covered) {
      throw damaged(
        this.#head.place,
        `it vouches for ${this.#head.size} entries, and the journal's newest checkpoint for ${this.covered}: the end of the journal is missing`,
      )
    }
    const signer = signerFor(this.keys)
    const heads = [this.#head, this.#note && { ...this.#note, note: this.#note.text }]
    for (const head of heads)
      if (head !== null) verifyHead(head.note, this.keys.at(head.size) ?? signer.verifierKey, head.place)
    const own = this.#ownLast === null ? null : readEntry(this.#ownLast)
    return {
      note: this.#note?.text.toString() ?? null,
      own: { seq: own?.event.seq ?? 0, hash: own?.hash ?? '' },
      unknown: [...this.#running],
      signer,
    }
  }
}

/**
 * The checkpoint of a note, unverified.
 *
 * @throws AuditLogError `ERR_LOG_DAMAGED`
 */
export function readCheckpoint(note: Buffer, place: Place) {
  try {
    return parseCheckpoint(parseNote(note).text)
  } catch (cause) {
    throw damaged(place, 'the checkpoint cannot be read', cause)
  }
}

/** Refuses a note that the key did not sign. */
function verifyHead(note: Buffer, vkey: string, place: Place): void {
  try {
    verifyNote(note, [parseVerifierKey(vkey)])
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : ''
    throw damaged(place, `the checkpoint is not signed by this log's key: ${why}`, cause)
  }
}
