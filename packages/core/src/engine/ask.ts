import { ambient, type CallContext } from '../ambient'
import type { ActionOptions } from '../contracts/action'
import type { ApprovalRequest, RequestStatus } from '../contracts/request'
import { type Action, normalizeAction } from '../define-action'
import { ApprovalPendingError, GatewrightError, NotApprovedError } from '../errors'
import { isPromise } from '../values/is-promise'
import { nameArguments } from '../values/named-arguments'
import { restoreArguments } from '../values/restore'
import { attach, waitForDecision } from './attach'
import { deny } from './deny'
import { effectiveArguments } from './effective-digest'
import type { Engine } from './engine'
import { basisWithoutVotes, intercept, requestFor } from './intercept'
import { idempotencyKey } from './key'
import { assertMayRun, assertOpen } from './may-run'
import { type GatedCall, prepare, takeSnapshot } from './prepare'

/** What is asked for, without a function. */
export interface AskOptions {
  readonly action: Action | string
  /** The named arguments, as people should see them. */
  readonly args: Readonly<Record<string, unknown>>
  readonly options?: Omit<ActionOptions, 'parameters' | 'facts'>
  readonly context?: CallContext
}

/** What became of an asking. */
export interface Answer {
  /** `allowed`: by policy, without asking anybody. `denied`: by policy. `pending`: the wait was to be suspended. */
  readonly status: 'allowed' | 'denied' | RequestStatus
  /** `null` where no request was made. */
  readonly requestId: string | null
  /** The arguments as they may be used: edited ones where a reviewer edited. */
  readonly args: Readonly<Record<string, unknown>>
  readonly reason: string | null
  /**
   * Runs something under the answer, once, in a recorded session, on the arguments that were approved.
   *
   * @throws the same errors as a gated call; for an answer that is neither `allowed` nor `approved`, the one that names it
   */
  execute<T>(work: (args: Readonly<Record<string, unknown>>) => T | Promise<T>): Promise<T>
}

/** Asks for an action by name, once the gate is ready. Resolves to the answer; rejects only when it is not known. */
export async function ask(
  engine: Engine,
  asked: AskOptions,
  ready: () => Promise<void> | null,
): Promise<Answer> {
  const { action: named, args, options = {}, context = {} } = asked
  const { session, context: around } = ambient()
  const action = normalizeAction(named, options)
  const call: GatedCall = {
    action,
    // I2: copied before anything is waited for, be it only the start of the gate.
    snapshot: takeSnapshot(engine, action, [args]),
    invoke: () => undefined,
    context: { ...around, ...context },
    parentRequestId: session?.requestId ?? null,
  }
  const starting = ready()
  if (starting !== null) await starting
  assertMayRun(engine, call)
  const prepared = await prepare(engine, call)
  const decision = engine.policies.decide(prepared.input)
  const record = isPromise(decision) ? await decision : decision
  const proposed = { args: namedArguments(prepared.text), requestId: null }
  if (record.effect === 'deny') {
    const error = await deny(engine, prepared, record).catch((denial: unknown) => denial)
    if (!(error instanceof NotApprovedError)) throw error
    return { ...proposed, status: 'denied', reason: error.reason, execute: () => Promise.reject(error) }
  }
  const key = idempotencyKey(engine, call)
  const basis = basisWithoutVotes(engine, record)
  if (basis !== null && key === null) {
    return {
      ...proposed,
      status: 'allowed',
      reason: null,
      execute: executeAllowed(engine, call),
    }
  }
  const opened = await requestFor(engine, prepared, record, key, basis)
  return answerOf(engine, call, await decided(engine, opened, call))
}

/** An allowed answer is one call, decided again when it is made: answers may be kept for long, and rules change. */
function executeAllowed(engine: Engine, call: GatedCall): Answer['execute'] {
  let used = false
  return async (work) => {
    const invoke = invoker(work)
    if (used) {
      throw new GatewrightError(
        'ERR_ALREADY_EXECUTED',
        `this answer for ${call.action.name} was used already. Nothing was executed now. Ask again.`,
      )
    }
    used = true
    return (await intercept(engine, { ...call, invoke })) as never
  }
}

async function decided(engine: Engine, opened: ApprovalRequest, call: GatedCall): Promise<ApprovalRequest> {
  try {
    return await waitForDecision(engine, opened, call)
  } catch (error) {
    if (error instanceof ApprovalPendingError) return opened
    throw error
  }
}

function answerOf(engine: Engine, call: GatedCall, request: ApprovalRequest): Answer {
  return {
    status: request.status,
    requestId: request.id,
    args: namedArguments(effectiveArguments(request)),
    reason: request.resolution?.reason ?? null,
    async execute(work) {
      if (request.status === 'pending') throw new ApprovalPendingError(request.action, request.id)
      assertOpen(engine)
      return (await attach(engine, request, { ...call, invoke: invoker(work) }, null)) as never
    },
  }
}

function invoker(work: (args: Readonly<Record<string, unknown>>) => unknown): (args: unknown[]) => unknown {
  if (typeof work !== 'function')
    throw new GatewrightError('ERR_OPTION_INVALID', 'answer.execute takes a function. Nothing was executed.')
  return ([args]) => work(args as Readonly<Record<string, unknown>>)
}

function namedArguments(text: string): Readonly<Record<string, unknown>> {
  return nameArguments(restoreArguments(text), null)
}
