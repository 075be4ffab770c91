import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeEvent, type LogEvent } from '@gatewright/audit'
import { Webhook } from 'standardwebhooks'
import { onTestFinished } from 'vitest'
import type { WebhookAuditOptions } from '../src/audit/webhook-audit'
import { DEADLINE_MS, type QuickClock, quickClock } from './quick-clock'
import { type Answer, type Receiver, receiver, status } from './receiver'

export const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`

/** A receiver that keeps each event once, in the order in which it came first, as its owner should write one. */
export interface AuditReceiver extends Receiver {
  readonly events: ReadonlyMap<string, LogEvent>
  /** The entries of each request that was taken, as text. */
  readonly batches: readonly (readonly string[])[]
  /** Answers in the place of the receiver, until it is `null` again. */
  broken: Answer | null
  /** What a sink to it needs, with a dead-letter file of its own. */
  readonly options: WebhookAuditOptions & { readonly clock: QuickClock }
}

export async function auditReceiver(): Promise<AuditReceiver> {
  const events = new Map<string, LogEvent>()
  const batches: (readonly string[])[] = []
  const webhook = new Webhook(SECRET)
  const state: { broken: Answer | null } = { broken: null }
  const server = await receiver((response, received, count) => {
    if (state.broken !== null) return state.broken(response, received, count)
    webhook.verify(received.body, received.headers as Record<string, string>)
    const entries = entriesOf(received.body)
    batches.push(entries)
    for (const entry of entries) {
      const event = decodeEvent(Buffer.from(entry))
      if (!events.has(event.id)) events.set(event.id, event)
    }
    status(204)(response, received, count)
  })
  return Object.assign(state, server, {
    events,
    batches,
    options: {
      url: server.url,
      secret: SECRET,
      allow: ['127.0.0.1'],
      allowHttp: true,
      deadLetters: join(await temporaryFolder(), 'dead.jsonl'),
      timeout: DEADLINE_MS,
      clock: quickClock(),
      logger: { info: () => {}, warn: () => {}, error: () => {} },
    },
  })
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-outbound-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The entries of a batch, by its lines, checked against its JSON. */
export function entriesOf(body: Buffer): readonly string[] {
  const text = body.toString('utf8')
  const entries = text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => line.replace(/,$/, ''))
  const parsed: unknown = JSON.parse(text)
  if (JSON.stringify(entries.map((entry) => JSON.parse(entry))) !== JSON.stringify(parsed))
    throw new Error('the lines are not the elements')
  return entries
}
