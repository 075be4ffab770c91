import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent } from '@gatewright/core'
import { onTestFinished } from 'vitest'
import { bodyReference, decodeEntry, type LogEvent, restoreBody } from '../../src/event'
import { bodyPath } from '../../src/journal/bodies'
import { type Files, realFiles } from '../../src/journal/files'
import { FrameType, isBroken, readFrames } from '../../src/journal/frame'
import { listSegments } from '../../src/journal/segments'

/** A directory of its own for the running test, which does not exist yet. */
export async function newDirectory(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'gatewright-audit-'))
  onTestFinished(() => rm(parent, { recursive: true, force: true }))
  return join(parent, 'log')
}

/** What a journal says, read by nothing that writes it but the frames. */
export interface JournalContent {
  /** Under the newest checkpoint, the log's own events too. */
  readonly events: readonly LogEvent[]
  /** Whole entries after the newest checkpoint. */
  readonly beyond: readonly LogEvent[]
  readonly notes: readonly string[]
  /** Where the frames of the last segment begin, and where it ends. */
  readonly lastOffsets: readonly number[]
}

export async function readJournal(directory: string, files: Files = realFiles): Promise<JournalContent> {
  const events: LogEvent[] = []
  const notes: string[] = []
  let lastOffsets: number[] = []
  let covered = 0
  for (const { path } of await listSegments(files, directory)) {
    const file = await files.open(path, 'read')
    lastOffsets = [0]
    for await (const frame of readFrames((target, position) => file.read(target, position))) {
      if (isBroken(frame)) break
      lastOffsets.push(frame.end)
      if (frame.type === FrameType.entry) events.push(decodeEntry(frame.payload))
      if (frame.type !== FrameType.checkpoint) continue
      notes.push(frame.payload.toString())
      covered = events.length
    }
    await file.close()
  }
  return { events: events.slice(0, covered), beyond: events.slice(covered), notes, lastOffsets }
}

/** Events that were handed in and acknowledged, in the order of the log, bodies put back. */
export async function readAcknowledged(
  directory: string,
  files: Files = realFiles,
): Promise<readonly AuditEvent[]> {
  const { events } = await readJournal(directory, files)
  return events
    .filter(({ type }) => !type.startsWith('log.'))
    .map((event) => {
      const reference = bodyReference(event)
      if (reference === null) return event as AuditEvent
      return restoreBody(event, readFileSync(bodyPath(directory, reference.body))) as AuditEvent
    })
}
