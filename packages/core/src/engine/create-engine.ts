import { randomBytes } from 'node:crypto'
import type { EventEmitter } from 'eventemitter3'
import type { AuditEventType } from '../contracts/audit'
import type { JsonObject } from '../contracts/json'
import { GatewrightError } from '../errors'
import { createPolicySet } from '../policy/policy-set'
import { deepFreeze } from '../values/deep-freeze'
import { withoutOpenings } from '../values/event-hash'
import { createIdSource } from '../values/ids'
import { recordAlone } from './commit'
import { createDeliveries } from './deliver'
import type { Engine } from './engine'
import type { GateEvents } from './gate-events'
import { createIdentities } from './identify'
import { createLease } from './lease'
import { createPublisher } from './publish'
import { createRunning } from './running'
import type { GateSettings } from './settings'
import { createSweeper } from './sweep'
import { createWaiters } from './wait'

/** Puts the collaborators of a gate together. */
export function createEngine(settings: GateSettings, events: EventEmitter<GateEvents>): Engine {
  const { store, clock, logger, audit } = settings
  const nextId = createIdSource()
  // The emitter's own types cannot follow a name that is a union.
  const untyped = events as unknown as EventEmitter
  // Collaborators that need one another get the engine when they run, not when they are made.
  const self = (): Engine => engine
  const sweeper = createSweeper(self)
  const engine: Engine = {
    settings,
    store,
    clock,
    logger,
    processId: `${process.pid}-${randomBytes(9).toString('base64url')}`,
    policies: createPolicySet(settings.policy, settings.requirement, {
      clock,
      timeoutMs: settings.policyTimeoutMs,
      onFailure: (id, error) => logger.error(`the policy ${id} failed; the call was denied`, { error }),
    }),
    identities: createIdentities(store, settings.directory, clock, settings.lookupTimeoutMs),
    publisher: createPublisher({
      sink: audit,
      store,
      clock,
      logger,
      timeoutMs: settings.auditTimeoutMs,
      onChange: (state, error) =>
        note(`audit.${state}`, { error: nameOf(error), logId: audit?.logId ?? null }),
    }),
    waiters: createWaiters(store, logger, (count) => sweeper.waiting(count > 0)),
    deliveries: createDeliveries(self),
    sweeper,
    lease: createLease(self),
    actions: new Map(),
    calls: new Map(),
    unrecorded: new Map(),
    running: createRunning(),
    state: { status: 'open' },
    newId: () => nextId(store.now()),
    emit(emitted, request) {
      for (const event of emitted) {
        if (events.listenerCount(event.type) === 0 && events.listenerCount('event') === 0) continue
        // A sink may hold the very object: nobody who listens may change what stands in the log.
        const told = deepFreeze(withoutOpenings(event))
        tell(event.type, { event: told, request } as never)
        tell('event', { event: told, request })
      }
    },
    seal(reason, cause) {
      if (engine.state.status !== 'open') return
      engine.state = { status: 'sealed', reason, cause }
      logger.error(`the gate is sealed: ${reason}. Nothing more runs until the program is restarted.`, {
        error: cause,
      })
      tell('sealed', { reason, cause })
      note('gate.sealed', { error: nameOf(cause), processId: engine.processId, reason })
    },
  }

  /** Records a trouble of the gate's own, where the store still takes it: nobody waits for it. */
  function note(type: AuditEventType, data: JsonObject): void {
    recordAlone(engine, type, data).catch((error: unknown) =>
      logger.warn(`"${type}" could not be recorded`, { error }),
    )
  }

  function tell<Name extends keyof GateEvents>(name: Name, payload: Parameters<GateEvents[Name]>[0]): void {
    try {
      untyped.emit(name, payload)
    } catch (error) {
      logger.error(`a listener for "${name}" threw; the gate goes on`, { error })
    }
  }
  return engine
}

/** What may be said of an error in the log: its kind. Its message may hold anything (T43). */
function nameOf(error: unknown): string | null {
  if (error === null || error === undefined) return null
  return GatewrightError.isInstance(error) ? error.code : error instanceof Error ? error.name : 'unknown'
}
