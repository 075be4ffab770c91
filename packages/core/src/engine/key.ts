import { canonicalize } from '../values/canonical'
import { sha256Hex } from '../values/digest'
import type { Engine } from './engine'
import type { GatedCall } from './prepare'

/**
 * The idempotency key of a call, hashed: requester, action, run and call id (T53), or the caller's own key. `null`: the
 * call has none and is a request of its own.
 */
export function idempotencyKey(engine: Engine, { action, context }: GatedCall): string | null {
  const { id } = engine.settings.requester
  if (context.key !== undefined) return sha256Hex(canonicalize(['own', id, action.name, context.key]))
  if (context.callId === undefined) return null
  return sha256Hex(canonicalize(['call', id, action.name, context.runId ?? null, context.callId]))
}

/** The key of one attempt: what is unique in the store. */
export function attemptKey(key: string, attempt: number): string {
  return attempt === 1 ? key : `${key}#${attempt}`
}
