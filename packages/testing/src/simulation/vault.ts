import type { CredentialBroker } from '@gatewright/core'
import type { Credential } from './evidence'
import type { Life, Scheduler } from './scheduler'

/** Issues credentials: outside of every process, so that what it issued outlives them. */
export interface Vault {
  /** The vault as one process reaches it: slowly, and not always. */
  broker(life: Life): CredentialBroker
}

/** Makes a vault. Each credential that it issues is kept as evidence. */
export function createVault(scheduler: Scheduler, issued: Credential[]): Vault {
  return {
    broker: (life) => ({
      name: 'vault',
      async issue({ requestId }, leaseId) {
        await scheduler.point(life, 'vault.issue')
        const handle = `credential-${issued.length + 1}`
        issued.push({
          handle,
          leaseId,
          requestId,
          life: life.name,
          step: scheduler.step,
          revokedStep: null,
          revokedBy: null,
        })
        await scheduler.point(life, 'vault.issued')
        // The world's own: a real secret would be kept apart from its name.
        return { secret: handle, handle, expiresAt: scheduler.now + 900_000 }
      },
      async revoke(handle) {
        await scheduler.point(life, 'vault.revoke')
        const credential = issued.find((one) => one.handle === handle)
        if (credential?.revokedStep === null) {
          credential.revokedStep = scheduler.step
          credential.revokedBy = life.name
        }
        await scheduler.point(life, 'vault.revoked')
      },
      async find(leaseId) {
        await scheduler.point(life, 'vault.find')
        return issued.find((one) => one.leaseId === leaseId)?.handle ?? null
      },
    }),
  }
}
