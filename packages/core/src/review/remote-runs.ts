import type { Requester } from '../contracts/action'
import type { Duration } from '../contracts/clock'
import type { Json } from '../contracts/json'
import type { ApprovalRequest, Outcome } from '../contracts/request'
import { type Action, normalizeAction } from '../define-action'
import { type Answer, type AskOptions, ask } from '../engine/ask'
import { claim } from '../engine/claim'
import { effectiveArguments, effectiveDigest } from '../engine/effective-digest'
import type { Engine } from '../engine/engine'
import { addLate, recordOutcome } from '../engine/execute-claimed'
import { assertOpen } from '../engine/may-run'
import { outcomeError } from '../engine/outcome-error'
import type { GatedCall } from '../engine/prepare'
import { redactText } from '../engine/present'
import { createRunning } from '../engine/running'
import { storeCall } from '../engine/store-call'
import { GatewrightError } from '../errors'
import { canonicalize } from '../values/canonical'
import { sha256Hex } from '../values/digest'
import { parseDuration } from '../values/durations'
import { namedView } from '../values/named-arguments'

/**
 * An agent in another program, which asks this gate and runs by itself what was approved. Its id is its own: whoever goes by it
 * can claim what any agent of this id asked for, so that of the gate's own agent is refused.
 */
export interface RemoteAgent extends Requester {
  readonly model?: string
}

/** A claim that was given: the one licence to run. */
export interface RemoteClaim {
  readonly requestId: string
  readonly action: string
  /** What was approved, edits included: run exactly this (I2). */
  readonly arguments: Json
  readonly argumentsDigest: string
  /** Whoever holds it tells the outcome; nobody else (T52). Keep it secret. */
  readonly fencingToken: string
  /** Send a sign of life more often than this, or the run counts as cut off. Milliseconds. */
  readonly leaseMs: number
}

/** How a run ended, as its program tells. */
export interface ToldOutcome {
  readonly status: 'succeeded' | 'failed'
  /** A short description for people. Redacted, and cut to 2,000 characters. */
  readonly summary?: string
  /** SHA-256 of the result's canonical JSON, in lower-case hex. */
  readonly resultDigest?: string
}

/** Gating for programs in any language, over whatever carries these four messages (DESIGN section 3). */
export interface RemoteRuns {
  /**
   * Asks for an agent of another program, without waiting. A call needs an idempotency key (`context.callId`, or `key`), so
   * that every call is a request that can be claimed.
   *
   * @throws what `gate.request` throws; `ERR_OPTION_INVALID` without a key, and for the id of the gate's own agent
   */
  ask(agent: RemoteAgent, asked: AskOptions): Promise<Answer>
  /**
   * Takes an approval for one execution (I3), once its whole story is in the log (I7). The same `claimId` by the same agent
   * gets the same claim again, as long as it runs: an answer may be lost.
   *
   * @throws GatewrightError `ERR_AUDIT_UNAVAILABLE` when the log does not take it: claim again with the same `claimId`; `ERR_REQUEST_NOT_FOUND`, also for requests of other agents; `ERR_CLAIM_REFUSED` for another
   *   digest and while it is pending or claimed; and the error that names any other status
   */
  claim(
    agent: RemoteAgent,
    requestId: string,
    options: { readonly argumentsDigest: string; readonly claimId: string; readonly lease?: Duration },
  ): Promise<RemoteClaim>
  /** A sign of life. @throws GatewrightError `ERR_REQUEST_NOT_FOUND`, `ERR_CLAIM_REFUSED` once it counts as cut off or has ended */
  heartbeat(
    agent: RemoteAgent,
    requestId: string,
    options: { readonly fencingToken: string; readonly lease?: Duration },
  ): Promise<{ readonly leaseMs: number }>
  /**
   * Records how it ended: the first word counts, and the same word again is answered the same. After it had become unknown
   * it is a late outcome (T52).
   *
   * @throws GatewrightError `ERR_REQUEST_NOT_FOUND`, `ERR_CLAIM_REFUSED` for another token
   */
  outcome(
    agent: RemoteAgent,
    requestId: string,
    fencingToken: string,
    told: ToldOutcome,
  ): Promise<ApprovalRequest>
}

