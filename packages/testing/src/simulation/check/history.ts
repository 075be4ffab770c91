import type { AuditEvent } from '@gatewright/core'
import type { Violation } from '../evidence'
import {
  listOf,
  names,
  numberOf,
  objectOf,
  personOf,
  requirementsOf,
  type StageFact,
  textOf,
  type VoteFact,
  voteOf,
} from './facts'

/** The life of one request or direct call, as its chain tells it. */
export interface History {
  readonly subject: string
  readonly events: readonly AuditEvent[]
  /** `request`: it began with `request.created`; `direct`: with `execution.started`. */
  readonly kind: 'request' | 'direct'
  readonly created: AuditEvent
  readonly action: string | null
  /** Of the arguments that were proposed. */
  readonly proposed: string | null
  /** Of the arguments that would run. */
  readonly digest: string | null
  readonly requirements: readonly (readonly StageFact[])[]
  readonly votes: readonly VoteFact[]
  readonly approved: AuditEvent | null
  readonly started: AuditEvent | null
  readonly outcome: AuditEvent | null
  readonly late: AuditEvent | null
  /** What the last word of the log says became of it. */
  readonly status: string
  readonly retryOf: string | null
  readonly attempt: number
  readonly basis: string | null
  readonly useBefore: number | null
  readonly expiresAt: number | null
  /** Ids of votes that an earlier attempt's approval stood on. */
  readonly carried: readonly string[]
  /** Review digests that an approving vote could rightly carry, each from the event's number on. */
  readonly reviewDigests: readonly { readonly from: number; readonly digest: string | null }[]
  readonly excluded: readonly string[]
}

type Status = 'pending' | 'approved' | 'executing' | 'unknown' | 'ended'

/** What may follow what: DESIGN section 3, written down once more. */
const FOLLOWS: Readonly<Record<Status, Readonly<Record<string, Status>>>> = {
  pending: {
    'request.vote-cast': 'pending',
    'request.edited': 'pending',
    'request.reminded': 'pending',
    'request.escalated': 'pending',
    'request.approved': 'approved',
    'request.rejected': 'ended',
    'request.expired': 'ended',
    'request.cancelled': 'ended',
    'request.undeliverable': 'ended',
  },
  approved: {
    'execution.started': 'executing',
    'request.cancelled': 'ended',
    'request.lapsed': 'ended',
    'request.invalidated': 'ended',
  },
  executing: {
    'execution.succeeded': 'ended',
    'execution.failed': 'ended',
    'execution.blocked': 'ended',
    'execution.unknown': 'unknown',
  },
  unknown: { 'execution.late-outcome': 'unknown', 'execution.reconciled': 'unknown' },
  ended: {},
}

const OUTCOMES = ['execution.succeeded', 'execution.failed', 'execution.blocked', 'execution.unknown']

/** The chains that are lives of calls, read; with what is illegal in them. */
export function readHistories(chains: ReadonlyMap<string, readonly AuditEvent[]>): {
  readonly histories: ReadonlyMap<string, History>
  readonly violations: readonly Violation[]
} {
  const histories = new Map<string, History>()
  const violations: Violation[] = []
  for (const [subject, events] of chains) {
    const first = events[0]
    if (first === undefined) continue
    const direct = first.type === 'execution.started'
    if (!direct && first.type !== 'request.created') {
      if (STANDS_ALONE.has(first.type)) continue
      violations.push({ promise: 'I7', subject, what: `the chain begins with ${first.type}` })
      continue
    }
    histories.set(subject, readHistory(subject, events, first, direct))
    violations.push(...grammarProblems(events, first, direct))
  }
  return { histories, violations }
}

const STANDS_ALONE = new Set<string>([
  'call.denied',
  'call.refused',
  'vote.refused',
  'delivery.sent',
  'delivery.failed',
  'execution.recorded',
  'audit.degraded',
  'audit.restored',
  'gate.started',
  'gate.sealed',
  'gate.closed',
  'grant.created',
  'grant.endorsed',
  'grant.revoked',
  'credential.leased',
  'credential.issued',
  'credential.revoked',
  'credential.revocation-failed',
  'identity.linked',
  'identity.unlinked',
])

