import type { AuditEvent } from '../contracts/audit'
import type { Awaitable } from '../contracts/awaitable'
import type { PolicyRecord } from '../contracts/policy'
import type { Basis } from '../contracts/request'
import { GatewrightError } from '../errors'
import { isPromise, onceSettled } from '../values/is-promise'
import { type CallData, callData, originOf } from './call-data'
import type { Engine } from './engine'
import { type ChainHead, chainEvent, EMPTY_CHAIN, hashEvent, nextEvent } from './events'
import { refusalNow } from './may-run'
import { outcomeData, outcomeType } from './move-events'
import { outcomeOf } from './outcome'
import { argumentsFrom, type PreparedCall } from './prepare'
import { shownLeaves } from './present'
import { type RunEnd, runInSession } from './run'

/**
 * The fast path: a call that needs nobody's vote and has no key writes no request; its start and its outcome stand in
 * the log (I7: the start is durable before the function runs).
 */
export async function executeDirectly(
  engine: Engine,
  prepared: PreparedCall,
  record: PolicyRecord,
  basis: Basis,
): Promise<unknown> {
  const id = engine.newId()
  engine.running.add(id)
  try {
    const starting = publishStart(engine, id, prepared, record, basis)
    const head = isPromise(starting) ? await starting : starting
    // The log took its time: things may have changed meanwhile. The start then gets its outcome, "blocked".
    const refusal = refusalNow(engine, prepared.call)
    const end =
      refusal === null
        ? await run(engine, id, prepared, basis)
        : ({ status: 'blocked', error: refusal } as const)
    const ending = publishOutcome(engine, id, prepared, head, end)
    const last = isPromise(ending) ? await ending : ending
    if (end.status === 'succeeded') return end.value
    if (end.status === 'unknown') void publishLate(engine, id, prepared, { ...head, ...last }, end.settled)
    throw end.error
  } finally {
    engine.running.delete(id)
  }
}

interface Head extends ChainHead {
  readonly startedAt: number
}

const NOTHING: readonly AuditEvent[] = []

/** Where a call's chain stands after its outcome. */
interface End extends ChainHead {
  /** The outcome, if the log may lack it: nothing more goes into the chain without it. */
  readonly missing: readonly AuditEvent[]
}

function publishStart(
  engine: Engine,
  id: string,
  prepared: PreparedCall,
  record: PolicyRecord,
  basis: Basis,
): Awaitable<Head> {
  const startedAt = engine.store.now()
  const data = startData(engine, prepared, record, basis)
  const { event, hash } = chainEvent(
    { type: 'execution.started', data, personal: prepared.call.action.presentation.personal },
    id,
    EMPTY_CHAIN,
    startedAt,
    engine.settings,
  )
  const unavailable = (cause: unknown): never => {
    throw new GatewrightError(
      'ERR_AUDIT_UNAVAILABLE',
      `${prepared.call.action.name} could not be recorded in the audit log, so nothing was executed. Mend the audit sink.`,
      { cause },
    )
  }
  const started = (): Head => {
    engine.emit([event], null)
    return { seq: 1, hash, startedAt }
  }
  return append(engine, event, started, unavailable)
}

/** Publishes one event. A sink that has it at once costs no promise. */
function append<T>(
  engine: Engine,
  event: AuditEvent,
  done: () => T,
  failed: (cause: unknown) => T,
): Awaitable<T> {
  return onceSettled(() => engine.publisher.append([event]), done, failed)
}

function run(
  engine: Engine,
  id: string,
  { call, digest, live, text }: PreparedCall,
  basis: Basis,
): Promise<RunEnd> {
  const facts = { requestId: id, action: call.action.name, basis, argumentsDigest: digest, reviewers: [] }
  return runInSession(engine, call, facts, argumentsFrom(text, live))
}

function publishOutcome(
  engine: Engine,
  id: string,
  { call }: PreparedCall,
  head: Head,
  end: RunEnd,
): Awaitable<End> {
  const { outcome } = outcomeOf(engine, end, head.startedAt)
  const event = nextEvent(
    { type: outcomeType(outcome), data: outcomeData(outcome, null) },
    id,
    head,
    outcome.at,
    engine.settings,
  )
  // Only an unknown outcome can have a successor; hashing is left out on the fast path.
  const last: End = {
    seq: event.seq,
    hash: end.status === 'unknown' ? hashEvent(event) : '',
    missing: NOTHING,
  }
  const told = (): End => {
    engine.emit([event], null)
    return last
  }
  const untold = (cause: unknown): End => {
    // I7: what happened cannot be told to the log; the caller still learns it, and nothing runs any more.
    engine.seal(`the outcome of ${call.action.name} (${id}) could not be published`, cause)
    return { ...last, missing: [event] }
  }
  return append(engine, event, told, untold)
}

async function publishLate(
  engine: Engine,
  id: string,
  prepared: PreparedCall,
  head: Head & End,
  settled: Promise<RunEnd>,
): Promise<void> {
  const { outcome } = outcomeOf(engine, await settled, head.startedAt)
  const draft = { type: 'execution.late-outcome' as const, data: outcomeData(outcome, null) }
  const event = nextEvent(draft, id, head, outcome.at, engine.settings)
  try {
    await engine.publisher.append([...head.missing, event])
  } catch (error) {
    engine.logger.warn(`the late outcome of ${prepared.call.action.name} (${id}) could not be published`, {
      error,
    })
  }
}

function startData(
  engine: Engine,
  { call, context, digest, input, onBehalfOf, risk, text }: PreparedCall,
  policy: PolicyRecord,
  basis: Basis,
): CallData {
  const { name, parameters, presentation } = call.action
  const facts = {
    action: name,
    argumentsDigest: digest,
    basis,
    context,
    intent: input.intent,
    onBehalfOf,
    origin: originOf(engine, call),
    policy,
    processId: engine.processId,
    requester: input.requester,
    risk,
  }
  return callData(engine, facts, shownLeaves(engine, text, parameters, presentation))
}
