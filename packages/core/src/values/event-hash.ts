import type { AuditEvent } from '../contracts/audit'
import type { Json } from '../contracts/json'
import { canonicalize } from './canonical'
import { sha256Hex } from './digest'

/**
 * SHA-256 of an event's canonical form (RFC 8785), in lower-case hex: what the next event of its subject carries as
 * `previous`. The same for an event that went through a database which keeps no order of keys.
 *
 * Openings are no part of it.
 *
 * @throws ArgumentsUnsupportedError `ERR_ARGUMENTS_UNSUPPORTED` for what is no JSON
 */
export function eventHash(event: AuditEvent): string {
  return sha256Hex(canonicalize(withoutOpenings(event) as unknown as Json))
}

/** The event as hashes cover it, and as may be told to whoever listens: without what its commitments hide. */
export function withoutOpenings(event: AuditEvent): AuditEvent {
  if (event.openings === undefined) return event
  const { openings: _, ...stated } = event
  return stated
}
