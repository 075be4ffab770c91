import { AuditLogError } from '../errors'
import { leafHash } from '../merkle'
import type { Files } from './files'
import { FrameType, isBroken, readFrames } from './frame'
import type { EntryOffsets } from './offsets'
import { peekEntry } from './peek-entry'
import type { Segment } from './segments'

/**
 * Looks into the journal for events by id, from the entry `from` on.
 *
 * @param segments - all of them, in order, none of which is being written to
 * @returns the leaf hashes of those that are there
 * @throws AuditLogError `ERR_LOG_DAMAGED` when the journal cannot be read any more
 */
export async function findEvents(
  files: Files,
  segments: readonly Segment[],
  offsets: EntryOffsets,
  from: number,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>()
  const start = offsets.before(from)
  if (start === null) return found
  for (const segment of segments.slice(segments.indexOf(start.segment))) {
    const file = await files.open(segment.path, 'read')
    try {
      const readAt = (target: Buffer, position: number) => file.read(target, position)
      for await (const frame of readFrames(readAt, segment === start.segment ? start.offset : 0)) {
        if (isBroken(frame)) {
          throw new AuditLogError('ERR_LOG_DAMAGED', `${segment.path}: ${frame.problem}`, {
            place: { file: segment.path, offset: frame.offset },
          })
        }
        if (frame.type !== FrameType.entry) continue
        const id = peekEntry(frame.payload)?.id
        if (id === undefined || !wanted.has(id)) continue
        found.set(id, leafHash(frame.payload))
        if (found.size === wanted.size) return found
      }
    } finally {
      await file.close()
    }
  }
  return found
}
