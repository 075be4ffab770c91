import { GatewrightError, NotApprovedError } from '../errors'
import type { Engine } from './engine'
import type { GatedCall } from './prepare'

/** @throws GatewrightError `ERR_GATE_SEALED`, `ERR_GATE_CLOSED` */
export function assertOpen({ state }: Engine): void {
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

/** @throws NotApprovedError `ERR_APPROVAL_CANCELLED` when the caller gave up already */
export function assertNotAborted({ action, context }: GatedCall): void {
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
