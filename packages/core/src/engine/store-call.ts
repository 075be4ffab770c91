import type { Awaitable } from '../contracts/awaitable'
import type { ApprovalRequest } from '../contracts/request'
import type { ApprovalStore, DeliveryRow } from '../contracts/store'
import { GatewrightError } from '../errors'
import { orElse } from '../values/is-promise'

/** Calls the store; what it throws becomes our error, with nothing assumed. */
export function storeCall<T>(call: () => Awaitable<T>): Awaitable<T> {
  return orElse(call, storeFailed)
}

/** The request as it is stored; `null`: there is none. */
export function readRequest(store: ApprovalStore, id: string): Awaitable<ApprovalRequest | null> {
  return storeCall(() => store.get(id))
}

/** Its messages. */
export function rowsOf(store: ApprovalStore, requestId: string): Awaitable<readonly DeliveryRow[]> {
  return storeCall(() => store.deliveries.of(requestId))
}

/** Saves a message. */
export function putRow(store: ApprovalStore, row: DeliveryRow): Awaitable<void> {
  return storeCall(() => store.deliveries.put(row))
}

function storeFailed(error: unknown): never {
  if (GatewrightError.isInstance(error)) throw error
  throw new GatewrightError(
    'ERR_STORE_UNAVAILABLE',
    'the store did not answer, so nothing was executed on it. Check that it is reachable, then call again with the same key.',
    { cause: error },
  )
}
