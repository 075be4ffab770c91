import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGate, group, type RequestStatus } from '@gatewright/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { identityProvider } from '../test/identity-provider'
import { OURS, THEIRS } from '../test/keys'
import { type WebhookAnswer, type WebhookPayload, webhookApprover } from '.'

const program = join(import.meta.dirname, '../../../../examples/webhook-python/approver.py')
const hasPython = spawnSync('python3', ['--version']).status === 0

type Shown = WebhookPayload['data']

/** The example, in a process of its own, and how it is called. */
async function example() {
  const env = {
    ...process.env,
    GATEWRIGHT_WEBHOOK_SECRET: OURS,
    APPROVALS_KEY: THEIRS,
    no_proxy: '*',
    PORT: '0',
  }
  const child: ChildProcess = spawn('python3', [program], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  if (child.stdout === null) throw new Error('no output')
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string]
  const address = `http://127.0.0.1:${port}`
  const post = async <T>(path: string, value: unknown): Promise<T> =>
    (await (await fetch(`${address}${path}`, { method: 'POST', body: JSON.stringify(value) })).json()) as T
  return {
    url: `${address}/gatewright`,
    shown: async () => (await (await fetch(address)).json()) as readonly Shown[],
    prepare: (delivery: string, decision: string) =>
      post<{ statement: string; nonce: string }>('/prepare', { delivery, decision, note: 'as agreed, Ada' }),
    decide: (delivery: string, statement: string, identity: string) =>
      post<WebhookAnswer>('/decide', { delivery, statement, identity }),
    forge: async () => (await fetch(`${address}/gatewright`, { method: 'POST', body: '{}' })).status,
  }
}

/** A gate that asks it, whose decisions are taken over HTTP. */
async function gateWith(receiver: string) {
  const provider = await identityProvider('RS256')
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const request = new Request(`http://127.0.0.1${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers: incoming.headers as Record<string, string>,
      body: Buffer.concat(chunks),
    })
    const response = await approver.handle(request)
    outgoing.writeHead(response.status).end(await response.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const approver = webhookApprover({
    url: receiver,
    secret: OURS,
    allow: ['127.0.0.1'],
    allowHttp: true,
    decisions: {
      url: `http://127.0.0.1:${port}/approvers/webhook/decisions`,
      secret: THEIRS,
      issuers: [{ ...provider.options, groupsClaim: 'groups' }],
    },
  })
  const gate = createGate({
    agent: { id: 'ops-bot', owner: null },
    approvers: [approver],
    reviewers: group('ops'),
    ephemeral: true,
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  })
  onTestFinished(() => gate.close())
  /** Resolves once a message was acknowledged. */
  const sent = (): Promise<void> =>
    new Promise((resolve) => {
      const stop = gate.on('delivery.sent', () => {
        stop()
        resolve()
      })
    })
  return { gate, provider, sent }
}

const name =
  'the example in Python shows a request, takes a decision with a person’s own token, and the call runs'

describe('an approver in another language, by the documentation alone', () => {
  if (!hasPython) {
    test.skip(`${name} (python3 is missing)`, () => {})
    return
  }
  test(name, async () => {
    const { url, shown, prepare, decide, forge } = await example()
    const { gate, provider, sent } = await gateWith(url)
    const delivered = sent()
    const ended = gate.requireApproval(async (table: string) => `exported ${table}`, {
      action: 'data.export',
    })('orders')
    ended.catch(() => {})
    await delivered
    const [asked] = await shown()
    expect(asked?.review.content).toMatchObject({ action: 'data.export', arguments: [{ text: 'orders' }] })
    const delivery = asked?.deliveryId ?? ''

    // What is not signed by the gate is not shown, and a token for another statement is no vote.
    expect(await forge()).toBe(400)
    const rejecting = await prepare(delivery, 'reject')
    const { statement, nonce } = await prepare(delivery, 'approve')
    const claims = { groups: ['ops'] }
    const wrong = await provider.token(rejecting.nonce, Date.now(), claims)
    expect(await decide(delivery, statement, wrong)).toMatchObject({ status: 'invalid' })

    const identity = await provider.token(nonce, Date.now(), claims)
    expect(await decide(delivery, statement, identity)).toMatchObject({
      status: 'counted',
      requestStatus: 'approved' satisfies RequestStatus,
    })
    expect(await ended).toBe('exported orders')
  })
})
