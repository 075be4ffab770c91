import { isUtf8 } from 'node:buffer'
import { AuditLogError } from '../errors'
import { fromBase64, toBase64 } from './base64'

/** Room for 16 signatures of 5 kB and a text; more is refused unread. */
export const MAX_NOTE_BYTES = 256_000

/** As many as Go's `sumdb/note` takes. */
export const MAX_SIGNATURES = 100

/** One signature line of a note. */
export interface NoteSignature {
  /** Of the key: not empty, without spaces and `+`. */
  readonly name: string
  /** The first four bytes of a hash of name, type and public key: an identifier, not a proof. */
  readonly keyId: number
  /** What the key made of the text; at least one byte. */
  readonly signature: Uint8Array
}

/** A C2SP signed note that was parsed, and not verified. */
export interface Note {
  /** What is signed, with its final newline. */
  readonly text: string
  /** At least one. */
  readonly signatures: readonly NoteSignature[]
}

const LINE_START = '\u2014 '
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a note must not hold
const FORBIDDEN = /[\u0000-\u0009\u000b-\u001f]|\p{Surrogate}/u
const NAME_FORBIDS = /[\p{White_Space}+]|\p{Surrogate}/u

/** Whether a text can name a key: not empty, without Unicode spaces and `+`. */
export function isKeyName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a note must not hold control characters
  return name !== '' && !NAME_FORBIDS.test(name) && !/[\u0000-\u001f]/.test(name)
}

/**
 * A signed note (c2sp.org/signed-note) as it is stored: the text, an empty line, and a line for each signature.
 *
 * @throws AuditLogError `ERR_LOG_NOTE_INVALID` for what {@link parseNote} would not read back
 */
export function formatNote({ text, signatures }: Note): string {
  checkNoteText(text)
  if (signatures.length === 0) throw invalid('it has no signature')
  const lines = signatures.map(({ name, keyId, signature }) => {
    if (!isKeyName(name)) throw invalid('a key name is empty, or holds a space or a plus')
    if (!Number.isInteger(keyId) || keyId < 0 || keyId > 0xffff_ffff)
      throw invalid('a key id is no 32-bit number')
    if (signature.length === 0) throw invalid('a signature is empty')
    const id = Buffer.alloc(4)
    id.writeUInt32BE(keyId)
    return `${LINE_START}${name} ${toBase64(Buffer.concat([id, signature]))}\n`
  })
  const note = `${text}\n${lines.join('')}`
  if (signatures.length > MAX_SIGNATURES || Buffer.byteLength(note) > MAX_NOTE_BYTES)
    throw invalid('it is too large')
  return note
}

/**
 * The parts of a signed note. Says nothing about who signed it: see `verifyNote`.
 *
 * @param note - bytes as they were stored, or a text
 * @throws AuditLogError `ERR_LOG_NOTE_INVALID` for anything that differs from the specification, more than 100 signatures, or
 *   more than 256,000 bytes
 */
export function parseNote(note: string | Uint8Array): Note {
  const whole = readText(note)
  if (FORBIDDEN.test(whole)) throw invalid('it holds a control character')
  const split = whole.lastIndexOf('\n\n')
  if (split < 0) throw invalid('no empty line stands between text and signatures')
  const below = whole.slice(split + 2)
  if (below === '' || !below.endsWith('\n')) throw invalid('it does not end with a signature line')
  const lines = below.slice(0, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) throw invalid(`it has more than ${MAX_SIGNATURES} signatures`)
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseLine) }
}

/** Refuses a text that cannot be signed as a note. */
export function checkNoteText(text: string): void {
  if (typeof text !== 'string' || !text.endsWith('\n')) throw invalid('its text does not end with a newline')
  if (FORBIDDEN.test(text)) throw invalid('its text holds a control character or a lone surrogate')
}

function parseLine(line: string): NoteSignature {
  const space = line.indexOf(' ', LINE_START.length)
  if (!line.startsWith(LINE_START) || space < 0) throw invalid('a signature line has a wrong form')
  const name = line.slice(LINE_START.length, space)
  if (!isKeyName(name)) throw invalid('a key name is empty, or holds a space or a plus')
  const bytes = fromBase64(line.slice(space + 1))
  if (bytes === null || bytes.length < 5)
    throw invalid('a signature is not Base64 of a key id and a signature')
  return { name, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(4) }
}

function readText(note: string | Uint8Array): string {
  const size = typeof note === 'string' ? Buffer.byteLength(note) : note.length
  if (size > MAX_NOTE_BYTES) throw invalid(`it has more than ${MAX_NOTE_BYTES} bytes`)
  if (typeof note === 'string') return note
  if (!isUtf8(note)) throw invalid('it is not UTF-8')
  return Buffer.from(note.buffer, note.byteOffset, note.byteLength).toString('utf8')
}

function invalid(problem: string): AuditLogError {
  return new AuditLogError('ERR_LOG_NOTE_INVALID', `this is no signed note: ${problem}`)
}
