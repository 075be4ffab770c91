import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ReviewDocument } from '@gatewright/core'
import { Webhook } from 'standardwebhooks'
import type { WebhookPayload } from '../src'
import { payload as payloadSchema } from '../src/schema/payload'
import { OURS } from './keys'

/** A message as people see it at the receiver. */
export interface Shown {
  readonly deliveryId: string
  readonly payload: WebhookPayload
}

/** A receiver that does what `docs/webhook.md` says, on the loopback, and fails the test on anything that it should not get. */
export interface Receiver {
  readonly url: string
  /** What people see, one for each delivery id. */
  readonly shown: ReadonlyMap<string, Shown>
  /** Every message that arrived, repeated ones too. */
  readonly arrived: readonly {
    readonly id: string
    readonly payload: WebhookPayload
    readonly body: string
  }[]
  /** Answers this instead, until it is `null` again. `'hang'`: accepts and never answers. */
  instead: number | 'hang' | null
  /** Resolves once something that arrived makes it so. */
  until(holds: () => boolean): Promise<void>
  /** What went wrong at the receiver's own checks. */
  readonly problems: readonly unknown[]
  close(): Promise<void>
}

/** The largest body that it takes. */
const MOST_BYTES = 4_000_000

export async function startReceiver(): Promise<Receiver> {
  const shown = new Map<string, Shown>()
  const arrived: { id: string; payload: WebhookPayload; body: string }[] = []
  const problems: unknown[] = []
  const waiting = new Set<() => void>()
  const seen = new Set<string>()
  const webhook = new Webhook(OURS)
  const state: { instead: number | 'hang' | null } = { instead: null }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const headers = request.headers as Record<string, string>
    const payload = webhook.verify(body, headers) as WebhookPayload
    // What the published schema does not describe would be dropped.
    assert.deepEqual(payloadSchema.parse(payload), payload)
    const id = headers['webhook-id'] ?? ''
    arrived.push({ id, payload, body })
    if (state.instead === 'hang') return
    if (state.instead !== null) return void response.writeHead(state.instead).end()
    if (!seen.has(id)) keep(payload)
    seen.add(id)
    response.writeHead(204).end()
    for (const look of waiting) look()
  }

  /** A message replaces that of its delivery, unless it is older; what was never asked has nothing to update. */
  function keep(payload: WebhookPayload): void {
    const { deliveryId, review } = payload.data
    const before = shown.get(deliveryId)?.payload.data.review
    if (before === undefined && payload.type === 'approval.updated') return
    if (before !== undefined && before.progress.version > review.progress.version) return
    shown.set(deliveryId, { deliveryId, payload })
  }

  const server = createServer((request, response) => {
    take(request, response).catch((problem: unknown) => {
      problems.push(problem)
      response.writeHead(400).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}/gatewright`,
    shown,
    arrived,
    problems,
    until: (holds: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!holds()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      assert.deepEqual(problems, [], 'the receiver got something wrong')
    },
  })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  assert(body.length <= MOST_BYTES, `a body of ${body.length} bytes`)
  return body.toString('utf8')
}

/** What a person reads of a document: everything that it says. */
export function textOf(review: ReviewDocument): string {
  const { content, progress, shortDigest } = review
  return [
    `${content.action} [${shortDigest}] by ${content.requester.name}: ${progress.status}`,
    ...content.rules.map(({ reason }) => reason ?? ''),
    ...(content.intent === null ? [] : [`${content.intent.label}: ${content.intent.leaf.text}`]),
    ...content.arguments.map(({ path, type, text, marks }) => `${path} = ${text || type} ${marks.join()}`),
    ...content.missing,
    ...(review.complete ? [] : [`everything: ${review.link}`]),
  ].join('\n')
}