const SHORTEST_MS = 5_000
const LONGEST_MS = 600_000
const SUMMARY = 2_000

/** Makes the remote runs of one gate. @param actions - what this program knows of actions, by name */
export function createRemoteRuns(
  engine: Engine,
  actions: ReadonlyMap<string, Action>,
  ready: () => Promise<void> | null,
): RemoteRuns {
  for (const action of actions.values()) knowRemote(engine, action)
  const definitionOf = (name: string): Action | string => actions.get(name) ?? name

  /** Requests know their agent by its id: one by the name of the gate's own could claim what runs here. */
  function assertElsewhere({ id }: RemoteAgent): void {
    if (id === engine.settings.requester.id)
      throw new GatewrightError(
        'ERR_OPTION_INVALID',
        `"${id}" is the agent of this gate itself, so no program elsewhere can go by this id. Nothing was asked or executed. Give one of them another id.`,
      )
  }

  async function ownRequest(agent: RemoteAgent, id: string): Promise<ApprovalRequest> {
    assertElsewhere(agent)
    await ready()
    const request = await storeCall(() => engine.store.get(id))
    // T04: another agent's request is none that this one may know of.
    if (request !== null && request.requester.id === agent.id) return request
    throw new GatewrightError('ERR_REQUEST_NOT_FOUND', `there is no request ${id}. Nothing was executed.`, {
      requestId: id,
    })
  }

  /**
   * Gives out a claim, each time only once the log of this process holds its whole story: whoever gets it may run at once
   * (I7). When that fails, the claim is not closed as blocked: of two that ask for it, perhaps in two processes, the other
   * one may have got it, and run. It is asked for again, or it becomes unknown.
   */
  async function license(
    agent: RemoteAgent,
    { id, action }: ApprovalRequest,
    processId: string,
    leaseMs: number,
  ): Promise<RemoteClaim> {
    try {
      await engine.publisher.publishChain(id)
    } catch (cause) {
      throw new GatewrightError(
        'ERR_AUDIT_UNAVAILABLE',
        `the story of ${action} (${id}) could not be published in the audit log, so nothing was executed. Claim it again, with the same claimId.`,
        { requestId: id, cause },
      )
    }
    assertOpen(engine)
    await storeCall(() => engine.store.leases.renew(processId, leaseMs))
    const request = await ownRequest(agent, id)
    const isRunning = request.status === 'executing' && request.execution?.processId === processId
    if (!isRunning) throw refused(request, `it is ${request.status}`)
    return claimOf(request, leaseMs)
  }

  function callOf(request: ApprovalRequest): GatedCall {
    return {
      action: normalizeAction(definitionOf(request.action), {}),
      snapshot: { text: request.arguments, live: null },
      invoke: () => undefined,
      context: {},
      parentRequestId: request.origin.parentRequestId,
    }
  }

  return {
    async ask(agent, asked) {
      assertElsewhere(agent)
      const context = { ...asked.context, wait: 'suspend' as const }
      if (context.key === undefined && context.callId === undefined)
        throw new GatewrightError(
          'ERR_OPTION_INVALID',
          'a remote call needs an idempotency key. Nothing was asked.',
        )
      const action = typeof asked.action === 'string' ? definitionOf(asked.action) : asked.action
      return ask(engineOf(engine, agent), { ...asked, action, context }, ready)
    },

    async claim(agent, requestId, { argumentsDigest, claimId, lease = '30s' }) {
      const leaseMs = leaseOf(lease)
      const request = await ownRequest(agent, requestId)
      const processId = `remote-${sha256Hex(canonicalize([agent.id, requestId, claimId])).slice(0, 32)}`
      if (argumentsDigest !== effectiveDigest(request))
        throw refused(request, 'what was approved has another digest: read the request again')
      const isRepeat = request.status === 'executing' && request.execution?.processId === processId
      if (isRepeat) return license(agent, request, processId, leaseMs)
      if (request.status === 'pending' || request.status === 'executing')
        throw refused(request, `it is ${request.status}`)
      if (request.status !== 'approved') throw outcomeError(request)
      const call = callOf(request)
      const runner = engineOf(engine, agent, { processId, running: createRunning() })
      // Before the claim: nobody may take whoever runs it for dead.
      await storeCall(() => engine.store.leases.renew(processId, leaseMs))
      const claimed = await claim(runner, request, call, null)
      if (!claimed.mine) throw refused(claimed.request, `it is ${claimed.request.status}`)
      return license(agent, claimed.request, processId, leaseMs)
    },

    async heartbeat(agent, requestId, { fencingToken, lease = '30s' }) {
      const leaseMs = leaseOf(lease)
      const request = await ownRequest(agent, requestId)
      const { execution, status } = request
      if (execution === null || !isHolder(request, fencingToken) || status !== 'executing')
        throw refused(request, `this token holds no run of it: it is ${status}`)
      await storeCall(() => engine.store.leases.renew(execution.processId, leaseMs))
      return { leaseMs }
    },

    async outcome(agent, requestId, fencingToken, told) {
      const request = await ownRequest(agent, requestId)
      if (!isHolder(request, fencingToken)) throw refused(request, 'this token holds no run of it')
      if (request.status === told.status || request.lateOutcome !== null) return request
      if (request.status !== 'executing' && request.status !== 'unknown')
        throw refused(request, `it is ${request.status} already`)
      const outcome = outcomeOf(engine, request, told)
      if (request.status === 'unknown') await addLate(engine, request, outcome)
      else await recordOutcome(engine, request, outcome, null)
      return ownRequest(agent, requestId)
    },
  }
}

