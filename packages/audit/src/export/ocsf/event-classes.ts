import type { LogEventType } from '../../event'

/** The version of the schema that is written. */
export const OCSF_VERSION = '1.8.0'

/** A class of the schema, with its place in it. */
export interface EventClass {
  readonly uid: number
  readonly name: string
  readonly categoryUid: number
  readonly categoryName: string
}

const APPLICATION = { categoryUid: 6, categoryName: 'Application Activity' }

/** The classes that are used. docs/audit.md says why. */
export const EventClasses = {
  base: { uid: 0, name: 'Base Event', categoryUid: 0, categoryName: 'Uncategorized' },
  log: { uid: 1008, name: 'Event Log Activity', categoryUid: 1, categoryName: 'System Activity' },
  entity: {
    uid: 3004,
    name: 'Entity Management',
    categoryUid: 3,
    categoryName: 'Identity & Access Management',
  },
  lifecycle: { uid: 6002, name: 'Application Lifecycle', ...APPLICATION },
  api: { uid: 6003, name: 'API Activity', ...APPLICATION },
} as const satisfies Readonly<Record<string, EventClass>>

export const Severity = { 1: 'Informational', 2: 'Low', 3: 'Medium', 4: 'High' } as const

/** How an event stands in the schema. */
export interface EventKind {
  readonly class: keyof typeof EventClasses
  /** `activity_id` and its name. 99 is what the class has no activity for. */
  readonly activity: readonly [id: number, name: string]
  /** `status_id` and its name. 99 is neither a success nor a failure. */
  readonly status: readonly [id: number, name: string]
  readonly severity: keyof typeof Severity
  /** What the gate did to the action: `action_id` and `disposition_id`, each with its name. */
  readonly control?: readonly [id: number, name: string, disposition: number, name: string]
}

const SUCCESS = [1, 'Success'] as const
const FAILURE = [2, 'Failure'] as const
const CREATE = [1, 'Create'] as const
const UPDATE = [3, 'Update'] as const
const DELETE = [4, 'Delete'] as const
const ACTIVATE = [10, 'Activate'] as const
const DEACTIVATE = [11, 'Deactivate'] as const
const EXECUTE = [99, 'Execute'] as const
const DELIVER = [99, 'Deliver'] as const
const BLOCKED = [2, 'Denied', 2, 'Blocked'] as const

const asEntity = (
  activity: EventKind['activity'],
  more: Partial<Omit<EventKind, 'class' | 'activity'>> = {},
): EventKind => ({ class: 'entity', activity, status: SUCCESS, severity: 1, ...more })

const asCall = (
  status: EventKind['status'],
  severity: EventKind['severity'],
  control?: EventKind['control'],
): EventKind => ({
  class: 'api',
  activity: EXECUTE,
  status,
  severity,
  ...(control === undefined ? {} : { control }),
})

const asOther = (
  which: 'log' | 'lifecycle',
  activity: EventKind['activity'],
  severity: EventKind['severity'],
  status: EventKind['status'] = SUCCESS,
): EventKind => ({ class: which, activity, status, severity })

/** Where each type of event stands. */
export const EVENT_KINDS: Readonly<Record<LogEventType, EventKind>> = {
  'request.created': asEntity(CREATE, { control: [99, 'Held', 14, 'Delayed'] }),
  'request.vote-cast': asEntity(UPDATE),
  'request.edited': asEntity(UPDATE, { control: [4, 'Modified', 99, 'Edited'] }),
  'request.approved': asEntity(ACTIVATE, { control: [1, 'Allowed', 8, 'Approved'] }),
  'request.rejected': asEntity(DEACTIVATE, { severity: 2, control: [2, 'Denied', 25, 'Rejected'] }),
  'request.expired': asEntity(DEACTIVATE, { severity: 2, control: BLOCKED }),
  'request.cancelled': asEntity(DEACTIVATE, { control: [2, 'Denied', 6, 'Dropped'] }),
  'request.undeliverable': asEntity(DEACTIVATE, { severity: 3, status: FAILURE, control: BLOCKED }),
  'request.lapsed': asEntity(DEACTIVATE, { severity: 2, control: BLOCKED }),
  'request.invalidated': asEntity(DEACTIVATE, { severity: 3, control: BLOCKED }),
  'request.reminded': asEntity([99, 'Remind']),
  'request.escalated': asEntity([99, 'Escalate'], { severity: 2 }),
  'vote.refused': asEntity(UPDATE, { severity: 3, status: FAILURE, control: BLOCKED }),
  'delivery.sent': asEntity(DELIVER),
  'delivery.failed': asEntity(DELIVER, { severity: 2, status: FAILURE }),
  'credential.leased': asEntity([99, 'Lease']),
  'credential.issued': asEntity(CREATE, { severity: 2 }),
  'credential.revoked': asEntity(DELETE),
  'credential.revocation-failed': asEntity(DELETE, { severity: 4, status: FAILURE }),
  'grant.created': asEntity(CREATE, { severity: 2 }),
  'grant.endorsed': asEntity(UPDATE, { severity: 2 }),
  'grant.revoked': asEntity(DELETE),
  'identity.linked': asEntity(CREATE, { severity: 2 }),
  'identity.unlinked': asEntity(DELETE),
  'execution.started': asCall([99, 'Started'], 1, [1, 'Allowed', 1, 'Allowed']),
  'execution.succeeded': asCall(SUCCESS, 1),
  'execution.failed': asCall(FAILURE, 2),
  'execution.blocked': asCall(FAILURE, 3, BLOCKED),
  'execution.unknown': asCall([0, 'Unknown'], 4),
  'execution.late-outcome': asCall([99, 'Late outcome'], 2),
  'execution.reconciled': { ...asCall([99, 'Reconciled'], 2), activity: [99, 'Reconcile'] },
  'execution.recorded': { ...asCall(SUCCESS, 1), activity: [99, 'Record'] },
  'call.denied': asCall(FAILURE, 2, BLOCKED),
  'call.refused': asCall(FAILURE, 2, BLOCKED),
  'audit.degraded': asOther('log', [99, 'Degrade'], 4, FAILURE),
  'audit.restored': asOther('log', [99, 'Restore'], 2),
  'log.opened': asOther('log', [6, 'Start'], 1),
  'log.closed': asOther('log', [7, 'Stop'], 1),
  'log.cut': asOther('log', [99, 'Cut'], 3),
  'log.rotated-key': asOther('log', [99, 'Rotate key'], 2),
  'log.proved-key': asOther('log', [99, 'Prove key'], 1),
  'log.redacted': asOther('log', [99, 'Redact'], 2),
  'gate.started': asOther('lifecycle', [3, 'Start'], 1),
  'gate.sealed': asOther('lifecycle', [7, 'Disable'], 4, FAILURE),
  'gate.closed': asOther('lifecycle', [4, 'Stop'], 1),
}

/** A type that a later version wrote. */
export const UNKNOWN_KIND: EventKind = {
  class: 'base',
  activity: [99, 'Other'],
  status: [0, 'Unknown'],
  severity: 1,
}
