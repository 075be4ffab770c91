import { EventEmitter } from 'eventemitter3'
import { ambient, ambientStorage, type CallContext } from './ambient'
import { parseCallContext } from './call-context'
import type { VoteInput, VoteReceipt } from './contracts/approver'
import type { Principal } from './contracts/principal'
import type { ApprovalRequest } from './contracts/request'
import type { ReviewDocument, ReviewLimits } from './contracts/review'
import type { RequestFilter, RequestPage } from './contracts/store'
import { type ApprovalDecorator, decorate } from './decorate'
import { type Answer, type AskOptions, ask } from './engine/ask'
import { cancelRequest } from './engine/cancel'
import { createEngine } from './engine/create-engine'
import { personData } from './engine/events'
import type { GateEvents } from './engine/gate-events'
import { closeEngine, startEngine } from './engine/lifetime'
import { reviewFor } from './engine/present'
import { reconcileRequest } from './engine/reconcile'
import { resume } from './engine/resume'
import { readRequest, storeCall } from './engine/store-call'
import { castVote } from './engine/vote'
import { GatewrightError } from './errors'
import { type GateOptions, parseGateOptions } from './gate-options'
import { guardTools } from './guard-tools'
import { useDeadlines } from './values/deadline'
import { checkOptions } from './values/options'
import {
  type ApprovalOptions,
  type GateEntry,
  gateKnown,
  type RequireApproval,
  rememberEntry,
  wrapFunction,
} from './wrap'

/** The object a program creates once: it intercepts calls, has people decide, and runs what they approved, once. */
export interface Gate extends AsyncDisposable {
  /** Puts a person in front of a function. Async functions keep their exact type; sync ones become async. */
  readonly requireApproval: RequireApproval
  /** The same as a method decorator, TC39 or legacy. */
  requiresApproval(options: ApprovalOptions): ApprovalDecorator
  /** Runs `work`; gated calls in it have this context, on top of the context around it. */
  as<T>(context: CallContext, work: () => T): T
  /** Asks without a function. Resolves to the answer, whatever it is; an approved answer can run something, once. */
  request(options: AskOptions): Promise<Answer>
  /**
   * Follows a request by its id, and runs its registered action once approved.
   *
   * @throws GatewrightError `ERR_REQUEST_NOT_FOUND`, `ERR_REQUEST_NOT_RESUMABLE`, and whatever the call would throw
   */
  resume(requestId: string, context?: Pick<CallContext, 'wait' | 'signal'>): Promise<unknown>
  /**
   * Casts a vote for a transport that verified who votes. Approvers use their host's `vote` instead.
   *
   * @param options.channel - names the transport in the log. @default 'api'
   */
  vote(input: VoteInput, options?: { readonly channel?: string }): Promise<VoteReceipt>
  readonly requests: {
    get(requestId: string): Promise<ApprovalRequest | null>
    list(
      filter?: RequestFilter,
      page?: { readonly cursor?: string | null; readonly limit?: number },
    ): Promise<RequestPage>
    /** What a reviewer sees of it, complete unless limits are given. */
    review(requestId: string, limits?: ReviewLimits): Promise<ReviewDocument | null>
  }
  /** Cancels what has not started. Answers with the request as it then stands, or `null` when there is none. */
  cancel(
    requestId: string,
    options?: { readonly reason?: string; readonly by?: Principal },
  ): Promise<ApprovalRequest | null>
  /** Adds what a person found out about a run whose outcome is unknown. Runs nothing. */
  reconcile(
    requestId: string,
    finding: { readonly by: Principal; readonly note: string },
  ): Promise<ApprovalRequest>
  /**
   * Checks that every tool of a list or record is gated, and gives back a list or record that refuses ungated ones (T32).
   *
   * @throws GatewrightError `ERR_TOOL_UNGATED` naming the tool
   */
  guardTools<Tools extends object>(tools: Tools): Tools
  /** Listens. Answers with a function that stops listening. Listeners cannot change or stop anything. */
  on<Name extends keyof GateEvents>(name: Name, listener: NoInfer<GateEvents[Name]>): () => void
  /** Starts approvers and recovers what a crash left. The first call does it too. Idempotent. */
  start(): Promise<void>
  /**
   * Takes no more calls, rejects those that wait (their requests stay), lets finish what runs. Idempotent. Stores and
   * sinks that were given stay open.
   */
  close(): Promise<void>
}

