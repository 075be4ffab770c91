import type { ApprovalStore, CredentialLease } from '../contracts/store'
import { freezeJson } from './freeze'
import type { Open } from './open'

/** Makes an empty table of credentials that are about to be issued, or are not yet revoked: oldest first. */
export function createCredentials(open: Open): ApprovalStore['credentials'] {
  const leases = new Map<string, CredentialLease>()
  return {
    put(lease) {
      open()
      leases.set(lease.id, freezeJson(lease))
    },
    remove(id) {
      open()
      leases.delete(id)
    },
    list(limit) {
      open()
      return [...leases.values()].slice(0, limit)
    },
  }
}
