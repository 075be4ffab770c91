import type { AuditEvent, Json, ReviewLeaf } from '@gatewright/core'
import type { MockApprover } from './mock-approver'
import { shownArguments } from './mock-approver-arguments'
import type { RecordingAudit } from './recording-audit'

/** A call that people were asked about: its named arguments, as they were shown. */
export interface Requested {
  readonly action: string
  readonly args: Json
  /** Writes what a test expects the way `args` are written. */
  readonly encode: (expected: unknown) => unknown
}

/** Whether a value is what `mockApprover()` makes. */
export function isMockApprover(value: unknown): value is MockApprover {
  return typeof value === 'object' && value !== null && 'seen' in value && 'deliver' in value
}

/** Whether a value is what `recordingAudit()` makes, or another sink that shows its events. */
export function isRecordingAudit(value: unknown): value is Pick<RecordingAudit, 'events'> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'append' in value &&
    'events' in value &&
    Array.isArray(value.events)
  )
}

/** Every call that was asked about, in order; one entry a document, however often it was delivered. */
export function requestedOf(source: MockApprover | Pick<RecordingAudit, 'events'>): readonly Requested[] {
  return 'seen' in source ? requestedFrom(source) : requestedIn(source)
}

function requestedFrom({ seen }: MockApprover): readonly Requested[] {
  const documents = new Map(
    seen.map(({ review }) => [`${review.requestId} ${review.content.argumentsDigest}`, review]),
  )
  return [...documents.values()].map(({ content }) => ({
    action: content.action,
    args: shownArguments(content),
    encode: encodedAsShown,
  }))
}

function requestedIn({ events }: Pick<RecordingAudit, 'events'>): readonly Requested[] {
  return events.filter(isRequest).map(({ data }) => ({
    action: actionOf(data),
    args: shownArguments({
      arguments: argumentsOf(data).map(([path, text]) => textLeaf(path, text)),
    }),
    encode: encodedAsLogged,
  }))
}

/** The log keeps `[JSON Pointer, text]` for each leaf. */
function textLeaf(path: string, text: Json): ReviewLeaf {
  return { path, type: 'string', text: String(text), marks: [], omitted: 0 }
}

/** What a test writes (`new Date(0)`, `10n`), as a document shows it. */
function encodedAsShown(expected: unknown): unknown {
  return mapLeaves(expected, (leaf) => {
    if (leaf === undefined) return { $type: 'undefined' }
    if (typeof leaf === 'bigint') return { $type: 'bigint', value: String(leaf) }
    if (leaf instanceof Date) return { $type: 'date', value: leaf.toISOString() }
    return leaf instanceof URL ? { $type: 'url', value: leaf.href } : leaf
  })
}

function encodedAsLogged(expected: unknown): unknown {
  return mapLeaves(expected, (leaf) => {
    if (leaf instanceof Date) return leaf.toISOString()
    if (leaf instanceof URL) return leaf.href
    return typeof leaf === 'object' && leaf !== null ? leaf : String(leaf)
  })
}

/** Lists and plain objects are walked; anything else, asymmetric matchers too, is a leaf. */
function mapLeaves(value: unknown, map: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((inner) => mapLeaves(inner, map))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return map(value)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapLeaves(inner, map)]))
}

/** The action of each execution that the log says was started. */
export function startedActions({ events }: Pick<RecordingAudit, 'events'>): readonly string[] {
  const requested = new Map(events.filter(isRequest).map(({ subject, data }) => [subject, actionOf(data)]))
  return events
    .filter(({ type }) => type === 'execution.started')
    .map(({ subject, data }) =>
      typeof data.action === 'string' ? data.action : (requested.get(subject) ?? ''),
    )
}

function isRequest({ type }: AuditEvent): boolean {
  return type === 'request.created'
}

function actionOf({ action }: AuditEvent['data']): string {
  return typeof action === 'string' ? action : ''
}

function argumentsOf({ arguments: args }: AuditEvent['data']): readonly (readonly [string, Json])[] {
  return Array.isArray(args) ? (args as readonly (readonly [string, Json])[]) : []
}
