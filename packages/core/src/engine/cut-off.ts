import type { ApprovalRequest, Outcome } from '../contracts/request'
import type { RequestFilter } from '../contracts/store'
import { commit } from './commit'
import type { Engine } from './engine'
import { blockedOutcome, unknownOutcome } from './outcome'
import { pagesOf } from './pages'
import { runOrphan } from './resume'
import { storeCall } from './store-call'

const BATCH = 200

/**
 * Closes executions that nobody runs: what a process held that lost its lease is unknown, and never run again by itself
 * (I8); what this process holds and never ran is blocked. One that cannot be closed keeps none of the others from it.
 */
export async function closeCutOff(engine: Engine): Promise<void> {
  for await (const request of abandoned(engine, { status: 'executing' })) {
    try {
      await commit(engine, request, [{ type: 'finish', outcome: outcomeOf(engine, request), result: null }])
    } catch (error) {
      engine.logger.warn(
        'an execution that nobody runs could not be closed; it is tried again at the next sweep',
        {
          id: request.id,
          error,
        },
      )
    }
  }
}

function outcomeOf(engine: Engine, request: ApprovalRequest): Outcome {
  if (processOf(request) === engine.processId)
    return blockedOutcome(engine, "the store's answer to the claim was lost; nothing ran")
  const now = engine.store.now()
  return unknownOutcome(now, request.execution?.startedAt ?? now, 'the process that ran it went silent')
}

/**
 * Runs what was approved after its process was gone, where the action says so, as it was asked for and as it is here; all
 * else is held for `resume`. What another agent asked for is its own to run: it may do so in another program, by a claim.
 */
export async function runOrphans(engine: Engine): Promise<void> {
  if (engine.state.status !== 'open') return
  for (const { action, invoke } of engine.actions.values()) {
    // What is held is not even read: thousands may be approved and wait, and this is looked at every other second.
    if (action.onOrphan !== 'run' || invoke === null) continue
    const own = {
      status: 'approved',
      action: action.name,
      requesterId: engine.settings.requester.id,
    } as const
    for await (const request of abandoned(engine, own))
      if (request.onOrphan === 'run') void runOrphan(engine, request)
  }
}

/** Requests of these that nobody looks after. Our own are judged by what we know, even when our lease is late. */
async function* abandoned(
  engine: Engine,
  which: RequestFilter & { readonly status: 'executing' | 'approved' },
): AsyncGenerator<ApprovalRequest> {
  for await (const requests of pagesOf(engine.store, which, BATCH)) {
    const foreign = requests.map(processOf).filter((id) => id !== engine.processId)
    const live =
      foreign.length === 0 ? [] : await storeCall(() => engine.store.leases.live([...new Set(foreign)]))
    const looking = new Set(live)
    for (const request of requests) {
      const owner = processOf(request)
      if (owner === engine.processId ? isLostClaim(engine, request) : !looking.has(owner)) yield request
    }
  }
}

/**
 * The store never answered that this process had the claim, and yet it has it: an answer may be lost, and a transaction may
 * even be applied long after it was given up. Whoever runs here counts as running from before it claims until its outcome
 * is recorded or waits to be.
 */
function isLostClaim({ running, unrecorded }: Engine, { id, status }: ApprovalRequest): boolean {
  return status === 'executing' && !running.has(id) && !unrecorded.has(id)
}

function processOf(request: ApprovalRequest): string {
  return request.execution?.processId ?? request.processId
}
