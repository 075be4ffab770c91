import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type Clock, checkOptions, OptionError, systemClock } from '@gatewright/core'
import { storedOrigin } from './journal/stored-origin'
import { parseVerifierKey, type Signer } from './note'

/** Options of `fileAudit`. */
export interface FileAuditOptions {
  /** Where the log lies. Made, with mode 0700, when there is none. One process writes to it at a time. */
  readonly directory: string
  /**
   * The log's identity, `example.com/audit/billing`: in each checkpoint, and never to change. No spaces, no `+`. A log on
   * disk that says otherwise is not opened.
   *
   * @default what the log on disk says; for a new one `<host name>/gatewright/<16 random hex digits>`, so that no two logs
   *   are ever taken for one another
   */
  readonly origin?: string
  /**
   * Signs checkpoints. Its name should be the origin.
   *
   * @default `fileSigner` with `<directory>.key`: beside the directory and not in it, since the directory is what is copied,
   *   backed up and handed to auditors, and whoever has the key can rewrite the log. Made with a new log only: a log whose
   *   key is gone is not opened with another. Keep it from who may write the log, where that matters, with a KMS.
   */
  readonly signer?: Signer
  /** Where the key file lies, when no signer is given. Its directory must exist. @default `<directory>.key` */
  readonly keyFile?: string
  /**
   * They sign each checkpoint too, with keys of another kind than `signer` (ECDSA, ML-DSA-44), should one kind be broken.
   * At most 4; each has the log's origin for its name. When one of them cannot sign, nothing more is appended, as when
   * `signer` cannot. A log that has cosigners refuses to open without this option: `[]` gives them up for good.
   *
   * @default none
   */
  readonly cosigners?: readonly Signer[]
  /** A segment of the journal that has this many bytes is followed by a new one. @default 67,108,864 */
  readonly segmentBytes?: number
  /** Keep tiles and entry bundles (C2SP tlog-tiles) beside the journal, for others' tools. @default true */
  readonly tiles?: boolean
  /** For the times of the log's own events. Nothing is ordered by it. */
  readonly clock?: Clock
}

const KNOWN = ['directory', 'origin', 'signer', 'keyFile', 'cosigners', 'segmentBytes', 'tiles', 'clock']
const SEGMENT_BYTES = 64 * 1_024 * 1_024
const LEAST_SEGMENT_BYTES = 4_096
const MOST_COSIGNERS = 4

/**
 * Checks the options of `fileAudit`, and completes them.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function parseFileAuditOptions(options: FileAuditOptions) {
  checkOptions(options, KNOWN, 'fileAudit')
  const { signer, segmentBytes = SEGMENT_BYTES, tiles = true, clock = systemClock } = options
  if (typeof options.directory !== 'string' || options.directory === '') {
    throw new OptionError('fileAudit.directory', 'is needed: the path of a directory')
  }
  const directory = resolve(options.directory)
  if (!Number.isSafeInteger(segmentBytes) || segmentBytes < LEAST_SEGMENT_BYTES) {
    throw new OptionError('fileAudit.segmentBytes', `must be a whole number, ${LEAST_SEGMENT_BYTES} or more`)
  }
  if (typeof tiles !== 'boolean') throw new OptionError('fileAudit.tiles', 'must be true or false')
  if (signer !== undefined && !isSigner(signer)) {
    throw new OptionError('fileAudit.signer', 'must be a signer, such as fileSigner(path, { name })')
  }
  if (options.keyFile !== undefined && (typeof options.keyFile !== 'string' || options.keyFile === '')) {
    throw new OptionError('fileAudit.keyFile', 'must be the path of a file')
  }
  if (options.keyFile !== undefined && signer !== undefined) {
    throw new OptionError('fileAudit.keyFile', 'is for a log without a signer: give one of both')
  }
  const keyFile = resolve(options.keyFile ?? `${directory}.key`)
  if (options.origin !== undefined && !/^[^\s+\p{Cc}\p{White_Space}]+$/u.test(`${options.origin}`)) {
    throw new OptionError(
      'fileAudit.origin',
      'must be a name without spaces and "+", such as example.com/audit',
    )
  }
  const origin = options.origin ?? storedOrigin(directory) ?? newOrigin()
  const cosigners = parseCosigners(options.cosigners, origin)
  return { directory, origin, signer, keyFile, cosigners, segmentBytes, tiles, clock }
}

/** Whether a value can sign. */
export function isSigner(value: unknown): value is Signer {
  const { sign, verifierKey } = (value ?? {}) as Partial<Signer>
  return typeof sign === 'function' && typeof verifierKey === 'string'
}

function parseCosigners(cosigners: unknown, origin: string): readonly Signer[] | undefined {
  if (cosigners === undefined) return undefined
  if (!Array.isArray(cosigners) || cosigners.length > MOST_COSIGNERS)
    throw new OptionError('fileAudit.cosigners', `must be an array of at most ${MOST_COSIGNERS} signers`)
  const seen = new Set<string>()
  return cosigners.map((cosigner: unknown, at) => {
    const option = `fileAudit.cosigners[${at}]`
    if (!isSigner(cosigner))
      throw new OptionError(option, 'must be a signer, such as generateSigner({ name, algorithm })')
    // Also where Node does not know that kind of key: now, and not at the first checkpoint.
    const { name } = parseVerifierKey(cosigner.verifierKey)
    if (name !== origin)
      throw new OptionError(option, `must be named like the log, "${origin}", not "${name}"`)
    if (seen.has(cosigner.verifierKey)) throw new OptionError(option, 'is given twice')
    seen.add(cosigner.verifierKey)
    return cosigner
  })
}

function newOrigin(): string {
  const host =
    hostname()
      .toLowerCase()
      .replaceAll(/[^a-z0-9.-]/g, '-') || 'localhost'
  return `${host}/gatewright/${randomBytes(8).toString('hex')}`
}
