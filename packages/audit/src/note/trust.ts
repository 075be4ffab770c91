import { AuditLogError } from '../errors'
import { type ParsedCheckpoint, parseCheckpoint } from './checkpoint'
import { findRepeatedKey } from './repeated-key'
import { parseVerifierKey, type Verifier } from './verifier-key'
import { verifyNote } from './verify-note'

/** A public key, and the heads that it may sign. */
export interface TrustedKey {
  /** Its verifier key. Its name is the origin of the log it signs for. */
  readonly vkey: string
  /** The smallest tree size that it may sign. */
  readonly from: number
  /** The largest tree size that it may sign; `null` while it is in use. */
  readonly to: number | null
}

/** A checkpoint that a trusted key signed. */
export interface OpenedCheckpoint {
  readonly checkpoint: ParsedCheckpoint
  /** The keys of the log that signed it, within their ranges. At least one. */
  readonly signedBy: readonly TrustedKey[]
}

const FORMAT = 'gatewright-trust/1'

/**
 * The text of a trust file: what an auditor gets on a way that the log's operator cannot change.
 *
 * @throws AuditLogError `ERR_LOG_TRUST_INVALID` for keys that {@link parseTrust} would refuse
 */
export function formatTrust(keys: readonly TrustedKey[]): string {
  const plain = keys.map(({ vkey, from, to }) => ({ vkey, from, to }))
  const text = `${JSON.stringify({ format: FORMAT, keys: plain }, null, 2)}\n`
  parseTrust(text)
  return text
}

/**
 * The keys in a trust file. Strict: an unknown member, a repeated one, a key twice or a range that is none refuses the whole
 * file, so that a slip does not widen trust.
 *
 * @throws AuditLogError `ERR_LOG_TRUST_INVALID`, and `ERR_LOG_KEY_INVALID` in its cause for a verifier key that is none
 */
export function parseTrust(text: string): TrustedKey[] {
  const file = readJson(text)
  if (!isRecord(file, ['format', 'keys'])) throw invalid('it must have the members "format" and "keys" alone')
  if (file.format !== FORMAT) throw invalid(`its format is not ${FORMAT}`)
  if (!Array.isArray(file.keys) || file.keys.length === 0) throw invalid('it names no key')
  const seen = new Set<string>()
  return file.keys.map((key: unknown, at) => {
    const trusted = keyOf(key, `keys[${at}]`)
    const { name, keyId } = verifierOf(trusted.vkey, `keys[${at}].vkey`)
    const id = `${name}+${keyId}`
    if (seen.has(id)) throw invalid(`keys[${at}] names a key a second time`)
    seen.add(id)
    return trusted
  })
}

/**
 * Opens the checkpoint of a log: the note must be signed by a trusted key named like the log, for that tree size. Other
 * trusted keys are checked too: a bad signature of any of them rejects it.
 *
 * @param origin - of the log
 * @throws AuditLogError `ERR_LOG_NOTE_INVALID`, `ERR_LOG_CHECKPOINT_INVALID`, `ERR_LOG_SIGNATURE_INVALID`,
 *   `ERR_LOG_SIGNATURE_UNKNOWN`; `ERR_LOG_KEY_OUT_OF_RANGE` when only keys signed that are not valid for that size
 */
export function openCheckpoint(
  note: string | Uint8Array,
  trust: { readonly origin: string; readonly keys: readonly TrustedKey[] },
): OpenedCheckpoint {
  const trusted = new Map<Verifier, TrustedKey>()
  for (const key of trust.keys) trusted.set(verifierOf(key.vkey, 'a vkey'), key)
  const { text, signedBy } = verifyNote(note, [...trusted.keys()])
  const checkpoint = parseCheckpoint(text)
  if (checkpoint.origin !== trust.origin)
    throw new AuditLogError(
      'ERR_LOG_CHECKPOINT_INVALID',
      `the checkpoint is of the log ${checkpoint.origin}, not of ${trust.origin}`,
    )
  // A key that is trusted for one log says nothing about another.
  const own = signedBy.filter(({ name }) => name === trust.origin)
  if (own.length === 0)
    throw new AuditLogError(
      'ERR_LOG_SIGNATURE_UNKNOWN',
      `no trusted key of the log ${trust.origin} signed its checkpoint`,
    )
  const valid = own
    .flatMap((verifier) => trusted.get(verifier) ?? [])
    .filter((key) => isValidFor(key, checkpoint.size))
  if (valid.length === 0) {
    throw new AuditLogError(
      'ERR_LOG_KEY_OUT_OF_RANGE',
      `the checkpoint of ${checkpoint.size} entries is signed by a key that is not valid for that size`,
    )
  }
  return { checkpoint, signedBy: valid }
}

/** Whether a key may sign a head of that size. */
export function isValidFor({ from, to }: TrustedKey, size: number): boolean {
  return size >= from && (to === null || size <= to)
}

function keyOf(key: unknown, where: string): TrustedKey {
  if (!isRecord(key, ['vkey', 'from', 'to']))
    throw invalid(`${where} must have the members "vkey", "from" and "to" alone`)
  const { vkey, from, to } = key
  if (typeof vkey !== 'string') throw invalid(`${where}.vkey is no text`)
  if (!isCount(from)) throw invalid(`${where}.from is no tree size`)
  if (to !== null && !(isCount(to) && to >= from))
    throw invalid(`${where}.to is no tree size from "from" on, nor null`)
  return { vkey, from, to }
}

function verifierOf(vkey: string, where: string): Verifier {
  try {
    return parseVerifierKey(vkey)
  } catch (cause) {
    throw invalid(`${where} is no verifier key`, cause)
  }
}

function readJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw invalid('it is no JSON', cause)
  }
  const repeated = findRepeatedKey(text)
  if (repeated !== null) throw invalid(`it repeats the member ${JSON.stringify(repeated)}`)
  return value
}

function isRecord(value: unknown, names: readonly string[]): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const keys = Object.keys(value)
  return keys.length === names.length && keys.every((key) => names.includes(key))
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function invalid(problem: string, cause?: unknown): AuditLogError {
  return new AuditLogError('ERR_LOG_TRUST_INVALID', `the trust file cannot be used: ${problem}`, { cause })
}
