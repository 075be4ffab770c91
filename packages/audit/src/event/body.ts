import { type Json, type JsonObject, sha256Hex } from '@gatewright/core'
import { AuditLogError, isAuditLogError } from '../errors'
import { dataText, encodeEntry } from './entry'
import type { LogEvent } from './log-event'

/** What stands in the place of data that is kept beside the log. */
export interface BodyReference {
  /** SHA-256 of the canonical data, in hex: the name of the file in `bodies/`. */
  readonly body: string
  /** How many bytes the canonical data has. */
  readonly bytes: number
}

/** Data that does not fit into an entry: to be durable in `bodies/<digest>.json` before the entry is. */
export interface DetachedBody {
  /** SHA-256 of {@link bytes}, in hex. */
  readonly digest: string
  /** The canonical JSON of the data. */
  readonly bytes: Buffer
}

/** An event made ready for the log. */
export interface PackedEntry {
  /** One leaf. */
  readonly entry: Buffer
  /** Its data, where that is kept beside. */
  readonly body: DetachedBody | null
}

/**
 * The entry of an event of any size: data that would not fit is replaced by its digest and handed back to be stored beside
 * the log. So is data that looks like such a digest: in a log, it always is one.
 *
 * @throws AuditLogError as `encodeEntry` does; `ERR_LOG_ENTRY_TOO_LARGE` when the event without its data is too large
 */
export function packEntry(event: LogEvent): PackedEntry {
  if (bodyReference(event) !== null) return detach(event)
  try {
    return { entry: encodeEntry(event), body: null }
  } catch (error) {
    if (isAuditLogError(error) && error.code === 'ERR_LOG_ENTRY_TOO_LARGE') return detach(event)
    throw error
  }
}

function detach(event: LogEvent): PackedEntry {
  const bytes = Buffer.from(dataText(event.data), 'utf8')
  const digest = sha256Hex(bytes)
  const data = { body: digest, bytes: bytes.length }
  return { entry: encodeEntry({ ...event, data }), body: { digest, bytes } }
}

/** Where the data of an event from a log is, if it is kept beside; `null` when the event holds it. */
export function bodyReference(event: LogEvent): BodyReference | null {
  const { body, bytes } = event.data as { readonly body?: Json; readonly bytes?: Json }
  if (typeof body !== 'string' || typeof bytes !== 'number' || Object.keys(event.data).length !== 2)
    return null
  return /^[0-9a-f]{64}$/.test(body) && Number.isSafeInteger(bytes) && bytes >= 0 ? { body, bytes } : null
}

/**
 * The event as it was before its data was set aside.
 *
 * @param stored - the bytes of the file that the event's {@link bodyReference} names
 * @throws AuditLogError `ERR_LOG_ENTRY_INVALID` when the bytes are not the ones that the log speaks of
 */
export function restoreBody(event: LogEvent, stored: Uint8Array): LogEvent {
  const reference = bodyReference(event)
  if (reference === null) return event
  if (stored.length !== reference.bytes || sha256Hex(stored) !== reference.body) {
    throw mismatch('has another digest or length than the log says')
  }
  const text = Buffer.from(stored).toString('utf8')
  let data: JsonObject
  try {
    data = JSON.parse(text)
  } catch (cause) {
    throw mismatch('is no JSON', cause)
  }
  // The digest alone would vouch for bytes that parse to what other readers see differently.
  if (!Buffer.from(dataText(data), 'utf8').equals(stored)) throw mismatch('is not in canonical form')
  return { ...event, data }
}

function mismatch(problem: string, cause?: unknown): AuditLogError {
  return new AuditLogError('ERR_LOG_ENTRY_INVALID', `the body beside an entry ${problem}`, { cause })
}
