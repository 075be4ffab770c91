import type { Awaitable } from '../contracts/awaitable'
import type { CredentialBroker, IssuedCredential } from '../contracts/credentials'
import type { CredentialLease } from '../contracts/store'
import type { ActionDefinition } from '../define-action'
import { GatewrightError } from '../errors'
import { inTime } from '../values/deadline'
import { recordAlone } from './commit'
import type { Engine } from './engine'
import { assertOpen } from './may-run'
import { publishAlone } from './publish-alone'
import type { RunEnd } from './run'
import type { RunningSession } from './running-session'
import { storeCall } from './store-call'

interface Held {
  readonly leaseId: string
  readonly broker: CredentialBroker
  readonly issued: IssuedCredential
}

/**
 * Issues the action's credentials for one session, runs, and revokes them whatever happened (T35). The log holds each lease
 * before its broker is asked, and each credential before the function sees it (I7).
 *
 * @param run - may refuse by throwing, and then has run nothing
 */
export async function withCredentials(
  engine: Engine,
  credentials: NonNullable<ActionDefinition['credentials']>,
  session: RunningSession,
  run: () => Promise<RunEnd>,
): Promise<RunEnd> {
  const held: Held[] = []
  try {
    const secrets: Record<string, unknown> = {}
    for (const [name, broker] of Object.entries(credentials)) {
      secrets[name] = await issue(engine, session, broker, held)
    }
    session.credentials = secrets
    return await run()
  } catch (cause) {
    const error = new GatewrightError(
      'ERR_EXECUTION_BLOCKED',
      `${whyBlocked(session.action, cause)}. Its function was not called.`,
      {
        requestId: session.requestId,
        cause,
      },
    )
    return { status: 'blocked', error }
  } finally {
    for (const one of held) await revoke(engine, session.requestId, one)
  }
}

function whyBlocked(action: string, cause: unknown): string {
  const code = GatewrightError.isInstance(cause) ? cause.code : null
  if (code === 'ERR_GATE_SEALED') return `the gate was sealed while ${action} waited for its credentials`
  if (code === 'ERR_GATE_CLOSED') return `the gate was closed while ${action} waited for its credentials`
  if (code === 'ERR_APPROVAL_CANCELLED')
    return `the caller gave up while ${action} waited for its credentials`
  if (code === 'ERR_AUDIT_UNAVAILABLE')
    return `a credential for ${action} could not be recorded in the audit log`
  return `a credential for ${action} could not be issued`
}

/** Issues one credential and answers with its secret. Adds it to `held` as soon as it exists. */
async function issue(
  engine: Engine,
  session: RunningSession,
  broker: CredentialBroker,
  held: Held[],
): Promise<unknown> {
  const leaseId = engine.newId()
  const lease = {
    id: leaseId,
    requestId: session.requestId,
    processId: engine.processId,
    broker: broker.name,
    handle: null,
  }
  // Stored first: a crash right after issuing leaves a trace to sweep.
  await putLease(engine, lease)
  await publishLease(engine, lease)
  // Once more, since that may have taken long: whoever took this process for dead has ended the lease, and a crash right
  // after issuing would leave no trace. What took longer than a sweep leaves it (`recover-credentials.ts`) is saved anew, for as
  // long as anything may run here.
  for (;;) {
    const asked = engine.clock.now()
    await putLease(engine, lease)
    if (engine.clock.now() - asked < engine.settings.leaseMs) break
    assertOpen(engine)
  }
  const { requestId, action, reviewers, argumentsDigest, signal } = session
  const issuing = broker.issue(
    { requestId, action, requesterId: engine.settings.requester.id, reviewers, argumentsDigest, signal },
    leaseId,
  )
  const issued = await issueInTime(engine, lease, broker, issuing)
  // T35: held from here on, so that it is revoked even if noting it fails.
  held.push({ leaseId, broker, issued })
  await putLease(engine, { ...lease, handle: issued.handle })
  await publishAlone(engine, 'credential.issued', {
    broker: broker.name,
    expiresAt: issued.expiresAt,
    handle: issued.handle,
    leaseId,
    requestId,
  })
  return issued.secret
}

type NewLease = Omit<CredentialLease, 'createdAt'>

/** Saves a lease as one that begins now: who finds nothing under it leaves it for a while from then on. */
function putLease({ store }: Engine, lease: NewLease): Awaitable<void> {
  return storeCall(() => store.credentials.put({ ...lease, createdAt: store.now() }))
}

/** I7: no broker is asked for what the log does not hold. A lease that came to nothing is not left for a sweep to wonder about. */
async function publishLease(engine: Engine, { id, broker, requestId }: NewLease): Promise<void> {
  try {
    await publishAlone(engine, 'credential.leased', { broker, leaseId: id, requestId })
  } catch (error) {
    try {
      await recordAlone(engine, 'credential.revoked', { broker, handle: null, leaseId: id, requestId })
      await storeCall(() => engine.store.credentials.remove(id))
    } catch {
      // The lease stays stored, and the sweep ends it.
    }
    throw error
  }
}

/** A credential that comes too late to be used is revoked when it comes. */
async function issueInTime(
  engine: Engine,
  lease: NewLease,
  broker: CredentialBroker,
  issuing: Promise<IssuedCredential>,
): Promise<IssuedCredential> {
  const { id: leaseId, requestId } = lease
  try {
    return await inTime(engine, issuing, `the broker ${broker.name}`)
  } catch (error) {
    issuing.then((issued) => revoke(engine, requestId, { leaseId, broker, issued })).catch(() => undefined)
    // What failed may have issued all the same, and who took this process for dead has ended the lease: a sweep is to look.
    await putLease(engine, lease)
    throw error
  }
}

async function revoke(engine: Engine, requestId: string, { leaseId, broker, issued }: Held): Promise<void> {
  const { expiresAt, handle } = issued
  const data = { broker: broker.name, handle, leaseId, requestId }
  try {
    await inTime(engine, broker.revoke(handle), `the broker ${broker.name}`)
    // I7: recorded while the lease still stands. A crash in between has it revoked and recorded once more, not lost.
    await recordAlone(engine, 'credential.revoked', data)
  } catch (error) {
    // The lease stays stored, so that a sweep tries again; what cannot be revoked is said.
    engine.logger.error(`a credential of ${broker.name} could not be revoked`, { leaseId, error })
    const failed = { broker: broker.name, expiresAt, handle, leaseId, requestId }
    await recordAlone(engine, 'credential.revocation-failed', failed).catch(() => undefined)
    return
  }
  try {
    await storeCall(() => engine.store.credentials.remove(leaseId))
  } catch (error) {
    engine.logger.warn(
      'the lease of a revoked credential could not be removed; it is tried again at the next sweep',
      {
        leaseId,
        error,
      },
    )
  }
}
