import { isAscii, isUtf8 } from 'node:buffer'
import { canonicalize, type JsonObject, sha256Hex } from '@gatewright/core'
import { AuditLogError, type Place } from '../errors'
import { isInCanonicalOrder, mayHoldLoneSurrogate } from './canonical-order'
import { isPlainlyCanonical } from './canonical-text'
import type { LogEvent, LogEventType } from './log-event'
import { sourceOf, sourceUri } from './source-uri'
import { bytesOfText } from './text-bytes'

/** The most bytes one entry may have: C2SP entry bundles count them in 16 bits, and readers elsewhere stop earlier. */
export const MAX_ENTRY_BYTES = 64_000

/** Before the event's own type, so that the whole is unique among everybody's CloudEvents. */
export const TYPE_PREFIX = 'dev.gatewright.'

const EVENT_TYPE = /^[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*$/
/** With its length looked at apart: counting to 64 makes the pattern slower. */
const HEX = /^[0-9a-f]+$/
/** An integer of CloudEvents has 32 bits. */
const MAX_SEQ = 2 ** 31 - 1
/** What RFC 3339 can say: the years 0000 to 9999. */
const MIN_TIME = -62_167_219_200_000
const MAX_TIME = 253_402_300_799_999
/** An entry that was read, with what the next entry of its subject must carry as `previous`. */
export interface ReadEntry {
  readonly event: LogEvent
  /** The event's {@link chainHash}, over the data as it stands in the entry: of a detached body, over its reference. */
  readonly hash: string
}

/**
 * The bytes of one leaf: the event as CloudEvents 1.0 JSON, in RFC 8785 form. {@link decodeEntry} gives the equal event
 * back. Equal events have equal bytes, whatever the order of their keys.
 *
 * @throws AuditLogError `ERR_LOG_ENTRY_INVALID` for an event that has no such form (a wrong id, a lone surrogate, a value
 *   that JSON cannot say), `ERR_LOG_ENTRY_TOO_LARGE` for more than 64,000 bytes: `packEntry` sets the data aside then
 */
export function encodeEntry(event: LogEvent): Buffer {
  const bytes = encodeEvent(event)
  if (bytes.length > MAX_ENTRY_BYTES) throw tooLarge(bytes.length)
  return bytes
}

/**
 * {@link encodeEntry} without its bound: the form in which an event of any size travels, its data always in it.
 *
 * @throws AuditLogError `ERR_LOG_ENTRY_INVALID` for an event that has no such form
 */
export function encodeEvent(event: LogEvent): Buffer {
  return bytesOfText(`${START}${dataText(event.data)}${restText(event)}`)
}

/**
 * The event that an entry holds. Only the very bytes that {@link encodeEntry} writes are accepted: parsing equal is not
 * enough. An event type of a later version is let through.
 *
 * @param place - where the entry stands, for the error
 * @throws AuditLogError `ERR_LOG_ENTRY_INVALID`, `ERR_LOG_ENTRY_TOO_LARGE`
 */
export function decodeEntry(bytes: Uint8Array, place?: Place): LogEvent {
  return parseEntry(bytes, place).event
}

/**
 * The event that {@link encodeEvent} wrote: {@link decodeEntry} without its bound, for whoever receives events.
 *
 * @throws AuditLogError `ERR_LOG_ENTRY_INVALID`
 */
export function decodeEvent(bytes: Uint8Array): LogEvent {
  return parseBytes(bytes, undefined).event
}

/** {@link decodeEntry}, and the event's hash for the price of hashing alone. */
export function readEntry(bytes: Uint8Array, place?: Place): ReadEntry {
  const { event, data } = parseEntry(bytes, place)
  return { event, hash: sha256Hex(chainText(event, data, quote(event.subject))) }
}

/**
 * SHA-256 of the event's canonical form, in hex: what the next event of its subject carries as `previous`. Equals core's
 * `eventHash`.
 *
 * @throws AuditLogError `ERR_LOG_ENTRY_INVALID` for data that JSON cannot say
 */
export function chainHash(event: LogEvent): string {
  return sha256Hex(chainText(event, dataText(event.data), quote(event.subject)))
}

/** The canonical text of an event's data. */
export function dataText(data: JsonObject): string {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw invalid('its data is no object')
  if (isInCanonicalOrder(data)) {
    const text = JSON.stringify(data)
    if (!mayHoldLoneSurrogate(text)) return text
  }
  try {
    return canonicalize(data)
  } catch (cause) {
    throw invalid('its data has no canonical JSON form', undefined, cause)
  }
}

function parseEntry(bytes: Uint8Array, place: Place | undefined): { event: LogEvent; data: string } {
  if (bytes.length > MAX_ENTRY_BYTES) throw tooLarge(bytes.length, place)
  return parseBytes(bytes, place)
}

function parseBytes(bytes: Uint8Array, place: Place | undefined): { event: LogEvent; data: string } {
  // Checked apart: decoding would put U+FFFD in the place of what is no UTF-8.
  const ascii = isAscii(bytes)
  if (!ascii && !isUtf8(bytes)) throw invalid('it is not UTF-8', place)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    ascii ? 'latin1' : 'utf8',
  )
  const event = eventOf(parseJson(text, place), place)
  const rest = restText(event)
  const data = text.slice(START.length, -rest.length)
  const isWhole = text.length === START.length + data.length + rest.length
  if (!isWhole || !text.startsWith(START) || !text.endsWith(rest) || !isTextOf(data, event.data))
    throw invalid(
      'it is not in canonical form (RFC 8785), repeats a key, or has members that no event has',
      place,
    )
  return { event, data }
}

