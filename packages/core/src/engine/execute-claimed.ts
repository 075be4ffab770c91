import type { Awaitable } from '../contracts/awaitable'
import type { ApprovalRequest, Outcome } from '../contracts/request'
import { GatewrightError } from '../errors'
import { andThen, isPromise, onceSettled } from '../values/is-promise'
import { votesNow } from '../values/votes-now'
import { commit } from './commit'
import { effectiveArguments, effectiveDigest } from './effective-digest'
import type { Engine } from './engine'
import { refusalNow } from './may-run'
import { blockedOutcome, outcomeOf } from './outcome'
import { argumentsFrom, type GatedCall, needsLive } from './prepare'
import { type RunEnd, runInSession } from './run'
import type { SessionFacts } from './running-session'
import { storeCall } from './store-call'

/**
 * Runs a claimed request: publishes its whole chain (I7), runs the function on a fresh copy of the snapshot (I2), and
 * records the outcome under the fencing token. The caller gets the function's own result or error.
 */
export async function executeClaimed(
  engine: Engine,
  request: ApprovalRequest,
  call: GatedCall,
  live: ReadonlyMap<number, unknown> | null,
): Promise<unknown> {
  try {
    const looking = blockedBeforeRunning(engine, request, call, live)
    const blocked = isPromise(looking) ? await looking : looking
    if (blocked !== null) return await block(engine, request, blocked)
    const args = argumentsFrom(effectiveArguments(request), live)
    if (needsLive(args)) return await block(engine, request, new LiveValuesMissing())
    const end = await runInSession(engine, call, sessionFacts(request), args)
    const { outcome, encoded } = outcomeOf(engine, end, request.execution?.startedAt ?? engine.store.now())
    await recordOutcome(engine, request, outcome, call.action.keepResult ? encoded : null)
    if (end.status === 'succeeded') return end.value
    if (end.status === 'unknown') void recordLate(engine, request, end.settled)
    throw end.error
  } finally {
    engine.running.delete(request.id)
  }
}

function sessionFacts(request: ApprovalRequest): SessionFacts {
  const digest = effectiveDigest(request)
  return {
    requestId: request.id,
    action: request.action,
    basis: request.execution?.basis ?? 'votes',
    argumentsDigest: digest,
    reviewers: votesNow(request)
      .filter((vote) => vote.decision === 'approve')
      .map((vote) => vote.actor),
  }
}

/** Why a claimed request must not run after all; `null` when its whole story is in the log and the gate is open. */
function blockedBeforeRunning(
  engine: Engine,
  request: ApprovalRequest,
  call: GatedCall,
  live: ReadonlyMap<number, unknown> | null,
): Awaitable<unknown> {
  if (request.live && live === null) return new LiveValuesMissing()
  return onceSettled<void, unknown>(
    () => engine.publisher.publishChain(request.id),
    () => refusalNow(engine, call),
    (error) => error,
  )
}

async function block(engine: Engine, request: ApprovalRequest, cause: unknown): Promise<never> {
  const outcome = blockedOutcome(engine, whyBlocked(cause))
  await recordOutcome(engine, request, outcome, null)
  throw new GatewrightError(
    'ERR_EXECUTION_BLOCKED',
    `${request.action} was approved but not run: ${outcome.summary}. Nothing was executed. Mend the cause and ask again.`,
    { requestId: request.id, cause },
  )
}

class LiveValuesMissing extends Error {
  override readonly message = 'it needs values that only the calling process had'
}

function whyBlocked(cause: unknown): string {
  if (cause instanceof LiveValuesMissing) return cause.message
  const code = GatewrightError.isInstance(cause) ? cause.code : null
  if (code === 'ERR_GATE_SEALED') return 'the gate is sealed'
  if (code === 'ERR_GATE_CLOSED') return 'the gate was closed'
  if (code === 'ERR_APPROVAL_CANCELLED') return 'its caller gave up just then'
  return 'its story could not be published in the audit log'
}

/** Records how the run ended. Whatever cannot be recorded or published seals the gate, and is tried again at every sweep (I7, I8). */
export async function recordOutcome(
  engine: Engine,
  request: ApprovalRequest,
  outcome: Outcome,
  result: string | null,
): Promise<void> {
  const attempt = (): Awaitable<boolean> => tryRecord(engine, request, outcome, result)
  try {
    const recording = attempt()
    if (isPromise(recording)) await recording
  } catch (cause) {
    engine.unrecorded.set(request.id, attempt)
    engine.seal(`the outcome of ${request.action} (${request.id}) could not be recorded`, cause)
    return
  }
  try {
    const publishing = engine.publisher.publishChain(request.id)
    if (isPromise(publishing)) await publishing
  } catch (cause) {
    if (outcome.status !== 'blocked')
      engine.seal(`the outcome of ${request.action} (${request.id}) could not be published`, cause)
  }
}

function tryRecord(
  engine: Engine,
  claimed: ApprovalRequest,
  outcome: Outcome,
  result: string | null,
): Awaitable<boolean> {
  const finishing = commit(engine, claimed, [{ type: 'finish', outcome, result }], {}, 'by-caller')
  // An earlier attempt may have been applied, or another process called it unknown (T52): then the outcome is late.
  return andThen(finishing, ({ applied }) => applied || addLate(engine, claimed, outcome))
}

/** Adds how a run ended that had become unknown; leaves every other request as it is (T52). @throws GatewrightError `ERR_STORE_UNAVAILABLE` */
export async function addLate(engine: Engine, claimed: ApprovalRequest, outcome: Outcome): Promise<boolean> {
  let request = await storeCall(() => engine.store.get(claimed.id))
  while (
    request?.status === 'unknown' &&
    request.lateOutcome === null &&
    outcome.status !== 'unknown' &&
    request.execution?.fencingToken === claimed.execution?.fencingToken
  ) {
    const result = await commit(engine, request, [{ type: 'lateOutcome', outcome }])
    if (result.applied) return true
    request = result.request
  }
  return true
}

/** T52: a function that ended after all, told by whoever holds the fencing token. Never a second outcome. */
async function recordLate(engine: Engine, request: ApprovalRequest, settled: Promise<RunEnd>): Promise<void> {
  const end = await settled
  const { outcome } = outcomeOf(engine, end, request.execution?.startedAt ?? 0)
  try {
    await addLate(engine, request, outcome)
  } catch (error) {
    engine.unrecorded.set(request.id, () => addLate(engine, request, outcome))
    engine.logger.warn(`the late outcome of request ${request.id} could not be recorded yet`, { error })
  }
}
