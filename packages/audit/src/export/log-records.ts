import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkOptions, OptionError } from '@gatewright/core'
import { isAuditLogError } from '../errors'
import { bodyReference, type LogEvent, restoreBody } from '../event'
import { FrameType } from '../journal/frame'
import { parseHeader } from '../journal/segments'
import { type LogRecord, readLog } from '../read-log'
import { findSegments, readChunks } from '../verify/journal-chunks'
import { SubjectSet } from '../verify/subject-set'

/** Options of an export. */
export interface ExportOptions {
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
  checkOptions(options, ['directories', 'since', 'until'], where)
  const { directories, since, until } = options
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
): AsyncGenerator<ExportRecord, void, void> {
  const logs = await Promise.all(
    directories.map(async (directory) => wholeRecords(directory, await originOf(directory))),
  )
  const [only] = logs
  if (only !== undefined && logs.length === 1) yield* only
  else yield* withoutCopies(byTime(logs))
}

async function* wholeRecords(directory: string, origin: string): AsyncGenerator<ExportRecord, void, void> {
  for await (const record of readLog(directory)) {
    const whole =
      bodyReference(record.event) === null ? record.event : await wholeEvent(directory, record.event)
    yield { event: whole, index: record.index, text: record.text, origin }
  }
}

/** An event with its data, also where that lies beside the log; as it stands when that is missing or another. */
export async function wholeEvent(directory: string, event: LogEvent): Promise<LogEvent> {
  const reference = bodyReference(event)
  if (reference === null) return event
  try {
    return restoreBody(event, await readFile(join(directory, 'bodies', `${reference.body}.json`)))
  } catch (error) {
    if (isAuditLogError(error) || (error as NodeJS.ErrnoException).code === 'ENOENT') return event
    throw error
  }
}

/** The name of a log, as its journal begins. */
async function originOf(directory: string): Promise<string> {
  const [segment] = (await findSegments(directory))?.segments ?? []
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