function grammarProblems(events: readonly AuditEvent[], first: AuditEvent, direct: boolean): Violation[] {
  const violations: Violation[] = []
  let status: Status = direct ? 'executing' : first.data.status === 'approved' ? 'approved' : 'pending'
  for (const event of events.slice(1)) {
    const next: Status | undefined = FOLLOWS[status][event.type]
    if (next === undefined) {
      const promise =
        event.type === 'execution.started' ? 'I3' : event.type.startsWith('execution.') ? 'I8' : 'I6'
      violations.push({
        promise,
        subject: event.subject,
        what: `${event.type} follows when all was ${status}`,
      })
    }
    status = next ?? status
  }
  for (const [type, promise] of [
    ['execution.started', 'I3'],
    ['execution.late-outcome', 'I8'],
  ] as const) {
    if (events.filter((event) => event.type === type).length > 1)
      violations.push({ promise, subject: first.subject, what: `${type} stands there twice` })
  }
  return violations
}

function readHistory(
  subject: string,
  events: readonly AuditEvent[],
  created: AuditEvent,
  direct: boolean,
): History {
  const find = (type: string) => events.find((event) => event.type === type) ?? null
  const edits = events.filter(({ type }) => type === 'request.edited')
  const lastEdit = edits.at(-1)
  const { data } = created
  const outcome = events.find(({ type }) => OUTCOMES.includes(type)) ?? null
  const approved = find('request.approved')
  return {
    subject,
    events,
    kind: direct ? 'direct' : 'request',
    created,
    action: textOf(data.action),
    proposed: textOf(data.argumentsDigest),
    digest: textOf((lastEdit ?? created).data.argumentsDigest),
    requirements: requirementsOf((lastEdit ?? created).data.requirements),
    votes: events.filter(({ type }) => type === 'request.vote-cast').map(voteOf),
    approved,
    started: find('execution.started'),
    outcome,
    late: find('execution.late-outcome'),
    status: statusOf(events, direct, data),
    retryOf: textOf(data.retryOf),
    attempt: numberOf(data.attempt) ?? 1,
    basis: textOf(approved?.data.basis ?? data.basis),
    useBefore: numberOf(approved?.data.useBefore ?? data.useBefore),
    expiresAt: numberOf(data.expiresAt),
    carried: listOf(data.carriedVotes).map((vote) => textOf(objectOf(vote).voteId) ?? ''),
    reviewDigests: [created, ...edits].map((event) => ({
      from: event.seq,
      digest: textOf(event.data.reviewDigest),
    })),
    excluded: [objectOf(data.requester).owner, data.onBehalfOf].flatMap((one) => personOf(one) ?? []),
  }
}

function statusOf(events: readonly AuditEvent[], direct: boolean, created: AuditEvent['data']): string {
  const telling = events.filter(({ type }) => !UNTELLING.has(type)).at(-1)
  if (telling === undefined) return direct ? 'executing' : String(created.status)
  return telling.type === 'execution.started'
    ? 'executing'
    : telling.type.replace(/^(request|execution)\./, '')
}

/** Events that leave the status as it is. */
const UNTELLING = new Set<string>([
  'request.created',
  'request.vote-cast',
  'request.edited',
  'request.reminded',
  'request.escalated',
  'execution.late-outcome',
  'execution.reconciled',
])

/** Whether the stages that a vote states all name somebody with these groups; those of an escalation once it had happened. */
export function isNamed(
  history: History,
  vote: VoteFact,
  person: string,
  groups: readonly string[],
): boolean {
  return (
    vote.stages.length > 0 &&
    vote.stages.every(([r, s]) => {
      const stage = history.requirements[r]?.[s]
      if (stage === undefined) return false
      if (names(stage.reviewers, person, groups)) return true
      return names(stage.escalation, person, groups) && wasEscalated(history, r, s, vote.seq)
    })
  )
}

/** Whether a stage had been escalated before an event. An edit begins anew. */
function wasEscalated({ events }: History, requirement: number, stage: number, before: number): boolean {
  let escalated = false
  for (const { data, seq, type } of events) {
    if (seq >= before) break
    if (type === 'request.edited') escalated = false
    if (type !== 'request.escalated') continue
    const stages = listOf(data.stages).map(listOf)
    escalated ||= stages.some(([r, s]) => r === requirement && s === stage)
  }
  return escalated
}
