import type { Approver, ApproverHost } from '../contracts/approver'
import type { RequestFilter } from '../contracts/store'
import { GatewrightError } from '../errors'
import { isAmong } from '../policy/eligibility'
import { recordAlone } from './commit'
import type { Engine } from './engine'
import { personData } from './events'
import { pagesOf } from './pages'
import { reviewFor } from './present'
import { openValue, seal, sealValue } from './seal-value'
import { readRequest } from './store-call'
import { castVote } from './vote'

/** What an invitation to link two identities is sealed for. */
export const INVITATION = 'invitation to link identities'
const INVITATION_MS = 600_000

const BATCH = 200
const NEWEST = 1_000

/**
 * Starts a gate: its lease, its approvers, its feed; then makes good what a crash left (DESIGN section 9). Rejects when an
 * approver cannot start, for nothing runs through a gate that reaches nobody, or when the store fails. Then all of it is
 * stopped again, and it may be started once more.
 */
export async function startEngine(engine: Engine, signal: AbortSignal): Promise<void> {
  const { settings, store } = engine
  await engine.lease.take()
  const feed = new AbortController()
  signal.addEventListener('abort', () => feed.abort(), { once: true })
  const started: Approver[] = []
  try {
    for (const approver of settings.approvers) {
      await approver.start?.(hostFor(engine, approver.name))
      started.push(approver)
    }
    store.changes((ids) => {
      engine.waiters.hint(ids)
      engine.deliveries.hint(ids)
      engine.deliveries.attend(ids)
    }, feed.signal)
    await recordStart(engine)
    await recover(engine)
    await engine.sweeper.sweep()
  } catch (error) {
    feed.abort()
    await stopApprovers(engine, started)
    throw error
  }
}

async function recordStart(engine: Engine): Promise<void> {
  const { settings } = engine
  await recordAlone(engine, 'gate.started', {
    agent: settings.requester.id,
    approvers: settings.approvers.map(({ name }) => name),
    configurationHash: engine.policies.configurationHash,
    ephemeral: settings.ephemeral,
    mode: settings.observe ? 'observe' : 'enforce',
    owner: settings.requester.owner && personData(settings.requester.owner),
    processId: engine.processId,
  })
  if (settings.observe) {
    engine.logger.warn(
      'this gate only observes: calls that need approval run without it, and are logged as such',
    )
  }
}

/** One that does not stop keeps none of the others from it. */
async function stopApprovers(engine: Engine, approvers: readonly Approver[]): Promise<void> {
  for (const approver of approvers) {
    try {
      await approver.stop?.()
    } catch (error) {
      engine.logger.warn(`the approver ${approver.name} did not stop cleanly`, { error })
    }
  }
}

/** Brings messages of requests that outlived their process up to date. What time or a crash undid is the sweep's work. */
async function recover(engine: Engine): Promise<void> {
  await reconcileListed(engine, { status: ['pending', 'approved', 'executing'] }, Number.POSITIVE_INFINITY)
  // T34: buttons of finished requests are dead whatever they show; the newest messages are made to say so.
  await reconcileListed(engine, {}, NEWEST)
}

async function reconcileListed(engine: Engine, filter: RequestFilter, most: number): Promise<void> {
  let seen = 0
  for await (const requests of pagesOf(engine.store, filter, BATCH)) {
    await engine.deliveries.reconcile(requests)
    seen += requests.length
    if (seen >= most) return
  }
}

/** Stops a gate: no new call, no more waiting; what runs is let finish and is recorded. */
export async function closeEngine(engine: Engine): Promise<void> {
  const sealed = engine.state.status === 'sealed'
  engine.state = { status: 'closed' }
  engine.waiters.abandon(
    new GatewrightError(
      'ERR_GATE_CLOSED',
      'the gate was closed while this call waited. Nothing was executed; the request stays as it is.',
    ),
  )
  await engine.running.whenIdle()
  engine.sweeper.stop()
  await engine.deliveries.idle()
  await stopApprovers(engine, engine.settings.approvers)
  try {
    await recordAlone(engine, 'gate.closed', { processId: engine.processId, sealed })
    await engine.lease.release()
  } catch (error) {
    engine.logger.warn('the gate closed without telling the store; its lease ends by itself', { error })
  }
  await engine.publisher.idle()
}

/** What an approver may do with the gate. */
export function hostFor(engine: Engine, name: string): ApproverHost {
  const { settings, store, clock, logger } = engine
  return {
    clock,
    logger,
    vote: (input) => castVote(engine, input, name),
    async get(requestId, limits) {
      const request = await readRequest(store, requestId)
      return request && reviewFor(engine, request, limits ?? null, 0)
    },
    link: settings.link,
    seal: (value) => sealValue(settings.secrets, value),
    open: (token, audience) => openValue(settings.secrets, token, audience, store.now()),
    invite({ issuer, subject }, called) {
      const { linking, secrets } = settings
      if (linking === null) return null
      const invitation = [issuer, subject, called.slice(0, 200), name, store.now() + INVITATION_MS]
      return linking(seal(secrets, invitation, INVITATION))
    },
    async identify(identity) {
      const person = await engine.identities.person(identity)
      return person && personData(person)
    },
    async isOwn(requestId, identity) {
      const request = await readRequest(store, requestId)
      if (request === null) return false
      const excluded = await engine.identities.excluded(request)
      if (excluded.length === 0 || isAmong(identity, excluded)) return excluded.length > 0
      const person = await engine.identities.person(identity)
      return person !== null && isAmong(person, excluded)
    },
  }
}
