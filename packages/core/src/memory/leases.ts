import type { ApprovalStore } from '../contracts/store'
import type { Open } from './open'

/** Makes an empty table of processes' leases. */
export function createLeases(open: Open): ApprovalStore['leases'] {
  const ends = new Map<string, number>()
  return {
    renew(processId, forMs) {
      ends.set(processId, open() + forMs)
    },
    release(processId) {
      open()
      ends.delete(processId)
    },
    live(processIds) {
      const now = open()
      return processIds.filter((id) => (ends.get(id) ?? Number.NEGATIVE_INFINITY) > now)
    },
  }
}
