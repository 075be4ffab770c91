import type { Awaitable } from '../contracts/awaitable'
import type { ApprovalRequest, Execution } from '../contracts/request'
import type { TransitionResult } from '../contracts/store'
import { cancelRequest } from './cancel'
import { commit } from './commit'
import type { Engine } from './engine'
import type { Move } from './lifecycle'
import { assertOpen } from './may-run'
import { requestGone } from './outcome-error'
import type { GatedCall } from './prepare'
import { recheck } from './recheck'
import { takeRun } from './running'
import { storeCall } from './store-call'

/** Whether this process may run the request now. */
export interface Claim {
  readonly mine: boolean
  /** The request as stored after the attempt. */
  readonly request: ApprovalRequest
}

/**
 * Checks everything once more and takes the approval for one execution (I3). Of all processes that try, one gets it;
 * the others get the request as it now stands.
 */
export async function claim(
  engine: Engine,
  request: ApprovalRequest,
  call: GatedCall,
  live: ReadonlyMap<number, unknown> | null,
): Promise<Claim> {
  if (call.context.signal?.aborted) return abandon(engine, request)
  const problem = await recheck(engine, request, call, live)
  if (problem !== null) {
    return fallen(engine, request, { type: 'invalidate', reason: problem })
  }
  assertOpen(engine)
  // Checking took its time. A caller that gave up meanwhile cancels: nobody may find its approval and use it.
  if (call.context.signal?.aborted) return abandon(engine, request)
  const taken = await take(engine, request)
  if (taken.applied) return { mine: true, request: taken.request }
  if (taken.reason === 'late') return fallen(engine, taken.request, { type: 'lapse' })
  if (taken.reason === 'grant') {
    const reason = 'the standing grant was used up, revoked or has expired'
    return fallen(engine, taken.request, { type: 'invalidate', reason })
  }
  return settled(engine, request, taken)
}

/** A new execution of a request by this process. */
export function executionOf(engine: Engine, { basis, grantId }: ApprovalRequest): Execution {
  return {
    fencingToken: engine.newId(),
    processId: engine.processId,
    basis: basis ?? 'votes',
    grantId,
    startedAt: engine.store.now(),
  }
}

/** The one transition that takes an approval. */
function take(engine: Engine, request: ApprovalRequest): Awaitable<TransitionResult> {
  const start = { type: 'start', execution: executionOf(engine, request) } as const
  const conditions = {
    ...(request.useBefore === null ? {} : { notAfter: request.useBefore }),
    ...(request.grantId === null ? {} : { useGrant: request.grantId }),
  }
  const ask = () => commit(engine, request, [start], conditions, 'by-caller')
  return takeRun(engine.running, request.id, ask, ({ applied }) => applied)
}

async function abandon(engine: Engine, request: ApprovalRequest): Promise<Claim> {
  const cancelled = await cancelRequest(engine, request.id, 'the caller aborted', null)
  if (cancelled === null) throw requestGone(request.id)
  return { mine: false, request: cancelled }
}

/** The approval falls, or somebody else was faster. */
async function fallen(engine: Engine, request: ApprovalRequest, move: Move): Promise<Claim> {
  return settled(engine, request, await commit(engine, request, [move]))
}

async function settled(
  engine: Engine,
  before: ApprovalRequest,
  result: { readonly request: ApprovalRequest | null },
): Promise<Claim> {
  const request = result.request ?? (await storeCall(() => engine.store.get(before.id)))
  // What we still hold says "approved": following it would try to claim it for ever.
  if (request === null) throw requestGone(before.id)
  return { mine: false, request }
}