/**
 * Makes a gate.
 *
 * @throws OptionError naming the option that is wrong, unknown or missing
 * @example
 * ```ts
 * import { createGate, group } from '@gatewright/core'
 * import { consoleApprover } from '@gatewright/console'
 *
 * const gate = createGate({
 *   agent: { id: 'ops-bot', owner: null },
 *   approvers: [consoleApprover({ groups: ['ops'] })],
 *   reviewers: group('ops'),
 *   ephemeral: true,
 * })
 * ```
 */
export function createGate(options: GateOptions): Gate {
  const settings = parseGateOptions(options)
  const events = new EventEmitter<GateEvents>()
  const engine = createEngine(settings, events)
  const { store } = settings
  const endDeadlines = useDeadlines(settings.clock)
  const lifetime = createLifetime(engine, async () => {
    try {
      if (options.store === undefined) await store.close()
      if (options.audit === undefined) await settings.audit?.close()
    } finally {
      events.removeAllListeners()
      endDeadlines()
    }
  })
  const entry: GateEntry = { engine, ready: lifetime.ready }

  async function whenReady<T>(work: () => Promise<T>): Promise<T> {
    await lifetime.ready()
    return work()
  }

  const gate: Gate = {
    requireApproval: ((fn: unknown, wrapping: ApprovalOptions) =>
      wrapFunction(fn, wrapping, gateKnown(entry), false)) as RequireApproval,
    requiresApproval: (wrapping) => decorate(wrapping, gateKnown(entry)),
    as(context, work) {
      const outer = ambient()
      const checked = parseCallContext(context, 'gate.as')
      return ambientStorage().run({ session: outer.session, context: { ...outer.context, ...checked } }, work)
    },
    async request(asked) {
      checkOptions(asked, ['action', 'args', 'options', 'context'], 'gate.request')
      const context = parseCallContext(asked.context ?? {}, 'gate.request.context')
      return ask(engine, { ...asked, context }, lifetime.ready)
    },
    resume: (id, context = {}) =>
      whenReady(() => resume(engine, id, parseCallContext(context, 'gate.resume'))),
    vote: (input, { channel = 'api' } = {}) => whenReady(() => castVote(engine, input, channel)),
    requests: {
      get: async (id) => readRequest(store, id),
      list: async (filter = {}, page = {}) => storeCall(() => store.list(filter, page)),
      async review(id, limits) {
        const request = await readRequest(store, id)
        return request && reviewFor(engine, request, limits ?? null, 0)
      },
    },
    cancel: (id, { reason = 'cancelled by the host program', by } = {}) =>
      whenReady(() => cancelRequest(engine, id, reason, by === undefined ? null : personData(by))),
    reconcile: (id, finding) => whenReady(() => reconcileRequest(engine, id, finding)),
    guardTools,
    on(name, listener) {
      const emitter = events as unknown as EventEmitter
      emitter.on(name, listener)
      return () => void emitter.off(name, listener)
    },
    start: lifetime.start,
    close: lifetime.close,
    [Symbol.asyncDispose]: lifetime.close,
  }
  rememberEntry(gate, entry)
  return gate
}

function createLifetime(engine: ReturnType<typeof createEngine>, release: () => Promise<void>) {
  const stopping = new AbortController()
  let starting: Promise<void> | null = null
  let closing: Promise<void> | null = null
  let started = false

  async function startNow(): Promise<void> {
    try {
      await startEngine(engine, stopping.signal)
      started = true
    } catch (error) {
      // A gate that could not start may be told to try again: nothing ran.
      starting = null
      throw error
    }
  }

  function start(): Promise<void> {
    if (closing !== null)
      return Promise.reject(
        new GatewrightError('ERR_GATE_CLOSED', 'the gate is closed, so nothing was executed.'),
      )
    starting ??= startNow()
    return starting
  }

  async function closeNow(): Promise<void> {
    if (starting === null) engine.state = { status: 'closed' }
    else if (
      await starting.then(
        () => true,
        () => false,
      )
    )
      await closeEngine(engine)
    stopping.abort()
    await release()
  }

  return {
    start,
    ready: () => (started ? null : start()),
    close() {
      closing ??= closeNow()
      return closing
    },
  }
}
