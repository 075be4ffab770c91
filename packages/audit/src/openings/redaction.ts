import { join } from 'node:path'
import { checkOptions, type Json, OptionError } from '@gatewright/core'
import { AuditLogError } from '../errors'
import { errorCode, type Files, replaceFile } from '../journal/files'
import { type FieldPlace, fieldKey, type OpeningLine, openingsFile } from './opening-line'
import type { OpeningsStore } from './openings-store'

/** Which committed values to erase, and why. All that is given must hold; requests or a text are needed. */
export interface Redaction {
  /** Of what these requests or calls told. */
  readonly requestIds?: readonly string[]
  /** Wherever a committed value holds this text, in capitals or not: a name, an address. */
  readonly containing?: string
  /** At these places only: JSON Pointers into the event's data, such as `/note`. */
  readonly pointers?: readonly string[]
  /** Stands in the log: not the value itself. */
  readonly reason: string
  /** Who had it erased, in words. */
  readonly by: string
  /** Only tells what would be erased. @default false */
  readonly dryRun?: boolean
}

/** What a redaction erased. */
export interface RedactionReport {
  readonly fields: readonly FieldPlace[]
}

/** A redaction on its way: written down before its event is, so that a crash leaves no half of it. */
interface Intent {
  readonly by: string
  readonly reason: string
  readonly fields: readonly FieldPlace[]
}

/** The most fields one event names. */
const MOST_FIELDS = 400

/** Appends events of the log's own, in one batch. */
export type RecordRedactions = (data: readonly { readonly [key: string]: Json }[]) => Promise<void>

/**
 * Checks what is to be erased.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 */
export function checkRedaction(redaction: Redaction): Redaction {
  checkOptions(redaction, ['requestIds', 'containing', 'pointers', 'reason', 'by', 'dryRun'], 'redact')
  const { by, containing, dryRun, pointers, reason, requestIds } = redaction
  if (requestIds === undefined && containing === undefined)
    throw new OptionError('redact.requestIds', 'name requests, or a text: not everything is erased at once')
  if (containing !== undefined && (typeof containing !== 'string' || containing.trim() === ''))
    throw new OptionError('redact.containing', 'must be a text that is not empty')
  for (const [name, list] of Object.entries({ requestIds, pointers })) {
    if (list === undefined) continue
    if (!Array.isArray(list) || list.length === 0 || !list.every((one) => typeof one === 'string'))
      throw new OptionError(`redact.${name}`, 'must be a list of texts that is not empty')
  }
  for (const [name, text] of Object.entries({ reason, by })) {
    if (typeof text !== 'string' || text.trim() === '' || text.length > 1_000)
      throw new OptionError(`redact.${name}`, 'is needed: a text of at most 1,000 characters')
  }
  if (dryRun !== undefined && typeof dryRun !== 'boolean')
    throw new OptionError('redact.dryRun', 'must be true or false')
  return redaction
}

/** Erases: writes down what will be erased, records it in the log, erases it. */
export async function redact(
  files: Files,
  directory: string,
  store: OpeningsStore,
  { by, reason, dryRun = false, ...wanted }: Redaction,
  record: RecordRedactions,
): Promise<RedactionReport> {
  const found = await store.find(matcher(wanted))
  const fields = found.map(({ id, index, pointer }) => ({ id, index, pointer }))
  if (fields.length === 0 || dryRun) return { fields }
  const intent: Intent = { by, reason, fields }
  const path = intentPath(directory)
  await replaceFile(files, path, Buffer.from(JSON.stringify(intent)), `${path}.new`)
  await files.syncDirectory(directory)
  await carryOut(files, directory, store, intent, record)
  return { fields }
}

/** Finishes a redaction that a crash cut off; its event may then stand in the log a second time. */
export async function finishRedaction(
  files: Files,
  directory: string,
  store: OpeningsStore,
  record: RecordRedactions,
): Promise<void> {
  const path = intentPath(directory)
  const bytes = await files.read(path)
  if (bytes !== null) await carryOut(files, directory, store, parseIntent(bytes, path), record)
}

async function carryOut(
  files: Files,
  directory: string,
  store: OpeningsStore,
  { by, fields, reason }: Intent,
  record: RecordRedactions,
): Promise<void> {
  const events: { readonly [key: string]: Json }[] = []
  for (let at = 0; at < fields.length; at += MOST_FIELDS) {
    const named = fields.slice(at, at + MOST_FIELDS).map(({ id, index, pointer }) => [index, id, pointer])
    events.push({ by, fields: named, reason })
  }
  // The event first: a value that is gone without one would look like tampering, for ever.
  await record(events)
  const gone = new Set(fields.map(fieldKey))
  const touched = new Set(fields.map(({ index }) => openingsFile(index)))
  await store.erase(touched, (line) => !gone.has(fieldKey(line)))
  await files.unlink(intentPath(directory))
}

function matcher({ containing, pointers, requestIds }: Omit<Redaction, 'by' | 'reason' | 'dryRun'>) {
  const requests = requestIds === undefined ? null : new Set(requestIds)
  const wanted = containing?.toLowerCase()
  return (line: OpeningLine): boolean =>
    (requests === null || requests.has(line.about)) &&
    (pointers === undefined || pointers.includes(line.pointer)) &&
    (wanted === undefined || holdsText(line.value, wanted))
}

function holdsText(value: Json, wanted: string): boolean {
  if (typeof value === 'string') return value.toLowerCase().includes(wanted)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(
    ([key, inner]) => holdsText(key, wanted) || holdsText(inner as Json, wanted),
  )
}

function intentPath(directory: string): string {
  return join(directory, 'redacting')
}

function parseIntent(bytes: Buffer, path: string): Intent {
  try {
    const { by, fields, reason } = JSON.parse(bytes.toString()) as Intent
    return {
      by: `${by}`,
      reason: `${reason}`,
      fields: fields.map(({ id, index, pointer }) => ({ id: `${id}`, index: +index, pointer: `${pointer}` })),
    }
  } catch (cause) {
    throw new AuditLogError(
      'ERR_LOG_DAMAGED',
      `${path}: this is no record of a redaction (${errorCode(cause) ?? 'JSON'})`,
      { place: { file: path }, cause },
    )
  }
}
