import { createHash } from 'node:crypto'
import type { Principal } from '@gatewright/core'

/** Tokens that were verified a moment ago: somebody who votes on ten requests is not verified ten times. */
export interface VerifiedTokens {
  /** Whose it is, if it was verified within the last minute and has not expired since. */
  recall(token: string): Principal | null
  /** @param expires - the token's `exp`: seconds since the epoch */
  remember(token: string, principal: Principal, expires: number): void
}

/** Shorter than the keys of a provider are kept: a key that it withdraws is used no longer for that. */
const KEPT_MS = 60_000
const MOST = 1_000

/** @param skewSeconds - by how much clocks may differ, as for any other check of the same tokens */
export function createVerifiedTokens(skewSeconds: number): VerifiedTokens {
  const known = new Map<
    string,
    { readonly principal: Principal; readonly until: number; readonly endsAt: number }
  >()
  return {
    recall(token) {
      const name = nameOf(token)
      const entry = known.get(name)
      if (entry === undefined) return null
      // Both clocks: one that is set back makes no token last longer.
      if (performance.now() < entry.until && Date.now() < entry.endsAt) return entry.principal
      known.delete(name)
      return null
    },
    remember(token, principal, expires) {
      known.set(nameOf(token), {
        principal,
        until: performance.now() + KEPT_MS,
        endsAt: (expires + skewSeconds) * 1_000,
      })
      const [oldest] = known.keys()
      if (known.size > MOST && oldest !== undefined) known.delete(oldest)
    },
  }
}

/** The token itself is kept nowhere. */
function nameOf(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}
