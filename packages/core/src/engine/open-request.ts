import type { PolicyRecord } from '../contracts/policy'
import type { ApprovalRequest } from '../contracts/request'
import type { KeyTombstone } from '../contracts/store'
import { GatewrightError, NotApprovedError } from '../errors'
import { formatDuration } from '../values/durations'
import { isPromise } from '../values/is-promise'
import type { CallFacts } from './call-facts'
import { recordAlone } from './commit'
import { draftRequest, firstEvent, type Opening } from './draft-request'
import type { Engine } from './engine'
import { attemptKey } from './key'
import { type GatedCall, type PreparedCall, takePins } from './prepare'
import { storeCall } from './store-call'

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
  const event = firstEvent(engine, draft)
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
