import { recordAlone, storeCall } from './commit'
import { withDeadline } from './deadline'
import type { Engine } from './engine'

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
    const alive = await storeCall(() => engine.store.leases.live([lease.processId]))
    if (lease.processId !== engine.processId && alive.length > 0) continue
    const deadline = engine.settings.lookupTimeoutMs
    const handle = lease.handle ?? (await findHandle(broker, lease.id))
    if (handle !== null)
      await withDeadline(engine.clock, deadline, broker.revoke(handle), `the broker ${broker.name}`)
    await storeCall(() => engine.store.credentials.remove(lease.id))
    await recordAlone(engine, 'credential.revoked', {
      broker: broker.name,
      handle,
      leaseId: lease.id,
      requestId: lease.requestId,
    })
  }
}

async function findHandle(
  broker: { find?(leaseId: string): Promise<string | null> },
  leaseId: string,
): Promise<string | null> {
  return (await broker.find?.(leaseId)) ?? null
}
