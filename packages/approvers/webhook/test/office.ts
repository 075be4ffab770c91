import { randomUUID } from 'node:crypto'
import type { Clock } from '@gatewright/core'
import { Webhook } from 'standardwebhooks'
import {
  statementNonce,
  type WebhookAnswer,
  type WebhookApprover,
  type WebhookApproverOptions,
  type WebhookStatement,
  webhookApprover,
} from '../src'
import { type Claims, type IdentityProvider, identityProvider } from './identity-provider'
import { OURS, THEIRS } from './keys'
import { type Receiver, startReceiver } from './receiver'

export const DECISIONS_URL = 'https://gate.test/approvers/webhook/decisions'

/** What a decision is sent with, in place of what belongs there. */
export interface Sending {
  readonly claims?: Claims
  readonly header?: Claims
  /** The identity token itself. */
  readonly identity?: string
  /** Fields of the body beside its own. */
  readonly more?: Readonly<Record<string, unknown>>
  readonly webhookId?: string
  readonly secret?: string
  /** Milliseconds since the epoch, of the signature. */
  readonly at?: number
}

/** A webhook approver with its receiver, and what people do there. */
export interface Office {
  readonly approver: WebhookApprover
  readonly receiver: Receiver
  readonly provider: IdentityProvider
  /** What people were answered. */
  readonly answers: readonly WebhookAnswer[]
  /** The newest message about a request that can still be decided. */
  tokenOf(requestId: string, choice?: 'approve' | 'reject'): string | null
  /** A request to `/decisions`, signed as a receiver signs. */
  request(body: string, sending?: Sending): Request
  /** The body of a decision. */
  bodyOf(statement: WebhookStatement | string, sending?: Sending): Promise<string>
  /** Posts a decision. */
  send(
    statement: WebhookStatement | string,
    sending?: Sending,
  ): Promise<{ readonly status: number; readonly answer: WebhookAnswer }>
  close(): Promise<void>
}

/** @param clock - of the host; people's tokens and the receiver's signatures are of its time */
export async function openOffice(
  clock: Clock,
  options: Partial<WebhookApproverOptions> = {},
  decisions: Partial<WebhookApproverOptions['decisions']> = {},
): Promise<Office> {
  const receiver = await startReceiver()
  const provider = await identityProvider()
  const answers: WebhookAnswer[] = []
  const approver = webhookApprover({
    url: receiver.url,
    secret: OURS,
    allow: ['127.0.0.1'],
    allowHttp: true,
    decisions: { url: DECISIONS_URL, secret: THEIRS, issuers: [provider.options], ...decisions },
    ...options,
  })

  async function bodyOf(
    statement: WebhookStatement | string,
    { claims, header, identity, more }: Sending = {},
  ) {
    const written = typeof statement === 'string' ? statement : JSON.stringify(statement)
    const token = await provider.token(statementNonce(written), clock.now(), claims, header)
    return JSON.stringify({ version: 1, statement: written, identity: identity ?? token, ...more })
  }

  function request(
    body: string,
    { webhookId = randomUUID(), secret = THEIRS, at = clock.now() }: Sending = {},
  ) {
    return new Request(DECISIONS_URL, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': webhookId,
        'webhook-timestamp': `${Math.floor(at / 1_000)}`,
        'webhook-signature': new Webhook(secret).sign(webhookId, new Date(at), body),
      },
      body,
    })
  }

  return {
    approver,
    receiver,
    provider,
    answers,
    request,
    bodyOf,
    tokenOf(requestId, choice = 'approve') {
      const offers = [...receiver.shown.values()]
        .map(({ payload }) => payload.data)
        .filter(({ review, decision }) => review.requestId === requestId && decision?.offers.includes(choice))
      return offers.at(-1)?.decision?.token ?? null
    },
    async send(statement, sending) {
      const response = await approver.handle(request(await bodyOf(statement, sending), sending))
      const answer = (await response.json()) as WebhookAnswer
      answers.push(answer)
      return { status: response.status, answer }
    },
    async close() {
      await approver.stop?.()
      await receiver.close()
    },
  }
}