/** Lets reviewers edit what another program asks for, by the schema, lookups and policy that count here. */
function knowRemote({ actions }: Engine, action: Action): void {
  if (actions.has(action.name)) return
  const why = `${action.name} runs in another program, which claims it`
  actions.set(action.name, { action: normalizeAction(action), source: null, invoke: null, why })
}

/** The same gate, asked by another agent. What the gate keeps, it keeps in one place: only who asks differs. */
function engineOf(engine: Engine, { model, ...requester }: RemoteAgent, more: Partial<Engine> = {}): Engine {
  const settings = { ...engine.settings, requester, model: model ?? null }
  return Object.assign(Object.create(engine), { settings, ...more })
}

function isHolder({ execution }: ApprovalRequest, fencingToken: string): boolean {
  const remote = execution?.processId.startsWith('remote-') === true
  return remote && execution.fencingToken === fencingToken
}

function leaseOf(lease: Duration): number {
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, parseDuration(lease, 'lease')))
}

function claimOf(request: ApprovalRequest, leaseMs: number): RemoteClaim {
  return {
    requestId: request.id,
    action: request.action,
    arguments: namedView(effectiveArguments(request), request.parameters),
    argumentsDigest: effectiveDigest(request),
    fencingToken: request.execution?.fencingToken ?? '',
    leaseMs,
  }
}

function outcomeOf(engine: Engine, { execution }: ApprovalRequest, told: ToldOutcome): Outcome {
  const at = engine.store.now()
  const given = (told.summary ?? told.status).slice(0, SUMMARY)
  const summary = redactText(engine, given)
  return {
    status: told.status,
    at,
    durationMs: Math.max(0, at - (execution?.startedAt ?? at)),
    resultDigest: told.resultDigest ?? null,
    summary,
    redacted: summary !== given,
  }
}

function refused({ id }: ApprovalRequest, problem: string): GatewrightError {
  return new GatewrightError(
    'ERR_CLAIM_REFUSED',
    `request ${id} cannot be run by this: ${problem}. Nothing was executed.`,
    {
      requestId: id,
    },
  )
}
