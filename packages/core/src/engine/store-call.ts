import { GatewrightError } from '../errors'

/** Calls the store; what it throws becomes our error, with nothing assumed. */
export function storeCall<T>(call: () => Promise<T>): Promise<T> {
  // Not an async function: the hot path makes a dozen of these calls, and each promise counts.
  try {
    return call().then(undefined, storeFailed)
  } catch (error) {
    return Promise.reject(error).catch(storeFailed)
  }
}

function storeFailed(error: unknown): never {
  if (GatewrightError.isInstance(error)) throw error
  throw new GatewrightError(
    'ERR_STORE_UNAVAILABLE',
    'the store did not answer, so nothing was executed on it. Check that it is reachable, then call again with the same key.',
    { cause: error },
  )
}
