import { dirname, join } from 'node:path'
import type { Clock } from '@gatewright/core'
import { leafHash } from '../merkle'
import { type Signer, signNote } from '../note'
import { OpeningsStore } from '../openings/openings-store'
import {
  finishRedaction,
  type RecordRedactions,
  type Redaction,
  type RedactionReport,
  redact,
} from '../openings/redaction'
import { storeBodies } from './bodies'
import { CommitLog } from './commit-log'
import { forgetCuts, makeCut } from './cut-record'
import { DerivedFiles } from './derived-files'
import { errorCode, type Files, type OpenFile } from './files'
import { findEvents } from './find-events'
import type { BatchTarget, PreparedEvent } from './group-commit'
import type { KeyHistory } from './key-history'
import { acquireLock, type Lock, sweepLockLitter } from './lock'
import { OwnChain } from './own-events'
import { type LogCut, type RecoveredLog, recoverLog } from './recover'
import { createSegment, journalDirectory, type Segment } from './segments'

/** What opening a log found. */
export interface OpenReport {
  /** How many entries the log held. */
  readonly size: number
  /** Of these, how many no checkpoint covered: never acknowledged, covered from now on. */
  readonly adopted: number
  /** Incomplete frames that were cut off, past the last checkpoint. */
  readonly cuts: readonly LogCut[]
  /**
   * Requests or calls whose execution was started and has no outcome here, and of which no earlier opening told: what
   * became of them is unknown. Another log of the same story may know.
   */
  readonly unknown: readonly string[]
}

/** Gives the keys that a log is written with. */
export interface KeySource {
  /**
   * The signer that goes on with a log. Called once the lock is held and the journal was read.
   *
   * @param isNew - the log holds nothing yet
   * @throws AuditLogError `ERR_LOG_KEY_INVALID` when it is not the key that the log had last
   */
  signer(keys: KeyHistory, isNew: boolean): Signer
  /** Signers beside it. @throws AuditLogError `ERR_LOG_KEY_INVALID` when they are not to sign this log */
  cosigners(keys: KeyHistory, signer: Signer): readonly Signer[]
  /** Called when the log was found whole, before anything is signed. */
  settle(): void
}

/** What {@link openLog} needs. */
export interface OpenLogParts {
  readonly files: Files
  readonly directory: string
  readonly origin: string
  readonly segmentBytes: number
  readonly tiles: boolean
  readonly clock: Clock
  readonly keySource: KeySource
  /** Told when a file beside the journal could not be written. */
  failed(error: unknown): void
}

/** A log that is open for writing. */
export interface OpenedLog extends BatchTarget {
  readonly report: OpenReport
  readonly own: OwnChain
  readonly derived: DerivedFiles
  /** Which keys it had, and has. */
  readonly keys: KeyHistory
  /** The newest acknowledged checkpoint. */
  readonly note: string | null
  /** Erases committed values. Not while a batch is on its way. */
  redact(redaction: Redaction): Promise<RedactionReport>
  /**
   * Hands over to another key: the old one signs the event that says so, the new one the event after it. Not while a batch
   * is on its way, and nothing may come between.
   */
  handOver(next: Signer): Promise<void>
  /** Closes files and gives the lock back. Writes nothing. */
  release(): Promise<void>
}

/** The most names one event lists; the rest is told by the next opening. */
const MOST_NAMED = 500

/**
 * Locks, reads, cuts and opens a log, and records that it did. Nothing is appended to a log that is not whole.
 *
 * @throws AuditLogError `ERR_LOG_LOCKED`, `ERR_LOG_DAMAGED`, or what the disk or the signer threw
 */
