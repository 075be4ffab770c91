import type { WaitMode } from '../ambient'
import type { ApprovalRequest } from '../contracts/request'
import { ApprovalPendingError } from '../errors'
import { decodeValue } from '../values/restore'
import { cancelRequest } from './cancel'
import { claim } from './claim'
import type { Engine } from './engine'
import { executeClaimed } from './execute-claimed'
import { assertOpen } from './may-run'
import { outcomeError, requestGone } from './outcome-error'
import type { GatedCall } from './prepare'
import { storeCall } from './store-call'

/**
 * Follows a request until this call can be answered: waits while it is pending, claims and runs it once approved, and
 * gives the kept result or a clear error for everything else. Follows the store, whoever moves the request.
 */
export async function attach(
  engine: Engine,
  first: ApprovalRequest,
  call: GatedCall,
  live: ReadonlyMap<number, unknown> | null,
): Promise<unknown> {
  let request = first
  engine.deliveries.adopt(first)
  const patience = createPatience(engine, call)
  engine.calls.set(first.id, call.action)
  try {
    for (;;) {
      switch (request.status) {
        case 'pending':
        case 'executing':
          request = await patience.wait(request)
          continue
        case 'approved': {
          assertOpen(engine)
          const claimed = await claim(engine, request, call, live)
          if (claimed.mine) return await executeClaimed(engine, claimed.request, call, live)
          request = claimed.request
          continue
        }
        case 'succeeded':
          if (request.result !== null) return decodeValue(request.result)
          throw outcomeError(request)
        default:
          throw outcomeError(request)
      }
    }
  } finally {
    engine.calls.delete(first.id)
    patience.end()
  }
}

/** Waits until a request is no longer pending, as long as this caller waits. @throws ApprovalPendingError */
export async function waitForDecision(
  engine: Engine,
  request: ApprovalRequest,
  call: GatedCall,
): Promise<ApprovalRequest> {
  engine.deliveries.adopt(request)
  const patience = createPatience(engine, call)
  try {
    return request.status === 'pending' ? await patience.wait(request) : request
  } finally {
    patience.end()
  }
}

interface Patience {
  wait(request: ApprovalRequest): Promise<ApprovalRequest>
  end(): void
}

/** How long this caller waits, and what ends its waiting: a decision, its own abort, or its time inline. */
function createPatience(engine: Engine, { context, action }: GatedCall): Patience {
  const mode: WaitMode = context.wait ?? engine.settings.wait
  const { signal } = context
  const moved = ({ id, status }: ApprovalRequest) => engine.waiters.until(id, status)
  // Without a signal or an inline time there is nothing to race: the common case costs one promise.
  if (signal === undefined && mode === 'inline') return { wait: moved, end() {} }
  let end = () => {}
  const ended = new Promise<'aborted' | 'out-of-time'>((resolve) => {
    const onAbort = () => resolve('aborted')
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
    const timer =
      typeof mode === 'object' && engine.clock.setTimer(Number(mode.inlineFor), () => resolve('out-of-time'))
    end = () => {
      signal?.removeEventListener('abort', onAbort)
      if (timer) timer.cancel()
    }
  })
  return {
    async wait(request) {
      // Patience is for decisions. A run ends by itself, and only its end says what was executed (I10).
      if (request.status !== 'pending') return moved(request)
      if (mode === 'suspend') throw new ApprovalPendingError(action.name, request.id)
      const first = await Promise.race([moved(request), ended])
      if (typeof first === 'object') return first
      if (first === 'out-of-time') throw new ApprovalPendingError(action.name, request.id)
      await cancelRequest(engine, request.id, 'the caller aborted', null)
      // The store says what became of it: perhaps somebody approved first, and it runs.
      const stored = await storeCall(() => engine.store.get(request.id))
      if (stored === null) throw requestGone(request.id)
      return stored
    },
    end,
  }
}
