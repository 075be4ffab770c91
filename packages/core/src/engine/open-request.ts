import { isDeepStrictEqual } from 'node:util'
import type { PolicyRecord, StandingGrant } from '../contracts/policy'
import type { ApprovalRequest, Basis } from '../contracts/request'
import type { KeyTombstone } from '../contracts/store'
import { GatewrightError, NotApprovedError } from '../errors'
import { samePerson } from '../policy/eligibility'
import { argumentShape } from '../values/argument-shape'
import type { MutableRequest } from '../values/copy-request'
import { formatDuration } from '../values/durations'
import { isPromise } from '../values/is-promise'
import { originOf } from './call-data'
import { recordAlone } from './commit'
import { createdEvent } from './created-event'
import type { Engine } from './engine'
import { chainEvent, EMPTY_CHAIN } from './events'
import { attemptKey } from './key'
import { dueAt } from './lifecycle'
import { type CallFacts, type GatedCall, type PreparedCall, takePins } from './prepare'
import { completeContent, presentationFor } from './present'
import { storeCall } from './store-call'

/** What a new request rests on. */
export interface Opening {
  /** The hashed idempotency key, without attempt. */
  readonly key: string | null
  /** `null`: it must be voted on. */
  readonly basis: Basis | null
  readonly grant: StandingGrant | null
}

/**
 * Saves a request for the call, or finds the one that its key belongs to.
 *
 * @throws GatewrightError `ERR_KEY_CONFLICT` when the key belongs to other arguments; `ERR_ALREADY_EXECUTED` when only
 *   its tombstone is left; NotApprovedError `ERR_RATE_LIMITED`, `ERR_APPROVAL_COOLING_DOWN` when nobody is to be asked
 */
export async function openRequest(
  engine: Engine,
  prepared: PreparedCall,
  record: PolicyRecord,
  opening: Opening,
): Promise<ApprovalRequest> {
  const existing = opening.key === null ? null : await newestAttempt(engine, prepared, opening.key)
  if (existing !== null && !mayRetry(prepared, existing)) return existing
  const pins = prepared.call.action.pin === null ? null : await pinsOf(engine, prepared)
  const draft = draftRequest(engine, prepared, record, opening, { failed: existing, pins })
  if (draft.status === 'pending') await refuseFlood(engine, prepared)
  const { content } = completeContent(engine, draft)
  const { event, hash } = chainEvent(
    createdEvent(engine, draft, content),
    draft.id,
    EMPTY_CHAIN,
    draft.createdAt,
    engine.settings,
  )
  draft.lastEvent = { seq: 1, hash }
  const creating = storeCall(() => engine.store.create(draft, [event]))
  const result = isPromise(creating) ? await creating : creating
  if (!result.created) {
    // Somebody opened it between our look and our write: theirs stands.
    if (result.request === null) throw alreadyExecuted(prepared, result.tombstone)
    return sameArguments(prepared, result.request)
  }
  engine.publisher.recorded([event], 'in-background')
  const { request } = result
  engine.sweeper.due(request.dueAt)
  engine.emit([event], request)
  if (request.status === 'pending') engine.deliveries.ask(request)
  return request
}

async function newestAttempt(
  engine: Engine,
  prepared: PreparedCall,
  key: string,
): Promise<ApprovalRequest | null> {
  let newest: ApprovalRequest | null = null
  for (let attempt = 1; ; attempt += 1) {
    const found = await storeCall(() => engine.store.getByKey(attemptKey(key, attempt)))
    if (found === null) return newest
    if (!('version' in found)) throw alreadyExecuted(prepared, found)
    newest = sameArguments(prepared, found)
    if (newest.status !== 'failed') return newest
  }
}

function mayRetry({ call }: PreparedCall, request: ApprovalRequest): boolean {
  return request.status === 'failed' && call.context.retry === true
}

