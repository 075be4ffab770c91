import type { CredentialBroker } from '../contracts/credentials'
import type { CredentialLease } from '../contracts/store'
import { inTime } from '../values/deadline'
import { recordAlone } from './commit'
import type { Engine } from './engine'
import { storeCall } from './store-call'

const BATCH = 100

/** T35: revokes what a crashed session left behind, through the broker of the same name. */
export async function cancelledCredentials(engine: Engine): Promise<void> {
  const brokers = new Map(
    [...engine.actions.values()].flatMap(({ action }) =>
      Object.values(action.credentials ?? {}).map((broker) => [broker.name, broker] as const),
    ),
  )
  if (brokers.size === 0) return
  for (const lease of await storeCall(() => engine.store.credentials.list(BATCH))) {
    const broker = brokers.get(lease.broker)
    if (broker === undefined || engine.running.has(lease.requestId)) continue
    if (await livesElsewhere(engine, lease)) continue
    try {
      await end(engine, lease, broker)
    } catch (error) {
      // The lease stays, so that the next sweep tries again; the others are not kept from theirs.
      engine.logger.warn(`a credential of ${broker.name} could not be revoked; it is tried again`, {
        leaseId: lease.id,
        error,
      })
    }
  }
}

async function end(engine: Engine, lease: CredentialLease, broker: CredentialBroker): Promise<void> {
  const handle = await handleOf(engine, lease, broker)
  // Its process may only be late, and about to issue: until that is over the lease stays, whoever dies meanwhile.
  const { leaseMs, lookupTimeoutMs } = engine.settings
  if (handle === null && engine.store.now() - lease.createdAt <= leaseMs + lookupTimeoutMs) return
  if (handle !== null) await inTime(engine, broker.revoke(handle), `the broker ${broker.name}`)
  // T35: what may live on is said; without `find` nobody can tell whether anything was issued under the lease.
  const canTell = lease.handle !== null || broker.find !== undefined
  await recordAlone(engine, canTell ? 'credential.revoked' : 'credential.revocation-failed', {
    broker: broker.name,
    handle,
    leaseId: lease.id,
    requestId: lease.requestId,
  })
  // It was only late, and may have issued since: then this is the one trace of it, should it die.
  if (await livesElsewhere(engine, lease)) return
  // I7: what is recorded while the lease still stands cannot be lost; a crash in between records it twice.
  await storeCall(() => engine.store.credentials.remove(lease.id))
  if (handle !== null) return
  // The same of one that nobody heard of again: what it issued meanwhile gets its trace back, and ends at the next sweep. A
  // broker that cannot tell now is asked then.
  const isNone = await handleOf(engine, lease, broker).then(
    (late) => late === null,
    () => false,
  )
  if (!isNone) await storeCall(() => engine.store.credentials.put(lease))
}

async function handleOf(
  engine: Engine,
  { handle, id }: CredentialLease,
  broker: CredentialBroker,
): Promise<string | null> {
  if (handle !== null || broker.find === undefined) return handle
  return inTime(engine, broker.find(id), `the broker ${broker.name}`)
}

async function livesElsewhere(
  { processId: own, store }: Engine,
  { processId }: CredentialLease,
): Promise<boolean> {
  if (processId === own) return false
  return (await storeCall(() => store.leases.live([processId]))).length > 0
}
