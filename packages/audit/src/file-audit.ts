import { type AuditEvent, type AuditSink, GatewrightError, OptionError } from '@gatewright/core'
import { AuditLogError } from './errors'
import { logSubject } from './event'
import { type FileAuditOptions, isSigner, parseFileAuditOptions } from './file-audit-options'
import { type Files, realFiles } from './journal/files'
import { GroupCommit } from './journal/group-commit'
import { type OpenedLog, type OpenReport, openLog } from './journal/open-log'
import { prepareEvent } from './journal/own-events'
import { checkSuccessor, keySourceOf } from './log-keys'
import { parseCheckpoint, parseNote, type Signer } from './note'
import { checkRedaction, type Redaction, type RedactionReport } from './openings/redaction'

/** The head of a log: what its newest checkpoint says. */
export interface LogHead {
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** A signed, tamper-evident log in a directory. */
export interface FileAudit extends AuditSink {
  /**
   * Resolves when the log is open, with what opening found: interrupted executions, what was cut. Await it at the start
   * of a program to learn of a damaged log there; left alone, it is each append that rejects.
   *
   * Rejects with `ERR_AUDIT_UNAVAILABLE`; its cause is `ERR_LOG_LOCKED` naming the holder, or `ERR_LOG_DAMAGED` with file
   * and offset.
   */
  readonly opened: Promise<OpenReport>
  /** What was acknowledged last; `null` until the log is open. */
  readonly head: LogHead | null
  /** The verifier key of the key that signs; `null` until the log is open. */
  readonly verifierKey: string | null
  /**
   * Hands the log over to another key. The old key signs the event that says so (`log.rotated-key`), and nothing after it;
   * the new one signs `log.proved-key` at once. Resolves when both are durable: from then on the old key may be destroyed,
   * and every opening needs the new one.
   *
   * Rejects with the log as it was for a key that cannot be the log's next one (`ERR_LOG_KEY_INVALID`,
   * `ERR_LOG_SIGNATURE_INVALID`, or what its signer threw). Any other failure stops the log, as a failing append does;
   * which key it goes on with is told by the next opening, so keep both until then.
   */
  rotateKey(next: Signer): Promise<void>
  /** Writes out tiles, partial ones too, and the `checkpoint` file. @returns the newest signed checkpoint */
  checkpoint(): Promise<string>
  /**
   * Erases committed personal values, and records which, by whom and why; the log goes on verifying. Everything that was
   * committed earlier can be erased, nothing else can. Copies elsewhere (other logs, backups, the store's requests) are
   * not reached.
   *
   * @returns what was erased; nothing when nothing matched
   * @throws OptionError `ERR_OPTION_INVALID`; GatewrightError `ERR_AUDIT_UNAVAILABLE` when it could not be finished: opening
   *   the log again finishes it
   */
  redact(redaction: Redaction): Promise<RedactionReport>
  /** Finishes what was accepted, records `log.closed`, completes the derived files, gives the lock back. Idempotent. */
  close(): Promise<void>
}

/**
 * The audit log of a gate in a directory: each acknowledged event is durable, signed over and part of a Merkle tree.
 *
 * - An append resolves when its events are on the disk (fdatasync) together with the signed checkpoint that covers them.
 *   Appends that wait share one write, one signature and one sync. Rejecting means nothing is known about the events.
 * - Idempotent by event id; an id with other content rejects that append and writes nothing of it.
 * - A write, sync or signature that fails, a log that was unlinked, replaced or written to by somebody else: from then on
 *   every append rejects with `ERR_AUDIT_UNAVAILABLE` and the reason, so that the gate runs nothing (I7, T48). No sync is
 *   tried again: the system may have dropped what it could not write. Restart the process; opening reads what is there.
 * - Opening cuts an incomplete frame past the last checkpoint, which is what a crash leaves, and records that. Any other
 *   damage is refused with file and offset, and left as it is.
 * - Memory: 16 bytes for each subject of the log (in a table that is 57 to 85 % full), and some megabytes.
 *
 * Opening starts at once, and reads the whole journal.
 *
 * @throws OptionError `ERR_OPTION_INVALID` for an option that is wrong or unknown
 * @throws AuditLogError `ERR_LOG_DAMAGED` when no origin is given, and the log's first segment does not tell one
 * @example
 * ```ts
 * import { fileAudit } from '@gatewright/audit'
 *
 * const audit = fileAudit({ directory: './audit-log', origin: 'example.com/audit/billing' })
 * const { unknown } = await audit.opened
 * if (unknown.length > 0) console.warn('cut off while running:', unknown)
 * await audit.close()
 * ```
 */
export function fileAudit(options: FileAuditOptions): FileAudit {
  return fileAuditOver(realFiles, options)
}

/** {@link fileAudit} over other file operations: for tests. */
export function fileAuditOver(files: Files, options: FileAuditOptions): FileAudit {
  const { directory, signer, keyFile, cosigners, segmentBytes, tiles, clock, origin } =
    parseFileAuditOptions(options)
  const ownSubject = logSubject(origin)
  const opening = openLog({
    files,
    directory,
    origin,
    segmentBytes,
    tiles,
    clock,
    keySource: keySourceOf({ origin, path: keyFile }, signer, cosigners),
    failed: (error) => commits.poison(error),
  })
  let log: OpenedLog | null = null
  const commits = new GroupCommit(opening, directory, () => log?.derived.stop())
  const opened = opening.then(
    (ready) => {
      log = ready
      return ready.report
    },
    (error) => {
      commits.poison(error)
      throw commits.failure ?? error
    },
  )
  // Whoever does not look at it learns from the first append.
  opened.catch(() => {})
  let closing: Promise<void> | null = null
  /** One rotation after the other, and all of them before the end. */
  let rotating: Promise<void> = Promise.resolve()

  async function rotate(next: Signer): Promise<void> {
    await opened
    if (commits.failure !== null) throw commits.failure
    const ready = await opening
    await checkSuccessor(next, ready.keys, origin)
    await commits.exclusively(() => ready.handOver(next))
  }

  async function finish(): Promise<void> {
    await opened.catch(() => {})
    await rotating
    await commits.idle()
    if (log === null) return
    try {
      if (commits.failure === null) {
        await commits.append([log.own.next('log.closed', { size: headOf(log)?.size ?? 0 })])
        await log.derived.complete()
      }
    } catch (error) {
      // Everything that was acknowledged is durable: closing only failed to say so, and to publish it.
      commits.poison(error)
    } finally {
      await log.release()
    }
  }

  return {
    logId: origin,
    opened,
    get head() {
      return log === null ? null : headOf(log)
    },
    get verifierKey() {
      return log?.keys.current ?? null
    },
    rotateKey(next) {
      if (closing !== null) return Promise.reject(closed())
      if (!isSigner(next)) return Promise.reject(new OptionError('rotateKey.next', 'must be a signer'))
      const rotation = rotating.then(() => rotate(next))
      rotating = rotation.catch(() => {})
      return rotation
    },
    append(events) {
      if (closing !== null) return Promise.reject(closed())
      if (events.length === 0 && commits.failure === null) return Promise.resolve()
      try {
        // As bytes at once: the caller may change the events.
        return commits.append(events.map((event) => prepare(event, ownSubject)))
      } catch (error) {
        return Promise.reject(error)
      }
    },
    async checkpoint() {
      if (closing !== null) throw closed()
      await opened
      await commits.idle()
      if (commits.failure !== null) throw commits.failure
      try {
        await log?.derived.complete()
      } catch (error) {
        commits.poison(error)
        throw commits.failure ?? error
      }
      return log?.note ?? ''
    },
    async redact(redaction) {
      const checked = checkRedaction(redaction)
      if (closing !== null) throw closed()
      await opened
      return commits.exclusively(() => (log as OpenedLog).redact(checked))
    },
    close() {
      closing ??= finish()
      return closing
    },
  }
}

function prepare(event: AuditEvent, ownSubject: string) {
  if (event.subject === ownSubject) {
    throw new AuditLogError(
      'ERR_LOG_ENTRY_INVALID',
      `the subject ${ownSubject} is for what the log says of itself`,
    )
  }
  return prepareEvent(event)
}

function headOf({ note }: OpenedLog): LogHead | null {
  if (note === null) return null
  const { size, root } = parseCheckpoint(parseNote(note).text)
  return { size, root }
}

function closed(): GatewrightError {
  return new GatewrightError('ERR_AUDIT_UNAVAILABLE', 'the log was closed. None of the events was written.')
}
