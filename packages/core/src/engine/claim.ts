import type { ApprovalRequest, Execution } from '../contracts/request'
import type { TransitionResult } from '../contracts/store'
import { cancelRequest } from './cancel'
import { commit } from './commit'
import type { Engine } from './engine'
import { assertOpen } from './may-run'
import { requestGone } from './outcome-error'
import type { GatedCall } from './prepare'
import { recheck } from './recheck'
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
    const fallen = await commit(engine, request, [{ type: 'invalidate', reason: problem }])
    return settled(engine, request, fallen)
  }
  assertOpen(engine)
  // Checking took its time. A caller that gave up meanwhile cancels: nobody may find its approval and use it.
  if (call.context.signal?.aborted) return abandon(engine, request)
  const execution: Execution = {
    fencingToken: engine.newId(),
    processId: engine.processId,
    basis: request.basis ?? 'votes',
    grantId: request.grantId,
    startedAt: engine.store.now(),
  }
  const taken = await take(engine, request, execution)
  if (taken.applied) return { mine: true, request: taken.request }
  if (taken.reason === 'late')
    return settled(engine, request, await commit(engine, taken.request, [{ type: 'lapse' }]))
  if (taken.reason === 'grant') {
    const reason = 'the standing grant was used up, revoked or has expired'
    return settled(engine, request, await commit(engine, taken.request, [{ type: 'invalidate', reason }]))
  }
  return settled(engine, request, taken)
}

/**
 * The one transition that takes an approval. Whoever takes it counts as running from before it is asked for. When the
 * store's answer is lost, the claim may be taken, now or even later, and nothing runs: the sweep closes what this process
 * holds and does not run (`cut-off.ts`).
 */
async function take(
  engine: Engine,
  request: ApprovalRequest,
  execution: Execution,
): Promise<TransitionResult> {
  engine.running.add(request.id)
  let taken: TransitionResult | null = null
  try {
    taken = await commit(
      engine,
      request,
      [{ type: 'start', execution }],
      {
        ...(request.useBefore === null ? {} : { notAfter: request.useBefore }),
        ...(request.grantId === null ? {} : { useGrant: request.grantId }),
      },
      'by-caller',
    )
    return taken
  } finally {
    if (taken?.applied !== true) engine.running.delete(request.id)
  }
}

async function abandon(engine: Engine, request: ApprovalRequest): Promise<Claim> {
  const cancelled = await cancelRequest(engine, request.id, 'the caller aborted', null)
  if (cancelled === null) throw requestGone(request.id)
  return { mine: false, request: cancelled }
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