export async function openLog(parts: OpenLogParts): Promise<OpenedLog> {
  const { files, directory } = parts
  await makeDirectories(files, directory)
  const lockPath = join(directory, 'lock')
  const lock = await acquireLock(files, lockPath)
  try {
    await sweepLockLitter(files, lockPath)
    return await openLocked(parts, lock)
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function openLocked(parts: OpenLogParts, lock: Lock): Promise<OpenedLog> {
  const { files, directory, origin, clock } = parts
  const names = (await files.list(journalDirectory(directory))) ?? []
  const isNew = !names.some((name) => name.endsWith('.log'))
  const derived = new DerivedFiles(parts)
  const signerFor = (keys: KeyHistory) => parts.keySource.signer(keys, isNew)
  const log = await recoverLog(files, directory, origin, signerFor, (entry, hash) => derived.add(entry, hash))
  const cosigners = parts.keySource.cosigners(log.keys, log.signer)
  parts.keySource.settle()
  derived.expectParts()
  const cuts = await makeCut(files, directory, log)
  const segments = [...log.segments]
  const openings = new OpeningsStore(files, directory)
  await openings.trim(log.tree.size)
  const { file, size } = await openLast(parts, segments, log)
  try {
    const { keys, known, offsets, tree } = log
    let { signer } = log
    const sign = (text: string) => signNote(text, [signer, ...cosigners])
    const commits = new CommitLog({ ...parts, lock, tree, offsets, segments, file, size, sign })
    const own = new OwnChain(origin, clock, log.own)
    const report = { size: tree.size, adopted: tree.size - log.covered, cuts, unknown: log.unknown }
    let note = log.note
    const target: BatchTarget = {
      known,
      find: (from, wanted) => findEvents(files, segments, offsets, from, wanted),
      storeBodies: (bodies) => storeBodies(files, directory, bodies),
      async commit(leaves) {
        const first = commits.entries
        const beside = leaves.flatMap((leaf, at) =>
          leaf.beside.map((opening) => ({ ...opening, index: first + at })),
        )
        // A commitment that nobody can open any more says nothing: what opens it is durable before it is.
        if (beside.length > 0) await openings.append(beside)
        note = await commits.commit(leaves)
        keys.checkpoint(tree.size)
        let crowded: Promise<void> | undefined
        for (const { entry, hash } of leaves) crowded = derived.add(entry, hash) ?? crowded
        derived.setHead(note)
        await crowded
      },
    }
    await recordOpening(target, own, report, { keys, signer, cosigners })
    await forgetCuts(files, directory)
    const recordRedactions: RecordRedactions = (redactions) =>
      recordOwn(
        target,
        redactions.map((data) => own.next('log.redacted', data)),
      )
    await finishRedaction(files, directory, openings, recordRedactions)
    return {
      ...target,
      report,
      own,
      derived,
      redact: (redaction) => redact(files, directory, openings, redaction, recordRedactions),
      keys,
      async handOver(next) {
        const change = { from: signer.verifierKey, to: next.verifierKey }
        await recordOwn(target, [own.next('log.rotated-key', change)])
        keys.rotate({ ...change, size: tree.size })
        signer = next
        await recordOwn(target, [own.next('log.proved-key', { key: next.verifierKey })])
      },
      get note() {
        return note
      },
      async release() {
        derived.stop()
        await commits.close()
        await lock.release()
      },
    }
  } catch (error) {
    derived.stop()
    await file.close()
    throw error
  }
}

/** The first batch of every opening: it also covers what was adopted. */
async function recordOpening(
  target: BatchTarget,
  own: OwnChain,
  { size, adopted, cuts, unknown }: OpenReport,
  { keys, signer, cosigners }: { keys: KeyHistory; signer: Signer; cosigners: readonly Signer[] },
): Promise<void> {
  const events = cuts.map(({ bytes, file, offset }) => own.next('log.cut', { bytes, file, offset }))
  const named = unknown.slice(0, MOST_NAMED)
  const beside = cosigners.map(({ verifierKey }) => verifierKey)
  const opened = {
    adopted,
    ...(beside.length > 0 && { cosigners: beside }),
    key: signer.verifierKey,
    size,
    unknown: named,
    unknownCount: unknown.length,
  }
  events.push(own.next('log.opened', opened))
  keys.take({ type: 'log.opened', data: opened }, size + events.length - 1)
  await recordOwn(target, events)
}

/** Writes events of the log's own: nobody else may be writing. */
async function recordOwn(target: BatchTarget, events: readonly PreparedEvent[]): Promise<void> {
  const bodies = events.flatMap(({ body }) => (body === null ? [] : [body]))
  if (bodies.length > 0) await target.storeBodies(bodies)
  const leaves = events.map(({ beside, entry, id, seq, subject }) => {
    const hash = leafHash(entry)
    target.known.add(id, subject, seq, hash)
    return { entry, hash, beside }
  })
  await target.commit(leaves)
}

/** What may forbid to sync a directory that is not ours. */
const NOT_OURS = new Set(['EACCES', 'EPERM', 'EROFS', 'EINVAL'])

/**
 * Makes the directories, and sees to it that their names are on the disk: also where they were found, since whoever made
 * them may have died before that.
 */
async function makeDirectories(files: Files, directory: string): Promise<void> {
  const journal = journalDirectory(directory)
  await files.makeDirectory(journal)
  await files.makeDirectory(join(directory, 'bodies'))
  await files.syncDirectory(journal)
  await files.syncDirectory(directory)
  for (let below = directory; dirname(below) !== below; below = dirname(below)) {
    try {
      await files.syncDirectory(dirname(below))
    } catch (error) {
      if (!NOT_OURS.has(errorCode(error) ?? '')) throw error
    }
  }
}

/** Opens the last segment at its end, or makes the first. */
async function openLast(
  { files, directory, origin }: OpenLogParts,
  segments: Segment[],
  { lastSize }: RecoveredLog,
): Promise<{ readonly file: OpenFile; readonly size: number }> {
  const last = segments.at(-1)
  if (last === undefined) {
    const { file, path, size } = await createSegment(files, directory, 0, origin)
    segments.push({ path, first: 0 })
    return { file, size }
  }
  const file = await files.open(last.path, 'through')
  // What was found may stand in the system's memory only; from now on events in it count as durable.
  await file.datasync()
  return { file, size: lastSize }
}
