import { type Json, type JsonObject, sha256Hex } from '@gatewright/core'
import type { EventFacts } from '../event-facts'
import { objectOf } from '../fact-person'
import type { ExportRecord } from '../log-records'
import {
  EVENT_KINDS,
  EventClasses,
  type EventKind,
  OCSF_VERSION,
  Severity,
  UNKNOWN_KIND,
} from './event-classes'
import { EventData, given } from './event-data'
import { actorOf, observablesOf } from './people'

/** `algorithm_id` of SHA-256. */
const SHA_256 = 3

/** One event in the terms of OCSF. What the schema has no place for stands in `unmapped`, so that nothing is lost. */
export function ocsfEvent(record: ExportRecord, facts: EventFacts): JsonObject {
  const { event, text } = record
  const data = new EventData(event.data)
  const kind = kindOf(record)
  const eventClass = EventClasses[kind.class]
  const [activity, activityName] = kind.activity
  const [status, statusName] = kind.status
  const body = {
    ...bodyOf(kind, record, facts, data),
    ...controlOf(kind, data),
    ...riskOf(data),
    status_detail: data.text('reason') ?? (kind.class === 'api' ? data.text('note') : undefined),
  }
  const observables = observablesOf(facts)
  return given({
    time: event.time,
    class_uid: eventClass.uid,
    class_name: eventClass.name,
    category_uid: eventClass.categoryUid,
    category_name: eventClass.categoryName,
    activity_id: activity,
    activity_name: activityName,
    type_uid: eventClass.uid * 100 + activity,
    type_name: `${eventClass.name}: ${activityName}`,
    severity_id: kind.severity,
    severity: Severity[kind.severity],
    status_id: status,
    status: statusName,
    message: messageOf(event.type, facts),
    ...body,
    observables: observables.length === 0 ? undefined : observables,
    metadata: metadataOf(record, facts, 'action_id' in body || 'policy' in body || 'risk_level_id' in body),
    raw_data_hash: { algorithm: 'SHA-256', algorithm_id: SHA_256, value: sha256Hex(text) },
    unmapped: unmappedOf(record, data),
  })
}

function kindOf({ event: { data, type } }: ExportRecord): EventKind {
  const kind = Object.hasOwn(EVENT_KINDS, type) ? EVENT_KINDS[type] : UNKNOWN_KIND
  // Nobody and no rule had approved it: what a gate does that only observes.
  if (type === 'execution.started' && data.basis === 'observe')
    return { ...kind, severity: 3, control: [3, 'Observed', 17, 'Logged'] }
  if (type === 'execution.started' && data.basis === 'votes')
    return { ...kind, control: [1, 'Allowed', 8, 'Approved'] }
  if (type === 'request.created' && typeof data.basis === 'string')
    return {
      ...kind,
      control: data.basis === 'observe' ? [3, 'Observed', 17, 'Logged'] : [1, 'Allowed', 1, 'Allowed'],
    }
  if (type === 'gate.started' && data.mode === 'observe') return { ...kind, severity: 3 }
  if (type === 'delivery.failed' && data.final === true) return { ...kind, severity: 3 }
  return kind
}

/** The attributes of the class. */
function bodyOf(
  kind: EventKind,
  { event, origin }: ExportRecord,
  facts: EventFacts,
  data: EventData,
): Readonly<Record<string, Json | undefined>> {
  // A person without more than a name is said whole by the actor.
  const by = objectOf(data.see('by'))
  const isPlain = by !== null && typeof by.issuer === 'string' && typeof by.subject === 'string'
  if (facts.actor !== null && isPlain && Object.keys(by).length === 2) data.take('by')
  const actor = actorOf(facts, event.source)
  const src_endpoint = { svc_name: event.source }
  switch (kind.class) {
    case 'api':
      return {
        actor,
        api: apiOf(event.subject, facts, data),
        duration: data.integer('durationMs'),
        src_endpoint,
      }
    case 'entity':
      return { actor, entity: entityOf(event.type, facts, data), comment: data.text('note'), src_endpoint }
    case 'lifecycle':
      return { app: { name: event.source, vendor_name: 'Gatewright' } }
    case 'log':
      return {
        actor,
        log_name: event.type.startsWith('log.') ? event.source : origin,
        log_provider: 'Gatewright',
      }
    case 'base':
      return { actor }
  }
}

function apiOf(subject: string, facts: EventFacts, data: EventData): JsonObject {
  const message = data.text('summary')
  const response = given({ message, data: responseOf(data) })
  return given({
    operation: facts.action ?? 'unknown',
    request: given({ uid: facts.requestId ?? subject, data: requestOf(data) }),
    response: Object.keys(response).length === 0 ? undefined : response,
  })
}

