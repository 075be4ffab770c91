import type { CallContext } from '../ambient'
import type { ApprovalRequest } from '../contracts/request'
import { GatewrightError } from '../errors'
import { attach } from './attach'
import type { Engine } from './engine'
import { assertOpen } from './may-run'
import type { GatedCall } from './prepare'
import { storeCall } from './store-call'

/**
 * Follows a request by its id and runs its registered action once it is approved.
 *
 * @throws GatewrightError `ERR_REQUEST_NOT_FOUND`, `ERR_REQUEST_NOT_RESUMABLE`, and everything a call throws
 */
export async function resume(engine: Engine, id: string, context: CallContext): Promise<unknown> {
  assertOpen(engine)
  const request = await storeCall(() => engine.store.get(id))
  if (request === null) {
    throw new GatewrightError('ERR_REQUEST_NOT_FOUND', `there is no request ${id}. Nothing was executed.`, {
      requestId: id,
    })
  }
  return attach(engine, request, callOf(engine, request, context), null)
}

/** Runs an approved request whose process vanished. Losing the race for it, or a function that throws, is no news: the store tells. */
export async function runOrphan(engine: Engine, request: ApprovalRequest): Promise<void> {
  try {
    await attach(engine, request, callOf(engine, request, { wait: 'suspend' }), null)
  } catch (error) {
    // Whoever was faster has it; waiting for them ended when they did, or when this gate was closed.
    if (GatewrightError.isInstance(error) && /^ERR_(ALREADY_EXECUTED|GATE_CLOSED)$/.test(error.code)) return
    engine.logger.warn(`the orphaned request ${request.id} did not succeed`, { error })
  }
}

function callOf(engine: Engine, request: ApprovalRequest, context: CallContext): GatedCall {
  const registered = engine.actions.get(request.action)
  const why =
    registered === undefined
      ? `no function is registered for ${request.action}; wrap it before resuming`
      : request.live
        ? 'it needs values that only the calling process had'
        : registered.why
  if (registered === undefined || registered.invoke === null || request.live) {
    throw new GatewrightError(
      'ERR_REQUEST_NOT_RESUMABLE',
      `request ${request.id} cannot be resumed here: ${why}. Nothing was executed.`,
      {
        requestId: request.id,
      },
    )
  }
  return {
    action: registered.action,
    snapshot: { text: request.arguments, live: null },
    invoke: registered.invoke,
    context,
    parentRequestId: request.origin.parentRequestId,
  }
}
