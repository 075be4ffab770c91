import { GatewrightError, NotApprovedError } from '../errors'
import type { Engine } from './engine'
import type { GatedCall } from './prepare'

/** @throws GatewrightError `ERR_GATE_SEALED`, `ERR_GATE_CLOSED`, and `ERR_AUDIT_UNAVAILABLE` for a gate without a log (I7) */
export function assertOpen({ settings, state }: Engine): void {
  if (settings.audit === null) {
    throw new GatewrightError(
      'ERR_AUDIT_UNAVAILABLE',
      'this gate has no log (audit: null): it reviews, votes and cancels, so nothing was executed. Call through a gate with a log.',
    )
  }
  if (state.status === 'open') return
  if (state.status === 'closed') {
    throw new GatewrightError('ERR_GATE_CLOSED', 'the gate is closed, so nothing was executed.')
  }
  throw new GatewrightError(
    'ERR_GATE_SEALED',
    `the gate is sealed (${state.reason}), so nothing was executed. Mend the cause and restart the program.`,
    { cause: state.cause },
  )
}

/** Both must hold, once more after whatever took its time. @throws as {@link assertOpen} and {@link assertNotAborted} do */
export function assertMayRun(engine: Engine, call: GatedCall): void {
  assertOpen(engine)
  assertNotAborted(call)
}

/** Why a call may not run now; `null` when it may. */
export function refusalNow(engine: Engine, call: GatedCall): unknown {
  try {
    assertMayRun(engine, call)
    return null
  } catch (error) {
    return error
  }
}

/** @throws NotApprovedError `ERR_APPROVAL_CANCELLED` when the caller gave up already */
function assertNotAborted({ action, context }: GatedCall): void {
  if (!context.signal?.aborted) return
  throw new NotApprovedError(
    'ERR_APPROVAL_CANCELLED',
    `${action.name} was cancelled by its caller. Nothing was executed.`,
    {
      action: action.name,
      reason: 'the caller aborted',
      cause: context.signal.reason,
    },
  )
}
