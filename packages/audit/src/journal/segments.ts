import { join } from 'node:path'
import { AuditLogError } from '../errors'
import { appendAll, type Files, type OpenFile } from './files'
import { encodeFrame, FrameType } from './frame'

/** Names the format of a journal, in the first frame of each of its segments. */
export const JOURNAL_FORMAT = 'gatewright-journal/1'

/** What the first frame of a segment says. */
export interface SegmentHeader {
  /** Index of the segment's first entry. */
  readonly first: number
  readonly format: typeof JOURNAL_FORMAT
  /** The log it belongs to. */
  readonly origin: string
}

/** A file of the journal. */
export interface Segment {
  readonly path: string
  /** Index of its first entry, by its name. */
  readonly first: number
}

/** Where the journal of a log lies. */
export function journalDirectory(directory: string): string {
  return join(directory, 'journal')
}

/** Where the segment lies that begins with the entry `first`. */
export function segmentPath(directory: string, first: number): string {
  return join(journalDirectory(directory), `${String(first).padStart(20, '0')}.log`)
}

/** The segments of a log, in order. Files with other names are nobody's. */
export async function listSegments(files: Files, directory: string): Promise<readonly Segment[]> {
  const names = (await files.list(journalDirectory(directory))) ?? []
  return names
    .filter((name) => /^\d{20}\.log$/.test(name))
    .sort()
    .map((name) => ({ path: join(journalDirectory(directory), name), first: Number(name.slice(0, 20)) }))
}

/** A segment's header as a frame. */
export function headerFrame(first: number, origin: string): Buffer {
  const header: SegmentHeader = { first, format: JOURNAL_FORMAT, origin }
  return encodeFrame(FrameType.header, Buffer.from(JSON.stringify(header)))
}

/**
 * Makes the segment that begins with the entry `first`: under another name, with its header on the disk, before it gets
 * its own, so that no crash leaves a segment without one.
 *
 * @returns the file, open for appending, and its size
 */
export async function createSegment(
  files: Files,
  directory: string,
  first: number,
  origin: string,
): Promise<{ readonly file: OpenFile; readonly path: string; readonly size: number }> {
  const path = segmentPath(directory, first)
  const making = `${path}.new`
  const header = headerFrame(first, origin)
  await files.unlink(making)
  const file = await files.open(making, 'create')
  try {
    await appendAll(file, header)
    await file.datasync()
    if ((await files.identity(path)) !== null) throw new Error(`there is a file at ${path} already`)
    await files.rename(making, path)
    await files.syncDirectory(journalDirectory(directory))
  } finally {
    await file.close()
  }
  return { file: await files.open(path, 'through'), path, size: header.length }
}

/**
 * Reads a segment's header.
 *
 * @throws AuditLogError `ERR_LOG_DAMAGED` when it is none, belongs to another log or to another place in this one
 */
export function parseHeader(payload: Buffer, segment: Segment, origin: string | null): SegmentHeader {
  const refuse = (problem: string): never => {
    throw new AuditLogError('ERR_LOG_DAMAGED', `${segment.path}: ${problem}`, {
      place: { file: segment.path, offset: 0, index: segment.first },
    })
  }
  let header: Partial<Record<keyof SegmentHeader, unknown>>
  try {
    header = JSON.parse(payload.toString()) as typeof header
  } catch {
    return refuse('the first frame is no header')
  }
  if (typeof header !== 'object' || header === null) return refuse('the first frame is no header')
  const { first, format, origin: found } = header
  if (format !== JOURNAL_FORMAT) return refuse(`the format is not ${JOURNAL_FORMAT}`)
  if (typeof found !== 'string' || found === '') return refuse('the header names no origin')
  if (origin !== null && found !== origin) {
    return refuse(`the segment belongs to the log "${found}", not to "${origin}"`)
  }
  if (first !== segment.first)
    return refuse(`the header says it begins with entry ${String(first)}, its name ${segment.first}`)
  return { first: segment.first, format, origin: found }
}
