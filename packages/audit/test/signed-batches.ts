import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { encodeEntry, type LogOwnEventType } from '../src/event'
import { FrameType } from '../src/journal/frame'
import { OwnChain } from '../src/journal/own-events'
import { Tree } from '../src/merkle'
import { checkpointText, type Signer, signNote } from '../src/note'
import { eventOf } from './support/events'
import { headerPiece, ORIGIN, type Piece, writePieces } from './written-log'

/** A batch as anybody might write it: what it says, and who signs its checkpoint; `null`: it has none. */
export interface SignedBatch {
  readonly says: readonly (string | readonly [LogOwnEventType, JsonObject])[]
  readonly by: readonly Signer[] | null
}

export const opened = (key: Signer, ...cosigners: readonly Signer[]): [LogOwnEventType, JsonObject] => [
  'log.opened',
  {
    adopted: 0,
    ...(cosigners.length > 0 && { cosigners: cosigners.map(({ verifierKey }) => verifierKey) }),
    key: key.verifierKey,
    size: 0,
    unknown: [],
    unknownCount: 0,
  },
]

export const rotated = (from: Signer, to: Signer): [LogOwnEventType, JsonObject] => [
  'log.rotated-key',
  { from: from.verifierKey, to: to.verifierKey },
]

/**
 * Writes a log batch by batch: a text is an event of a call of that name, that stands alone. Answers with the notes, and
 * publishes the newest.
 */
export async function writeBatches(directory: string, batches: readonly SignedBatch[]): Promise<string[]> {
  const own = new OwnChain(ORIGIN, fakeClock(), { seq: 0, hash: '' })
  const tree = new Tree()
  const pieces: Piece[] = [headerPiece(0)]
  const notes: string[] = []
  for (const { by, says } of batches) {
    for (const said of says) {
      const entry =
        typeof said === 'string' ? encodeEntry(eventOf(said, 1, 'gate.started')) : own.next(...said).entry
      tree.append(entry)
      pieces.push({ type: FrameType.entry, payload: entry })
    }
    if (by === null) continue
    const note = await signNote(checkpointText({ origin: ORIGIN, size: tree.size, root: tree.root() }), by)
    notes.push(note)
    pieces.push({ type: FrameType.checkpoint, payload: Buffer.from(note) })
  }
  mkdirSync(directory, { recursive: true })
  writePieces(directory, 0, pieces)
  writeFileSync(join(directory, 'checkpoint'), notes.at(-1) ?? '')
  return notes
}
