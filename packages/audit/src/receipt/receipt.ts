import type { FieldOpening, Json } from '@gatewright/core'
import { AuditLogError } from '../errors'

/** Names the format of a receipt. */
export const RECEIPT_FORMAT = 'gatewright-receipt/1'

/** One event of a receipt. */
export interface ReceiptEntry {
  /** The entry: its UTF-8 bytes are the leaf of the log, byte for byte. */
  readonly entry: string
  /** The data that the log keeps beside the entry, in canonical form; `null` when the entry holds its data. */
  readonly body: string | null
  /** What its commitments stand for, as far as it was disclosed. */
  readonly openings: readonly FieldOpening[]
  /** That the entry stands in the log, with the signed checkpoint (c2sp.org/tlog-proof). */
  readonly proof: string
}

/** One decision, to be kept in one file, and verified years later with public keys alone. */
export interface Receipt {
  readonly format: typeof RECEIPT_FORMAT
  /** The log it is from. */
  readonly origin: string
  /** The request or direct call that it is about. */
  readonly requestId: string
  /** Its whole chain as far as the log had come, and what else the log tells of it. In the order of the log. */
  readonly events: readonly ReceiptEntry[]
  /** What {@link verifyReceipt} can show, in words. Not to be believed without it. */
  readonly proves: readonly string[]
  readonly doesNotProve: readonly string[]
}

/** What a receipt that verifies shows. */
export const PROVES: readonly string[] = [
  'These very events, to the byte, stood in the log when its key signed the checkpoint.',
  'Who asked for what, by which rule, who decided on which arguments, and what ran, as far as the events go.',
  'That nothing in these events contradicts the order of a decision: votes before the approval, one run on what was approved, in time.',
]

/** What it cannot show. */
export const DOES_NOT_PROVE: readonly string[] = [
  'That nothing happened to the request after the checkpoint.',
  'That the rest of the log is in order, or that nobody was shown another log: verify the log itself, against a head that was kept elsewhere.',
  'That the people are who the identity provider said they are, that the clocks were right, or what the function really did outside of what it returned.',
  'What redacted arguments were, nor values that it does not disclose.',
]

/** The most events that are read: a request has few. */
const MAX_EVENTS = 10_000

/**
 * Reads a receipt. Strict: a member that is missing or unknown refuses it.
 *
 * @throws AuditLogError `ERR_LOG_PROOF_INVALID`
 */
export function parseReceipt(text: string): Receipt {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid('it is no JSON', cause)
  }
  const receipt = membersOf(value, ['format', 'origin', 'requestId', 'events', 'proves', 'doesNotProve'])
  const { doesNotProve, events, format, origin, proves, requestId } = receipt
  if (format !== RECEIPT_FORMAT) throw invalid(`its format is not ${RECEIPT_FORMAT}`)
  if (typeof origin !== 'string' || typeof requestId !== 'string')
    throw invalid('it names no log or no request')
  if (!Array.isArray(events) || events.length === 0 || events.length > MAX_EVENTS)
    throw invalid('it holds no events, or too many')
  if (!areTexts(proves) || !areTexts(doesNotProve)) throw invalid('what it proves is no list of texts')
  return { format, origin, requestId, events: events.map(entryOf), proves, doesNotProve }
}

function entryOf(value: unknown): ReceiptEntry {
  const { body, entry, openings, proof } = membersOf(value, ['entry', 'body', 'openings', 'proof'])
  if (typeof entry !== 'string' || typeof proof !== 'string' || (body !== null && typeof body !== 'string'))
    throw invalid('one of its events has no entry or no proof')
  if (!Array.isArray(openings)) throw invalid('one of its events has no list of openings')
  return { entry, body, openings: openings.map(openingOf), proof }
}

function openingOf(value: unknown): FieldOpening {
  const { pointer, salt, value: opened } = membersOf(value, ['pointer', 'salt', 'value'])
  if (typeof pointer !== 'string' || typeof salt !== 'string')
    throw invalid('an opening has no place or no salt')
  return { pointer, salt, value: opened as Json }
}

function membersOf(value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('it is no object')
  const keys = Object.keys(value)
  if (keys.length !== names.length || !keys.every((key) => names.includes(key)))
    throw invalid(`it does not have exactly the members ${names.join(', ')}`)
  return value as Readonly<Record<string, unknown>>
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function invalid(problem: string, cause?: unknown): AuditLogError {
  return new AuditLogError('ERR_LOG_PROOF_INVALID', `this is no receipt: ${problem}`, { cause })
}
