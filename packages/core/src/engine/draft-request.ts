import { isDeepStrictEqual } from 'node:util'
import type { AuditEvent } from '../contracts/audit'
import type { PolicyRecord, StandingGrant } from '../contracts/policy'
import type { ApprovalRequest, Basis } from '../contracts/request'
import { samePerson } from '../policy/eligibility'
import { argumentShape } from '../values/argument-shape'
import type { MutableRequest } from '../values/copy-request'
import { originOf } from './call-data'
import { createdEvent } from './created-event'
import type { Engine } from './engine'
import { chainEvent, EMPTY_CHAIN } from './events'
import { attemptKey } from './key'
import { dueAt } from './lifecycle'
import type { PreparedCall } from './prepare'
import { completeContent, presentationFor } from './present'

/** What a new request rests on. */
export interface Opening {
  /** The hashed idempotency key, without attempt. */
  readonly key: string | null
  /** `null`: it must be voted on. */
  readonly basis: Basis | null
  readonly grant: StandingGrant | null
}

/** A request for the call: approved where it has a basis, else pending. {@link firstEvent} completes it. */
export function draftRequest(
  engine: Engine,
  prepared: PreparedCall,
  record: PolicyRecord,
  { key, basis, grant }: Opening,
  { failed, pins }: { readonly failed: ApprovalRequest | null } & Pick<ApprovalRequest, 'pins'>,
): MutableRequest {
  const { call, text, digest, live, onBehalfOf, context, risk, input } = prepared
  const { action } = call
  const now = engine.store.now()
  const attempt = (failed?.attempt ?? 0) + 1
  const carried =
    failed !== null && action.idempotent ? carryApproval(failed, { pins, onBehalfOf, now }) : null
  const approved = carried !== null || basis !== null
  const within = shortest(record, 'withinMs', engine.settings.requirement.withinMs)
  const useWithin = shortest(record, 'useWithinMs', engine.settings.requirement.useWithinMs)
  const draft: MutableRequest = {
    id: engine.newId(),
    version: 1,
    status: approved ? 'approved' : 'pending',
    action: action.name,
    arguments: text,
    argumentsDigest: digest,
    parameters: action.parameters,
    argumentShape: argumentShape(text),
    live: live !== null,
    edited: carried?.edited ?? null,
    presentation: presentationFor(engine, action.presentation),
    requester: input.requester,
    onBehalfOf,
    intent: input.intent,
    origin: originOf(engine, call),
    context,
    pins,
    risk,
    policy: carried?.policy ?? record,
    key: key === null ? null : attemptKey(key, attempt),
    attempt,
    reviewDigest: '',
    onOrphan: action.onOrphan,
    processId: engine.processId,
    createdAt: now,
    expiresAt: now + within,
    approvedAt: approved ? now : null,
    useBefore: carried?.useBefore ?? (approved ? now + useWithin : null),
    dueAt: null,
    votes: carried?.votes ?? [],
    escalated: carried?.escalated ?? [],
    stageOpenedAt: now,
    reminders: 0,
    basis: carried?.basis ?? basis,
    grantId: grant?.id ?? null,
    resolution: null,
    execution: null,
    outcome: null,
    result: null,
    lateOutcome: null,
    reconciliation: null,
    retryOf: failed?.id ?? null,
    lastEvent: EMPTY_CHAIN,
  }
  draft.dueAt = dueAt(draft)
  return draft
}

/** Completes a draft with the digest of all that there is to see of it, and begins its chain: what the log says first. */
export function firstEvent(engine: Engine, draft: MutableRequest): AuditEvent {
  const { content, digest } = completeContent(engine, draft)
  draft.reviewDigest = digest
  const created = createdEvent(engine, draft, content)
  const { event, hash } = chainEvent(created, draft.id, EMPTY_CHAIN, draft.createdAt, engine.settings)
  draft.lastEvent = { seq: 1, hash }
  return event
}

/**
 * T44: only an action that says so may use its approval for another attempt, only while the approval lasts, and only for
 * what was approved: the same pins (T10), on behalf of the same person.
 */
function carryApproval(
  failed: ApprovalRequest,
  now: Pick<ApprovalRequest, 'pins' | 'onBehalfOf'> & { readonly now: number },
): ApprovalRequest | null {
  const lasts = failed.basis === 'votes' && failed.useBefore !== null && now.now <= failed.useBefore
  return lasts && isDeepStrictEqual(failed.pins, now.pins) && sameBeneficiary(failed, now) ? failed : null
}

function sameBeneficiary(
  { onBehalfOf: one }: Pick<ApprovalRequest, 'onBehalfOf'>,
  { onBehalfOf: other }: Pick<ApprovalRequest, 'onBehalfOf'>,
): boolean {
  return one === null || other === null ? one === other : samePerson(one, other)
}

function shortest(
  { requirements }: PolicyRecord,
  what: 'withinMs' | 'useWithinMs',
  otherwise: number,
): number {
  return requirements.length === 0 ? otherwise : Math.min(...requirements.map((one) => one[what]))
}
