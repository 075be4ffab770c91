import type { CredentialBroker } from '@gatewright/core'

/** A broker that remembers what it issued, and can be told to fail. */
export interface FakeBroker extends CredentialBroker {
  /** Handles that were issued and not revoked. */
  readonly alive: Set<string>
  readonly issued: string[]
  failing: 'issue' | 'revoke' | null
}

/** Makes a broker. `canFind: false`: it cannot tell what was issued under a lease. */
export function fakeBroker(name = 'vault', canFind = true): FakeBroker {
  const byLease = new Map<string, string>()
  const broker: FakeBroker = {
    name,
    alive: new Set(),
    issued: [],
    failing: null,
    async issue(_session, leaseId) {
      if (this.failing === 'issue') throw new Error('vault is sealed')
      const handle = `${name}:${leaseId}`
      this.alive.add(handle)
      this.issued.push(handle)
      byLease.set(leaseId, handle)
      return { secret: `secret ${handle}`, handle, expiresAt: 0 }
    },
    async revoke(handle) {
      if (this.failing === 'revoke') throw new Error('vault is sealed')
      this.alive.delete(handle)
    },
  }
  if (canFind) broker.find = async (leaseId) => byLease.get(leaseId) ?? null
  return broker
}
