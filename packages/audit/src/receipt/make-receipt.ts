import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AuditLogError, isAuditLogError } from '../errors'
import { bodyReference, type LogEvent, readEntry } from '../event'
import { FrameType } from '../journal/frame'
import { type HashAt, inclusionProof, leafHash, nodeHash } from '../merkle'
import { formatLogProof, parseCheckpoint, parseNote } from '../note'
import { OpeningsReader } from '../openings/openings-reader'
import { findSegments, readChunks } from '../verify/journal-chunks'
import { DOES_NOT_PROVE, PROVES, RECEIPT_FORMAT, type Receipt, type ReceiptEntry } from './receipt'

interface Kept {
  readonly index: number
  readonly bytes: Buffer
  readonly event: LogEvent
}

interface Head {
  readonly note: string
  readonly origin: string
  readonly size: number
}

/** Options of {@link makeReceipt}. */
export interface MakeReceiptOptions {
  /** Whether the receipt shows the personal values that the log has as commitments. @default false */
  readonly disclose?: boolean
}

/**
 * Makes the receipt of one decision from a log: the request's chain, the attempt whose votes it carries, the grant it rests
 * on, what else the log tells of it, and proofs that all of this stands under the newest checkpoint. Checks nothing: verify
 * the log first, or the receipt after. Reads the journal three times, in about 64 MB.
 *
 * @param requestId - of a request, or of a direct call: the subject of its events
 * @throws AuditLogError `ERR_LOG_DAMAGED` when the log holds nothing of it that a checkpoint covers, or cannot be read
 */
export async function makeReceipt(
  directory: string,
  requestId: string,
  { disclose = false }: MakeReceiptOptions = {},
): Promise<Receipt> {
  const head = await newestHead(directory)
  const wanted = { subjects: new Set([requestId]), grants: new Set<string>(), processes: new Set<string>() }
  let kept: readonly Kept[] = []
  // What one reading finds may name more that belongs to it: a grant, the attempt before.
  for (let known = -1; known !== sizeOf(wanted); ) {
    known = sizeOf(wanted)
    kept = await collect(directory, head, requestId, wanted)
    for (const { event } of kept) extend(wanted, event)
  }
  if (!kept.some(({ event }) => event.subject === requestId))
    throw new AuditLogError(
      'ERR_LOG_DAMAGED',
      `the log holds nothing of ${requestId} that a checkpoint covers`,
    )
  const hashAt = await nodesFor(directory, head, kept)
  const openings = new OpeningsReader(disclose ? directory : null)
  const events = await Promise.all(
    kept.map(async ({ bytes, event, index }): Promise<ReceiptEntry> => {
      const hashes = inclusionProof(hashAt, index, head.size)
      return {
        entry: bytes.toString('utf8'),
        body: await bodyOf(directory, event),
        openings: openings.of(index),
        proof: formatLogProof({ index, hashes, checkpoint: head.note }),
      }
    }),
  )
  return {
    format: RECEIPT_FORMAT,
    origin: head.origin,
    requestId,
    events,
    proves: PROVES,
    doesNotProve: DOES_NOT_PROVE,
  }
}

interface Wanted {
  readonly subjects: Set<string>
  readonly grants: Set<string>
  readonly processes: Set<string>
}

const sizeOf = ({ grants, processes, subjects }: Wanted): number =>
  grants.size + processes.size + subjects.size

function extend({ grants, processes, subjects }: Wanted, { data, subject, type }: LogEvent): void {
  if (!subjects.has(subject)) return
  if (typeof data.grantId === 'string') grants.add(data.grantId)
  if (data.basis === 'observe' && typeof data.processId === 'string') processes.add(data.processId)
  const carries = Array.isArray(data.carriedVotes) && data.carriedVotes.length > 0
  if (type === 'request.created' && carries && typeof data.retryOf === 'string') subjects.add(data.retryOf)
}

function concerns({ data, subject, type }: LogEvent, requestId: string, wanted: Wanted): boolean {
  if (wanted.subjects.has(subject) || data.requestId === requestId) return true
  if (type.startsWith('grant.')) return wanted.grants.has(`${data.grantId}`)
  return type === 'gate.started' && wanted.processes.has(`${data.processId}`)
}

async function collect(
  directory: string,
  head: Head,
  requestId: string,
  wanted: Wanted,
): Promise<readonly Kept[]> {
  const kept: Kept[] = []
  await eachEntry(directory, head.size, (bytes, index) => {
    try {
      const { event } = readEntry(bytes)
      if (concerns(event, requestId, wanted)) kept.push({ index, bytes: Buffer.from(bytes), event })
    } catch (error) {
      // What is no event concerns nobody; the verifier of the log tells of it.
      if (!isAuditLogError(error)) throw error
    }
  })
  return kept
}

/** The inner hashes that the proofs of some entries need, and no others. */
async function nodesFor(directory: string, { size }: Head, kept: readonly Kept[]): Promise<HashAt> {
  const nodes = new Map<string, Uint8Array>()
  const nothing = Buffer.alloc(32)
  const noted: HashAt = (level, index) => {
    nodes.set(`${level}/${index}`, nothing)
    return nothing
  }
  for (const { index } of kept) inclusionProof(noted, index, size)
  const edge: Uint8Array[] = []
  await eachEntry(directory, size, (bytes, index) => {
    let hash: Uint8Array = leafHash(bytes)
    let place = index
    for (let level = 0; ; level += 1) {
      if (nodes.has(`${level}/${place}`)) nodes.set(`${level}/${place}`, hash)
      if (place % 2 === 0) break
      hash = nodeHash(edge.pop() as Uint8Array, hash)
      place = (place - 1) / 2
    }
    edge.push(hash)
  })
  return (level, index) => nodes.get(`${level}/${index}`) ?? nothing
}

async function newestHead(directory: string): Promise<Head> {
  let note: string | null = null
  await eachFrame(directory, ({ payload, type }) => {
    if (type === FrameType.checkpoint) note = payload.toString()
    return true
  })
  if (note === null) throw new AuditLogError('ERR_LOG_DAMAGED', `${directory} holds no log with a checkpoint`)
  const { origin, size } = parseCheckpoint(parseNote(note).text)
  return { note, origin, size }
}

async function eachEntry(
  directory: string,
  size: number,
  take: (bytes: Buffer, index: number) => void,
): Promise<void> {
  let index = 0
  await eachFrame(directory, ({ payload, type }) => {
    if (type === FrameType.entry && index < size) take(payload, index++)
    return index < size
  })
}

async function eachFrame(
  directory: string,
  take: (frame: { readonly type: number; readonly payload: Buffer }) => boolean,
): Promise<void> {
  for (const { path } of findSegments(directory)?.segments ?? []) {
    for await (const { frames } of readChunks(path)) {
      for (const frame of frames) if (!take(frame)) return
    }
  }
}

async function bodyOf(directory: string, event: LogEvent): Promise<string | null> {
  const reference = bodyReference(event)
  return reference === null ? null : readFile(join(directory, 'bodies', `${reference.body}.json`), 'utf8')
}
