import { crc32 } from 'node:zlib'

/** What a frame of the journal holds. */
export const FrameType = { header: 0, entry: 1, checkpoint: 2 } as const

/** The byte that says what a frame holds. */
export type FrameTypeByte = (typeof FrameType)[keyof typeof FrameType]

/** Bytes before the payload: u32le length, u32le CRC-32 of type and payload, u8 type. */
export const FRAME_HEADER_BYTES = 9

/** The longest payload: of a signed note. An entry has at most 64,000 bytes. */
export const MAX_PAYLOAD_BYTES = 256_000

/** One whole frame, as it stands in a file. */
export interface Frame {
  readonly type: FrameTypeByte
  /** A view of the decoder's bytes: copy what is kept. */
  readonly payload: Buffer
  /** Where the frame begins in its file. */
  readonly offset: number
  /** Where the next frame begins. */
  readonly end: number
}

/** How bytes are no frame. The first two can come of a write that was cut off; the others cannot. */
export type FrameFlaw = 'short-header' | 'short-payload' | 'crc-mismatch' | 'unknown-type' | 'oversize'

/** Bytes that are no frame: where they begin, and what is wrong with them. */
export interface BrokenFrame {
  readonly flaw: FrameFlaw
  readonly offset: number
  /** In words, for a message. */
  readonly problem: string
}

/** How many bytes the frame of a payload takes. */
export function frameSize(payloadBytes: number): number {
  return FRAME_HEADER_BYTES + payloadBytes
}

/**
 * Writes a frame into `target`.
 *
 * @returns the offset after it
 * @throws RangeError when the payload is longer than {@link MAX_PAYLOAD_BYTES}, or `target` too short
 */
export function writeFrame(target: Buffer, offset: number, type: FrameTypeByte, payload: Uint8Array): number {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new RangeError(`a frame holds at most ${MAX_PAYLOAD_BYTES} bytes, not ${payload.length}`)
  }
  const end = offset + FRAME_HEADER_BYTES + payload.length
  if (end > target.length) throw new RangeError('the frame does not fit')
  target.writeUInt32LE(payload.length, offset)
  target[offset + 8] = type
  target.set(payload, offset + FRAME_HEADER_BYTES)
  target.writeUInt32LE(crc32(target.subarray(offset + 8, end)), offset + 4)
  return end
}

/** One frame as bytes of its own. */
export function encodeFrame(type: FrameTypeByte, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(frameSize(payload.length))
  writeFrame(bytes, 0, type, payload)
  return bytes
}

/**
 * Reads the frame at `start` of `bytes`.
 *
 * @param base - the offset in the file of the first of `bytes`
 * @returns the frame, or how the bytes are none: a `short-…` flaw also where more bytes would make it whole
 */
export function decodeFrame(bytes: Buffer, start: number, base: number): Frame | BrokenFrame {
  const offset = base + start
  const left = bytes.length - start
  if (left < FRAME_HEADER_BYTES) {
    return {
      flaw: 'short-header',
      offset,
      problem: `${left} bytes where a frame's header has ${FRAME_HEADER_BYTES}`,
    }
  }
  const length = bytes.readUInt32LE(start)
  const type = bytes[start + 8] as number
  if (length > MAX_PAYLOAD_BYTES) {
    return {
      flaw: 'oversize',
      offset,
      problem: `a frame of ${length} bytes; the longest has ${MAX_PAYLOAD_BYTES}`,
    }
  }
  if (!isFrameType(type))
    return { flaw: 'unknown-type', offset, problem: `a frame of the unknown type ${type}` }
  const body = start + FRAME_HEADER_BYTES
  const end = body + length
  if (end > bytes.length) {
    const problem = `a frame that says ${length} bytes and has ${bytes.length - body}`
    return { flaw: 'short-payload', offset, problem }
  }
  if (crc32(bytes.subarray(start + 8, end)) !== bytes.readUInt32LE(start + 4)) {
    return { flaw: 'crc-mismatch', offset, problem: 'a frame whose bytes do not have its checksum' }
  }
  return { type, payload: bytes.subarray(body, end), offset, end: base + end }
}

/** Whether bytes were no frame. */
export function isBroken(read: Frame | BrokenFrame): read is BrokenFrame {
  return 'flaw' in read
}

function isFrameType(type: number): type is FrameTypeByte {
  return type === FrameType.header || type === FrameType.entry || type === FrameType.checkpoint
}

/** Gives the bytes of a file from `position` on: into the buffer, as many as there are; 0 at the end. */
export type ReadAt = (target: Buffer, position: number) => Promise<number>

/** How much is read at first, and at the most, at a time: many files are small. */
const FIRST_CHUNK = 64 * 1_024
const LARGEST_CHUNK = 1_024 * 1_024

/**
 * The frames of a file from `from` on, in memory of about a megabyte. What is no frame comes last, and ends it; a file
 * that ends with a whole frame yields frames only.
 */
export async function* readFrames(readAt: ReadAt, from = 0): AsyncGenerator<Frame | BrokenFrame, void, void> {
  let base = from
  let held: Buffer = Buffer.alloc(0)
  let ended = false
  let chunk = FIRST_CHUNK
  for (;;) {
    let start = 0
    while (start < held.length) {
      const read = decodeFrame(held, start, base)
      if (isBroken(read)) {
        if (!ended && read.flaw.startsWith('short')) break
        yield read
        return
      }
      yield read
      start = read.end - base
    }
    if (ended) return
    const rest = held.subarray(start)
    base += start
    const next = Buffer.allocUnsafeSlow(rest.length + chunk)
    rest.copy(next)
    const got = await fill(readAt, next.subarray(rest.length), base + rest.length)
    ended = got < chunk
    chunk = Math.min(2 * chunk, LARGEST_CHUNK)
    held = next.subarray(0, rest.length + got)
  }
}

/** Reads until the target is full or the file ends: a read may give less than there is. */
async function fill(readAt: ReadAt, target: Buffer, position: number): Promise<number> {
  let got = 0
  while (got < target.length) {
    const more = await readAt(target.subarray(got), position + got)
    if (more === 0) break
    got += more
  }
  return got
}
