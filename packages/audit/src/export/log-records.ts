import { checkOptions, OptionError } from '@gatewright/core'
import { isAuditLogError } from '../errors'
import { FrameType } from '../journal/frame'
import { parseHeader } from '../journal/segments'
import type { LogRecord, ReadLogOptions } from '../log-record'
import { readLog } from '../read-log'
import { findSegments, readChunks } from '../verify/journal-chunks'
import { SubjectSet } from '../verify/subject-set'

/** Options of an export. */
export interface ExportOptions extends ReadLogOptions {
  /** Directories of all logs that tell one story. An event that several of them hold comes once. */
  readonly directories: readonly string[]
  /** Only events from this time on, in milliseconds since the epoch. @default all */
  readonly since?: number
  /** Only events before this time. @default all */
  readonly until?: number
}

/** An event for an export: whole, with the log it was read from. */
export interface ExportRecord extends LogRecord {
  /** Name of the log. */
  readonly origin: string
}

/**
 * Checks the options of an export.
 *
 * @throws OptionError `ERR_OPTION_INVALID` naming the option
 */
export function checkExportOptions(options: ExportOptions, where: string): void {
  checkOptions(options, ['directories', 'disclose', 'since', 'until'], where)
  const { directories, disclose, since, until } = options
  if (disclose !== undefined && typeof disclose !== 'boolean')
    throw new OptionError(`${where}.disclose`, 'must be true or false')
  if (!Array.isArray(directories) || directories.length === 0)
    throw new OptionError(`${where}.directories`, 'name at least one directory')
  if (new Set(directories).size < directories.length)
    throw new OptionError(`${where}.directories`, 'names a directory twice')
  for (const [name, value] of Object.entries({ since, until })) {
    if (value !== undefined && !Number.isFinite(value))
      throw new OptionError(`${where}.${name}`, 'must be a time in milliseconds since the epoch')
  }
}

/**
 * The events of logs, each log in its order, and of what is next the earliest: all of them, because what an event speaks of
 * may stand before the period that is asked for. Data that lies beside a log is put back in its place; where it is missing
 * or another, its reference stays, and verifying tells of it.
 *
 * Keeps a few megabytes; for several logs, another 12 to 20 bytes an event, to know what was there before.
 */
export async function* exportRecords(
  directories: readonly string[],
  options: ReadLogOptions = {},
): AsyncGenerator<ExportRecord, void, void> {
  const logs = await Promise.all(
    directories.map(async (directory) => namedRecords(directory, await originOf(directory), options)),
  )
  const [only] = logs
  if (only !== undefined && logs.length === 1) yield* only
  else yield* withoutCopies(byTime(logs))
}

async function* namedRecords(
  directory: string,
  origin: string,
  options: ReadLogOptions,
): AsyncGenerator<ExportRecord, void, void> {
  for await (const { event, index, text } of readLog(directory, options)) yield { event, index, text, origin }
}

/** The name of a log, as its journal begins. */
async function originOf(directory: string): Promise<string> {
  const [segment] = findSegments(directory)?.segments ?? []
  if (segment === undefined) return directory
  for await (const { frames } of readChunks(segment.path)) {
    const [header] = frames
    try {
      if (header?.type === FrameType.header) return parseHeader(header.payload, segment, null).origin
    } catch (error) {
      // A header that is none: verifying tells of it.
      if (!isAuditLogError(error)) throw error
    }
    break
  }
  return directory
}

async function* byTime(
  logs: readonly AsyncGenerator<ExportRecord, void, void>[],
): AsyncGenerator<ExportRecord, void, void> {
  try {
    const cursors = await Promise.all(logs.map(async (log) => ({ log, next: await log.next() })))
    for (;;) {
      let earliest: { cursor: (typeof cursors)[number]; record: ExportRecord } | null = null
      for (const cursor of cursors) {
        if (cursor.next.done === true) continue
        const record = cursor.next.value
        if (earliest === null || record.event.time < earliest.record.event.time) earliest = { cursor, record }
      }
      if (earliest === null) return
      yield earliest.record
      earliest.cursor.next = await earliest.cursor.log.next()
    }
  } finally {
    // Their files are closed too when somebody stops early.
    for (const log of logs) await log.return()
  }
}

async function* withoutCopies(
  records: AsyncGenerator<ExportRecord, void, void>,
): AsyncGenerator<ExportRecord, void, void> {
  // Equal events have equal bytes. Two sets, each with its own seed: that both are wrong about one event does not happen.
  const seen = new SubjectSet()
  const seenToo = new SubjectSet()
  for await (const record of records) {
    const isNew = seen.add(record.text)
    if (seenToo.add(record.text) || isNew) yield record
  }
}
