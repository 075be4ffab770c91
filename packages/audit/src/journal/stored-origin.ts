import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { AuditLogError } from '../errors'
import { decodeFrame, FrameType, isBroken } from './frame'
import { parseHeader, segmentPath } from './segments'

/**
 * The origin that the log in a directory has by its first header; `null` where there is no log. Small enough to read at
 * once: the sink has its name before it is open.
 *
 * @throws AuditLogError `ERR_LOG_DAMAGED`
 */
export function storedOrigin(directory: string): string | null {
  const path = segmentPath(directory, 0)
  if (!existsSync(path)) return null
  const bytes = Buffer.alloc(8_192)
  const file = openSync(path, 'r')
  let got: number
  try {
    got = readSync(file, bytes, 0, bytes.length, 0)
  } finally {
    closeSync(file)
  }
  const frame = decodeFrame(bytes.subarray(0, got), 0, 0)
  if (isBroken(frame) || frame.type !== FrameType.header) {
    const problem = isBroken(frame) ? frame.problem : 'the first frame is no header'
    throw new AuditLogError('ERR_LOG_DAMAGED', `${path}: ${problem}`, { place: { file: path, offset: 0 } })
  }
  return parseHeader(frame.payload, { path, first: 0 }, null).origin
}