/** What was asked for: the arguments as reviewers saw them, and their digest. */
function requestOf(data: EventData): JsonObject | undefined {
  // Also said by api.operation.
  data.text('action')
  const request = given({
    arguments: data.take('arguments') ?? undefined,
    argumentsDigest: data.text('argumentsDigest'),
  })
  return Object.keys(request).length === 0 ? undefined : request
}

function responseOf(data: EventData): JsonObject | undefined {
  const resultDigest = data.text('resultDigest')
  return resultDigest === undefined ? undefined : { resultDigest }
}

/** What is managed: a grant is a policy that a reviewer gave; requests and credentials are of no kind that the schema has. */
function entityOf(type: string, { action, requestId }: EventFacts, data: EventData): JsonObject {
  data.text('action')
  if (type.startsWith('grant.')) {
    const uid = data.text('grantId') ?? 'unknown'
    return given({
      uid,
      name: action ?? undefined,
      type_id: 5,
      type: 'Policy',
      policy: { uid, type: 'Standing Grant' },
    })
  }
  if (type.startsWith('credential.'))
    return given({
      uid: data.text('leaseId') ?? 'unknown',
      name: data.text('broker'),
      type_id: 99,
      type: 'Credential',
    })
  const details = requestOf(data)
  return given({
    uid: requestId ?? 'unknown',
    name: action ?? undefined,
    type_id: 99,
    type: 'Approval Request',
    data: details,
  })
}

/** What the gate did, and the rules it asked (profile `security_control`). */
function controlOf({ control }: EventKind, data: EventData): Readonly<Record<string, Json | undefined>> {
  const uid = data.text('policyHash')
  return {
    ...(control === undefined
      ? {}
      : { action_id: control[0], action: control[1], disposition_id: control[2], disposition: control[3] }),
    ...(uid === undefined ? {} : { policy: { uid } }),
    ...authorizationsOf(data),
  }
}

function authorizationsOf(data: EventData): Readonly<Record<string, Json>> {
  const rules = data.see('rules')
  if (!Array.isArray(rules) || rules.length === 0) return {}
  const authorizations: JsonObject[] = []
  for (const rule of rules) {
    const { effect, id, reason, version } = objectOf(rule) ?? {}
    if (typeof effect !== 'string' || typeof id !== 'string') return {}
    const policy = given({
      uid: id,
      version: version === undefined || version === null ? undefined : `${version}`,
      desc: typeof reason === 'string' ? reason : undefined,
    })
    authorizations.push({ decision: effect, policy })
  }
  // Whether a rule failed has no place: the rules stay in `unmapped` then.
  if (!rules.some((rule) => objectOf(rule)?.failed !== false)) data.take('rules')
  return { authorizations }
}

const RISK_LEVELS: Readonly<Record<string, readonly [number, string]>> = {
  low: [1, 'Low'],
  medium: [2, 'Medium'],
  high: [3, 'High'],
  critical: [4, 'Critical'],
}

function riskOf(data: EventData): Readonly<Record<string, Json | undefined>> {
  const { level, score } = objectOf(data.see('risk')) ?? {}
  const known =
    typeof level === 'string' && Object.hasOwn(RISK_LEVELS, level) ? RISK_LEVELS[level] : undefined
  if (known === undefined) return {}
  return {
    risk_level_id: known[0],
    risk_level: known[1],
    risk_score: Number.isSafeInteger(score) ? (score as number) : undefined,
  }
}

function metadataOf(
  { event, index, origin }: ExportRecord,
  facts: EventFacts,
  controls: boolean,
): JsonObject {
  return given({
    version: OCSF_VERSION,
    product: { name: 'Gatewright', vendor_name: 'Gatewright' },
    uid: event.id,
    event_code: event.type,
    correlation_uid: facts.requestId ?? undefined,
    log_name: origin,
    log_provider: 'Gatewright',
    log_format: 'CloudEvents JSON',
    original_time: new Date(event.time).toISOString(),
    sequence: index,
    profiles: controls ? ['security_control'] : undefined,
  })
}

/** In a few words, for a list. */
function messageOf(type: string, { action, actor, basis, decision, requester }: EventFacts): string {
  const who = actor?.name ?? actor?.subject ?? requester
  const parts = [type, action, basis === null ? null : `on ${basis}`, who === null ? null : `by ${who}`]
  // A vote's type does not tell which way it went.
  if (type === 'request.vote-cast') parts.splice(1, 0, decision)
  return parts.filter((part) => part !== null).join(' ')
}

function unmappedOf({ event: { previous, source } }: ExportRecord, data: EventData): JsonObject {
  const chain = previous === null ? { source } : { source, previous }
  return { ...data.rest(), ...chain }
}
