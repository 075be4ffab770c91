import type { AuditEvent } from '../contracts/audit'
import type { PersonRef } from '../contracts/principal'
import type {
  ApprovalRequest,
  Basis,
  EditedArguments,
  Execution,
  Outcome,
  RequestStatus,
  Vote,
} from '../contracts/request'
import { GatewrightError } from '../errors'
import { includes } from '../policy/progress'
import { copyRequest } from '../values/copy-request'
import { escalationTimes } from './delivery-stages'
import { type EventDraft, type EventMaker, hashEvent, nextEvent } from './events'
import { moveEvent } from './move-events'

/** A vote that is about to count. What was asked by then is for the request that it moves to say. */
export type CastVote = Omit<Vote, 'escalated'>

/** Everything that can happen to a request. Several moves may make one transition (a vote that completes a quorum). */
export type Move =
  | {
      readonly type: 'vote'
      readonly vote: CastVote
      readonly stageOpened: boolean
      /** Whom the voter was compared with, and is none of (I4). */
      readonly excluded: readonly PersonRef[]
    }
  | {
      readonly type: 'edit'
      readonly edited: EditedArguments
      /** What policy, lookups and pins say of the edited arguments. */
      readonly seen: Pick<ApprovalRequest, 'policy' | 'context' | 'risk' | 'pins' | 'reviewDigest'>
    }
  | { readonly type: 'approve'; readonly basis: Basis; readonly useWithinMs: number }
  | { readonly type: 'reject'; readonly reason: string; readonly by: PersonRef }
  | { readonly type: 'expire' }
  | { readonly type: 'cancel'; readonly reason: string; readonly by: PersonRef | null }
  | { readonly type: 'undeliver'; readonly reason: string }
  | { readonly type: 'remind' }
  | {
      readonly type: 'escalate'
      readonly stages: readonly (readonly [number, number])[]
      readonly reason: string
    }
  | { readonly type: 'lapse' }
  | { readonly type: 'invalidate'; readonly reason: string }
  | { readonly type: 'start'; readonly execution: Execution }
  | { readonly type: 'finish'; readonly outcome: Outcome; readonly result: string | null }
  | { readonly type: 'lateOutcome'; readonly outcome: Outcome }
  | { readonly type: 'reconcile'; readonly by: PersonRef; readonly note: string }

/** The one table of legal moves (DESIGN section 3). What is not in it cannot happen. */
export const LEGAL_FROM: Readonly<Record<Move['type'], readonly RequestStatus[]>> = {
  vote: ['pending'],
  edit: ['pending'],
  approve: ['pending'],
  reject: ['pending'],
  expire: ['pending'],
  undeliver: ['pending'],
  remind: ['pending'],
  escalate: ['pending'],
  cancel: ['pending', 'approved'],
  lapse: ['approved'],
  invalidate: ['approved'],
  start: ['approved'],
  finish: ['executing'],
  lateOutcome: ['unknown'],
  reconcile: ['unknown'],
}

/** States in which nothing more will run. `unknown` may still be explained, and `failed` be followed by another attempt. */
export const TERMINAL: ReadonlySet<RequestStatus> = new Set<RequestStatus>([
  'rejected',
  'expired',
  'cancelled',
  'undeliverable',
  'lapsed',
  'invalidated',
  'succeeded',
  'failed',
  'blocked',
  'unknown',
])

/** A transition as computed: the request after it, and what it tells the log. */
export interface AppliedMoves {
  readonly next: ApprovalRequest
  readonly events: readonly AuditEvent[]
}

/**
 * Applies moves in order: one new version, one event each. Pure, but for the
 * salts of commitments: the same request, moves and time give the same answer.
 *
 * @throws GatewrightError `ERR_TRANSITION_ILLEGAL` for a move that the table does not hold
 */
