import type { Principal } from '../contracts/principal'
import type { ApprovalRequest } from '../contracts/request'
import { GatewrightError, OptionError } from '../errors'
import { moveSafely } from './cancel'
import type { Engine } from './engine'
import { personData } from './events'
import { redactText } from './present'

/**
 * Adds what a person found out about an unknown outcome. Runs nothing, and changes no status.
 *
 * @throws GatewrightError `ERR_REQUEST_NOT_FOUND`; `ERR_TRANSITION_ILLEGAL` when its outcome is known
 */
export async function reconcileRequest(
  engine: Engine,
  id: string,
  { by, note }: { readonly by: Principal; readonly note: string },
): Promise<ApprovalRequest> {
  // I5: an explanation is a person's word.
  if (by?.type !== 'human') throw new OptionError('reconcile.by', 'is the person who found out')
  if (typeof note !== 'string' || note.trim() === '')
    throw new OptionError('reconcile.note', 'says what was found out')
  const request = await moveSafely(engine, id, {
    type: 'reconcile',
    by: personData(by),
    note: redactText(engine, note),
  })
  if (request === null)
    throw new GatewrightError('ERR_REQUEST_NOT_FOUND', `there is no request ${id}.`, { requestId: id })
  if (request.status !== 'unknown') {
    throw new GatewrightError(
      'ERR_TRANSITION_ILLEGAL',
      `request ${id} is ${request.status}, so there is nothing to reconcile.`,
      { requestId: id },
    )
  }
  return request
}
