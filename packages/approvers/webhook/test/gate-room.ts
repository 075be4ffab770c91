import {
  type ApprovalStore,
  createGate,
  type Gate,
  type GateOptions,
  memoryAudit,
  memoryStore,
  person,
} from '@gatewright/core'
import { type FakeClock, fakeClock } from '@gatewright/testing'
import { onTestFinished } from 'vitest'
import type { WebhookApproverOptions, WebhookStatement } from '../src'
import { ISSUER } from './identity-provider'
import { type Office, openOffice } from './office'

/** A real gate that asks over a webhook. */
export interface GateRoom {
  readonly gate: Gate
  readonly office: Office
  readonly clock: FakeClock
  readonly store: ApprovalStore
  /** What ran, by its argument. */
  readonly ran: readonly unknown[]
  /** Events of the log, by their type. */
  events(type: string): readonly { readonly data: unknown }[]
  /** Makes a call; resolves once people can see its request. Its end is in `ended`. Rejects when nobody is asked. */
  call(argument: object): Promise<{ readonly requestId: string; readonly ended: Promise<unknown> }>
  /** A statement on what the receiver was sent last about a request. */
  statement(
    requestId: string,
    decision?: 'approve' | 'reject',
    more?: Partial<WebhookStatement>,
  ): WebhookStatement
}

export const SECRETS = ['s'.repeat(32)]

export async function gateRoom(
  options: Partial<GateOptions> = {},
  approver: Partial<WebhookApproverOptions> = {},
): Promise<GateRoom> {
  const clock = fakeClock()
  const store = options.store ?? memoryStore({ clock })
  const audit = memoryAudit()
  const office = await openOffice(clock, approver)
  const gate = createGate({
    agent: { id: 'ops-bot', owner: null },
    approvers: [office.approver],
    ...(options.requirement === undefined ? { reviewers: person(ISSUER, 'ada') } : {}),
    secrets: SECRETS,
    link: (id) => `https://gate.test/requests/${id}`,
    linking: (invitation) => `https://gate.test/link/${invitation}`,
    clock,
    audit,
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    ...options,
    store,
  })
  const ran: unknown[] = []
  const gated = gate.requireApproval(
    async (argument: object) => {
      ran.push(argument)
      return 'ran'
    },
    { action: 'data.export' },
  )
  await gate.start()
  onTestFinished(async () => {
    await gate.close()
    await office.close()
  })
  return {
    gate,
    office,
    clock,
    store,
    ran,
    events: (type) => audit.events.filter((event) => event.type === type),
    async call(argument) {
      const before = office.receiver.shown.size
      const ended = gated(argument).catch((error: unknown) => error)
      const refused = ended.then((error) => {
        if ((error as { readonly code?: string }).code !== 'ERR_APPROVAL_PENDING') throw error
        return new Promise<never>(() => {})
      })
      await Promise.race([office.receiver.until(() => office.receiver.shown.size > before), refused])
      await clock.settle()
      const [newest] = [...office.receiver.shown.values()].slice(-1)
      return { requestId: newest?.payload.data.review.requestId ?? '', ended }
    },
    statement(requestId, decision = 'approve', more = {}) {
      return { token: office.tokenOf(requestId, decision) ?? '', decision, ...more }
    },
  }
}