export function applyMoves(
  request: ApprovalRequest,
  moves: readonly Move[],
  at: number,
  maker: EventMaker,
): AppliedMoves {
  // One copy for all moves: requests are wide, and every call moves several times.
  const next = copyRequest(request)
  const events: AuditEvent[] = []
  for (const move of moves) {
    if (!LEGAL_FROM[move.type].includes(next.status)) {
      throw new GatewrightError(
        'ERR_TRANSITION_ILLEGAL',
        `a request that is ${next.status} cannot "${move.type}"`,
        {
          requestId: request.id,
        },
      )
    }
    Object.assign(next, change(next, move, at))
    const draft: EventDraft = moveEvent(next, move)
    const event = nextEvent(draft, next.id, next.lastEvent, at, maker)
    next.lastEvent = { seq: event.seq, hash: endsChain(next.status) ? '' : hashEvent(event) }
    events.push(event)
  }
  next.version = request.version + 1
  next.dueAt = dueAt(next)
  return { next, events }
}

/** After these nothing follows, so that nobody will ever ask for the hash of the last event. */
function endsChain(status: RequestStatus): boolean {
  return TERMINAL.has(status) && status !== 'unknown'
}

function change(request: ApprovalRequest, move: Move, at: number): Partial<ApprovalRequest> {
  const ended = (status: RequestStatus, reason: string, by: PersonRef | null = null) => ({
    status,
    resolution: { reason, by, at },
  })
  switch (move.type) {
    case 'vote':
      return {
        votes: [...request.votes, asAsked(request, move.vote)],
        ...(move.stageOpened ? { stageOpenedAt: at, reminders: 0 } : {}),
      }
    case 'edit':
      return {
        edited: move.edited,
        ...move.seen,
        escalated: [],
        stageOpenedAt: at,
        reminders: 0,
      }
    case 'approve':
      return { status: 'approved', basis: move.basis, approvedAt: at, useBefore: at + move.useWithinMs }
    case 'reject':
      return ended('rejected', move.reason, move.by)
    case 'expire':
      return ended('expired', 'nobody decided in time')
    case 'cancel':
      return ended('cancelled', move.reason, move.by)
    case 'undeliver':
      return ended('undeliverable', move.reason)
    case 'remind':
      return { reminders: request.reminders + 1 }
    case 'escalate':
      return { escalated: [...request.escalated, ...move.stages] }
    case 'lapse':
      return ended('lapsed', 'the approval was not used in time')
    case 'invalidate':
      return ended('invalidated', move.reason)
    case 'start':
      return { status: 'executing', execution: move.execution }
    case 'finish':
      return { status: move.outcome.status, outcome: move.outcome, result: move.result }
    case 'lateOutcome':
      return { lateOutcome: move.outcome }
    case 'reconcile':
      return { reconciliation: { by: move.by, note: move.note, at } }
  }
}

/**
 * T23: a vote keeps what was asked when it was cast. The order of a request's moves tells that, and no clock does; an edit
 * right before it has begun anew.
 */
function asAsked(request: ApprovalRequest, vote: CastVote): Vote {
  const escalated = vote.countsIn.filter(([r, s]) => isEscalated(request, r, s))
  return escalated.length === 0 ? vote : { ...vote, escalated }
}

/** When time next changes something: the earliest of reminder, escalation and expiry; or the lapse of an approval. */
export function dueAt(request: ApprovalRequest): number | null {
  if (request.status === 'approved') return request.useBefore
  if (request.status !== 'pending') return null
  let due = request.expiresAt
  for (const { remindEveryMs } of request.policy.requirements)
    if (remindEveryMs !== null)
      due = Math.min(due, request.stageOpenedAt + remindEveryMs * (request.reminders + 1))
  for (const [, at] of escalationTimes(request)) due = Math.min(due, at)
  return due
}

/** Whether a stage's escalation was used already. */
export function isEscalated(request: ApprovalRequest, requirement: number, stage: number): boolean {
  return includes(request.escalated, requirement, stage)
}

/** When nothing was to happen to a request any more. */
export function endedAt({
  lateOutcome,
  outcome,
  reconciliation,
  resolution,
  ...request
}: ApprovalRequest): number {
  const told = [lateOutcome?.at, outcome?.at, reconciliation?.at, resolution?.at].filter(
    (at) => at !== undefined,
  )
  return told.length > 0 ? Math.max(...told) : Math.max(request.expiresAt, request.useBefore ?? 0)
}
