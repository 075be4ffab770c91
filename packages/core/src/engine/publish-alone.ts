import type { AuditEventType } from '../contracts/audit'
import type { JsonObject } from '../contracts/json'
import { GatewrightError } from '../errors'
import type { Engine } from './engine'
import { loneEvent } from './events'
import { storeCall } from './store-call'

/**
 * Records a step that belongs to no request's chain, and resolves once this gate's own log holds it durably: for steps
 * that something dangerous follows (I7). Goes to the log itself rather than through the outbox, which may forget the
 * event as soon as another process's log has it.
 *
 * @throws GatewrightError `ERR_AUDIT_UNAVAILABLE`, `ERR_STORE_UNAVAILABLE`: what was to follow must not happen. The event
 *   may be recorded, and is then published later.
 */
export async function publishAlone(engine: Engine, type: AuditEventType, data: JsonObject): Promise<void> {
  const { audit } = engine.settings
  const event = loneEvent(engine, { type, data })
  await storeCall(() => engine.store.outbox.record([event]))
  engine.emit([event], null)
  try {
    await engine.publisher.append([event])
  } catch (cause) {
    throw new GatewrightError(
      'ERR_AUDIT_UNAVAILABLE',
      `"${type}" could not be published in the audit log. Mend the audit sink.`,
      { cause },
    )
  }
  if (audit !== null) await storeCall(() => engine.store.outbox.published(audit.logId, [event.id]))
}