function sameArguments({ call, digest }: PreparedCall, request: ApprovalRequest): ApprovalRequest {
  if (request.argumentsDigest === digest) return request
  throw keyConflict(call, request.id)
}

function keyConflict({ action }: GatedCall, requestId: string): GatewrightError {
  return new GatewrightError(
    'ERR_KEY_CONFLICT',
    `the idempotency key of this ${action.name} call belongs to a request with other arguments (${requestId}). Nothing was executed. Use another key for another call.`,
    { requestId },
  )
}

function alreadyExecuted({ call, digest }: PreparedCall, tombstone: KeyTombstone): GatewrightError {
  const { requestId } = tombstone
  if (tombstone.argumentsDigest !== digest) return keyConflict(call, requestId)
  return new GatewrightError(
    'ERR_ALREADY_EXECUTED',
    `this ${call.action.name} call was ${tombstone.status} long ago, and its record was archived. Nothing was executed now. Use another key for another call.`,
    { requestId },
  )
}

function draftRequest(
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
  draft.reviewDigest = completeContent(engine, draft).digest
  draft.dueAt = dueAt(draft)
  return draft
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

async function pinsOf(
  engine: Engine,
  { call, input }: PreparedCall,
): Promise<Readonly<Record<string, string>> | null> {
  try {
    return await takePins(engine, call.action, input as CallFacts)
  } catch (error) {
    throw new GatewrightError(
      'ERR_EXECUTION_BLOCKED',
      `what ${call.action.name} refers to could not be pinned, so nobody was asked and nothing was executed. Mend the action's "pin".`,
      { cause: error },
    )
  }
}

function shortest(
  { requirements }: PolicyRecord,
  what: 'withinMs' | 'useWithinMs',
  otherwise: number,
): number {
  return requirements.length === 0 ? otherwise : Math.min(...requirements.map((one) => one[what]))
}

/** The mark that a rejection leaves, so that an equal call is refused for a while (T46). */
export function coolDownKey(requesterId: string, action: string, argumentsDigest: string): string {
  return `cool-down:${requesterId}:${action}:${argumentsDigest}`
}

/** T30: nobody is asked the same again right after saying no, nor more often than the limit. */
async function refuseFlood(engine: Engine, { call, digest, input }: PreparedCall): Promise<void> {
  const { rateLimit, coolDownMs } = engine.settings
  const action = call.action.name
  const requester = input.requester.id

  async function refuse(
    code: 'ERR_APPROVAL_COOLING_DOWN' | 'ERR_RATE_LIMITED',
    recorded: string,
    reason: string,
    retryAfterMs: number,
    words: string,
  ): Promise<never> {
    await recordAlone(engine, 'call.refused', {
      action,
      argumentsDigest: digest,
      reason: recorded,
      requester,
    })
    throw new NotApprovedError(
      code,
      `${words}. Nobody was asked and nothing was executed. Try again in ${formatDuration(retryAfterMs)}.`,
      { action, reason, retryAfterMs },
    )
  }

  if (coolDownMs > 0) {
    const marked = storeCall(() => engine.store.counters.mark(coolDownKey(requester, action, digest)))
    const mark = isPromise(marked) ? await marked : marked
    if (mark !== null)
      await refuse(
        'ERR_APPROVAL_COOLING_DOWN',
        'cooling down after a rejection',
        mark.value,
        Math.max(0, mark.until - engine.store.now()),
        `an equal ${action} call was rejected a moment ago: ${mark.value}. Change what you ask for, or wait`,
      )
  }
  if (rateLimit === null) return
  const { max, perMs } = rateLimit
  const hit = await storeCall(() => engine.store.counters.hit(`requests:${requester}`, max, perMs))
  if (!hit.allowed) {
    const recorded = 'too many requests'
    const words = `${requester} asked for more than ${max} approvals in ${formatDuration(perMs)}`
    await refuse('ERR_RATE_LIMITED', recorded, recorded, hit.retryAfterMs, words)
  }
}