/** Whether a text is the canonical one of an event's data. Most are seen to be; the others are written again. */
function isTextOf(text: string, data: JsonObject): boolean {
  return (text.startsWith('{') && isPlainlyCanonical(text, data)) || dataText(data) === text
}

function parseJson(text: string, place: Place | undefined): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid('it is no JSON', place, cause)
  }
}

function eventOf(value: unknown, place: Place | undefined): LogEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('it is no JSON object', place)
  const envelope = value as Readonly<Record<string, unknown>>
  const { data, id, previous = null, seq, source, specversion, subject, time, type } = envelope
  if (specversion !== '1.0') throw invalid('it is no CloudEvent of version 1.0', place)
  if (typeof type !== 'string' || !type.startsWith(TYPE_PREFIX))
    throw invalid(`its type does not begin with ${TYPE_PREFIX}`, place)
  const name = typeof source === 'string' ? sourceOf(source) : null
  if (name === null) throw invalid('its source is not what a gate writes', place)
  // Members that are missing, more, or of another order make another text than the one that was read: see parseEntry.
  return {
    data: data as JsonObject,
    id: id as string,
    previous: previous as string | null,
    seq: seq as number,
    source: name,
    subject: subject as string,
    time: typeof time === 'string' ? parseTime(time) : Number.NaN,
    type: type.slice(TYPE_PREFIX.length) as LogEventType,
  }
}

/** What stands before the data of an entry. */
const START = '{"data":'

/** What stands behind it. Also judges the envelope: what is written and what is read meet the same rules. */
function restText(event: LogEvent): string {
  const { id, previous, seq, subject, time, type } = event
  if (!Number.isSafeInteger(seq) || seq < 1 || seq > MAX_SEQ) throw invalid('its seq is out of range')
  if (typeof subject !== 'string' || subject === '') throw invalid('it has no subject')
  if (id !== `${subject}/${seq}`) throw invalid('its id is not <subject>/<seq>')
  if ((previous === null) !== (seq === 1)) throw invalid('only the first event of a subject has no previous')
  if (previous !== null && (typeof previous !== 'string' || previous.length !== 64 || !HEX.test(previous)))
    throw invalid('its previous is no SHA-256 in hex')
  if (!Number.isSafeInteger(time) || time < MIN_TIME || time > MAX_TIME)
    throw invalid('its time is out of range')
  if (typeof type !== 'string' || !EVENT_TYPE.test(type)) throw invalid('its type has a wrong form')
  const source = typeof event.source === 'string' ? sourceUri(event.source) : null
  if (source === null) throw invalid('its source has no form as a URI')
  const before = previous === null ? '' : `"previous":"${previous}",`
  const name = quote(subject)
  return `,"id":${name.slice(0, -1)}/${seq}",${before}"seq":${seq},"source":"${source}","specversion":"1.0","subject":${name},"time":"${formatTime(time)}","type":"${TYPE_PREFIX}${type}"}`
}

/** @param name - the quoted subject */
function chainText(event: LogEvent, data: string, name: string): string {
  const { id, previous, seq, source, subject, time, type } = event
  const before = previous === null ? 'null' : `"${previous}"`
  // Anybody's event may be hashed, also one that no entry is made of.
  const quotedId = id === `${subject}/${seq}` ? `${name.slice(0, -1)}/${seq}"` : quote(id)
  return `${START}${data},"id":${quotedId},"previous":${before},"seq":${seq},"source":${quote(source)},"subject":${name},"time":${time},"type":"${type}"}`
}

const MINUTE = 60_000

/** The minute that was written or read last: writing a date costs as much as a digest. */
const minute = { start: 0, text: new Date(0).toISOString().slice(0, 17) }

function formatTime(time: number): string {
  let since = time - minute.start
  if (since < 0 || since >= MINUTE) {
    minute.start = Math.floor(time / MINUTE) * MINUTE
    minute.text = new Date(minute.start).toISOString().slice(0, 17)
    since = time - minute.start
  }
  const seconds = Math.floor(since / 1_000)
  const millis = since - seconds * 1_000
  return `${minute.text}${seconds < 10 ? '0' : ''}${seconds}.${millis < 10 ? '00' : millis < 100 ? '0' : ''}${millis}Z`
}

/** Only a form that {@link formatTime} writes is accepted in the end: the entry's text is compared with it. */
function parseTime(text: string): number {
  if (!text.startsWith(minute.text)) return Date.parse(text)
  return minute.start + Number(text.slice(17, 19)) * 1_000 + Number(text.slice(20, 23))
}

/** Ids as they are made: nothing in them is escaped. */
const PLAIN = /^[\w .:/@+-]*$/

function quote(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`
  const quoted = JSON.stringify(text)
  if (mayHoldLoneSurrogate(quoted) && /\p{Surrogate}/u.test(text)) throw invalid('it holds a lone surrogate')
  return quoted
}

function invalid(problem: string, place?: Place, cause?: unknown): AuditLogError {
  return new AuditLogError('ERR_LOG_ENTRY_INVALID', `an entry is not an event of this log: ${problem}`, {
    place,
    cause,
  })
}

function tooLarge(bytes: number, place?: Place): AuditLogError {
  return new AuditLogError(
    'ERR_LOG_ENTRY_TOO_LARGE',
    `an entry has ${bytes} bytes; at most ${MAX_ENTRY_BYTES} are allowed`,
    { place },
  )
}
