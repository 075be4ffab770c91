import { statSync } from 'node:fs'
import { OptionError } from '@gatewright/core'
import type { TrustedKey } from '../note'
import { findSegments } from './journal-chunks'
import { type KnownHead, readKnownHeads, refuseUnproven } from './known-heads'
import { LogCheck, type LogCheckParts } from './log-check'
import { MAX_LOGS } from './meaning/chain'
import { type Again, Meaning } from './meaning/meaning'
import { placeOf, type Tell } from './meaning/told'
import { mergeByTime } from './merge-by-time'
import { TrustedHeads } from './trusted-heads'
import { Findings, type Verdict } from './verdict'

/** How far a verification has come. */
export interface VerifyProgress {
  readonly bytes: number
  readonly totalBytes: number
  readonly entries: number
}

/** Options of {@link verifyLog}. */
export interface VerifyLogOptions {
  /** Directories of all logs that tell one story, at most 31. */
  readonly directories: readonly string[]
  /** The public keys that the auditor trusts, each named for the log it signs for. */
  readonly trust: readonly TrustedKey[]
  /** Heads that were kept earlier, as signed notes or as the `heads` of a verdict. Without one, a whole log that was written anew with its own key cannot be told from an honest one. @default none */
  readonly knownHeads?: readonly (KnownHead | string)[]
  /** Called after about every megabyte. What it throws ends the verification. */
  readonly onProgress?: (progress: VerifyProgress) => void
}

/** Subjects that are read again together: what is kept of each is a whole chain. */
const AGAIN_AT_A_TIME = 20_000

/**
 * Verifies logs, trusting nobody but the given keys: every stored byte is a canonical entry, the tree over them is what
 * every checkpoint was signed for, known heads still hold; and, event by event, that nothing ran without its basis, on
 * other arguments, too late, twice, or on the word of too few or the wrong people. Reads only; needs no network.
 *
 * Streams: 46 MB, and 8 to 16 bytes for each request, where Node runs with `--semi-space-growth-factor=1`, as the command
 * line does; by default Node lets young objects take 40 MB more. Rejects only for options that are wrong and for files that
 * cannot be read; whatever is wrong with a log stands in the verdict.
 *
 * @throws OptionError `ERR_OPTION_INVALID` for no directory, or more than 31
 * @throws AuditLogError `ERR_LOG_KEY_INVALID` for a key of `trust` that is none
 */
export async function verifyLog(options: VerifyLogOptions): Promise<Verdict> {
  const { directories, knownHeads = [], onProgress, trust } = options
  if (directories.length === 0) throw new OptionError('verifyLog.directories', 'name at least one directory')
  if (directories.length > MAX_LOGS)
    throw new OptionError('verifyLog.directories', `name at most ${MAX_LOGS} directories`)
  const findings = new Findings()
  const trusted = new TrustedHeads(trust)
  const heads = readKnownHeads(knownHeads, trusted, findings)
  const totalBytes = sizeOf(directories)
  let bytes = 0
  const checks = directories.map(
    (directory, log) =>
      new LogCheck({
        directory,
        log,
        trusted,
        knownHeads: heads,
        findings,
        progress: (more) => progressed(more),
      }),
  )
  const progressed = (more: number): void => {
    bytes += more
    onProgress?.({ bytes: Math.min(bytes, totalBytes), totalBytes, entries: sum(checks, 'entries') })
  }
  const tell: Tell = (severity, code, message, about) =>
    findings.add(severity, code, message, placeOf(directories, about))
  const meaning = new Meaning(tell, directories.length)
  await mergeByTime(
    checks.map((check) => check.events()),
    (about) => meaning.add(about),
  )
  const { again, overflow } = meaning.finish()
  if (overflow)
    findings.add(
      'error',
      'verification-bounded',
      'too many requests are told of out of order; not all of them were judged',
      {},
    )
  if (again.size > 0)
    await judgeAgain(again, { directories, trusted: new TrustedHeads(trust), findings, tell })
  refuseUnproven(heads, trusted, findings)
  judgeOrigins(checks, directories, findings)
  return verdictOf(checks, directories, { findings, meaning, trusted })
}

/** What one reading in bounded memory could not judge: chains that came apart, and votes that another attempt carries. */
async function judgeAgain(
  again: Again,
  parts: { directories: readonly string[]; trusted: TrustedHeads; findings: Findings; tell: Tell },
): Promise<void> {
  for (const subjects of inGroups(again)) {
    const meaning = new Meaning(parts.tell, parts.directories.length, true)
    const checks = parts.directories.map(
      (directory, log) =>
        new LogCheck({ ...silent, directory, log, trusted: parts.trusted, findings: new Findings() }),
    )
    await mergeByTime(
      checks.map((check) => check.events()),
      (about) => (subjects.has(about.event.subject) ? meaning.add(about) : meaning.note(about)),
    )
    meaning.finish()
  }
}

const silent: Pick<LogCheckParts, 'again' | 'knownHeads' | 'progress'> = {
  again: true,
  knownHeads: [],
  progress() {},
}

/** Attempts stay together with those whose votes they carry. */
function* inGroups(again: Again): Generator<ReadonlySet<string>> {
  const roots = new Map<string, string[]>()
  for (const subject of again.keys()) {
    let root = subject
    const seen = new Set<string>()
    for (let next = again.get(root); next != null && !seen.has(next); next = again.get(root)) {
      seen.add(next)
      root = next
    }
    const group = roots.get(root)
    if (group === undefined) roots.set(root, [subject])
    else group.push(subject)
  }
  let batch = new Set<string>()
  for (const group of roots.values()) {
    for (const subject of group) batch.add(subject)
    if (batch.size < AGAIN_AT_A_TIME) continue
    yield batch
    batch = new Set()
  }
  if (batch.size > 0) yield batch
}

function judgeOrigins(checks: readonly LogCheck[], directories: readonly string[], findings: Findings): void {
  const seen = new Map<string, number>()
  for (const [log, { origin }] of checks.entries()) {
    if (origin === null) continue
    if (seen.has(origin))
      findings.add(
        'error',
        'log-repeated',
        `two of the directories are the log "${origin}": verify one of them, with the other's head as a known head`,
        {
          directory: directories[log] ?? null,
        },
      )
    seen.set(origin, log)
  }
}

function verdictOf(
  checks: readonly LogCheck[],
  directories: readonly string[],
  { findings, meaning, trusted }: { findings: Findings; meaning: Meaning; trusted: TrustedHeads },
): Verdict {
  return {
    status: findings.status,
    findings: findings.listed,
    unlisted: findings.unlisted,
    counts: {
      logs: checks.length,
      segments: sum(checks, 'segments'),
      bytes: sum(checks, 'bytes'),
      entries: sum(checks, 'entries'),
      checkpoints: sum(checks, 'checkpoints'),
      signatures: trusted.signatures,
      tiles: checks.reduce((total, { tiles }) => total + tiles, 0),
      knownHeads: checks.reduce((total, { heads }) => total + heads, 0),
      openings: checks.reduce((total, { openings }) => total + openings, 0),
      ...meaning.counts,
    },
    heads: checks.flatMap(({ head, origin }, log) =>
      head === null || origin === null ? [] : [{ directory: directories[log] ?? '', origin, ...head }],
    ),
  }
}

function sum(checks: readonly LogCheck[], what: keyof LogCheck['counts']): number {
  return checks.reduce((total, { counts }) => total + counts[what], 0)
}

function sizeOf(directories: readonly string[]): number {
  let bytes = 0
  for (const directory of directories) {
    for (const { path } of findSegments(directory)?.segments ?? []) bytes += statSync(path).size
  }
  return bytes
}
