import { createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Recipients, ReviewDocument } from '@gatewright/core'
import { generateWebhookKeys } from '@gatewright/outbound'
import { Webhook } from 'standardwebhooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import { gateRoom } from '../test/gate-room'
import { identityProvider } from '../test/identity-provider'
import { OURS, secretOf, THEIRS } from '../test/keys'
import { DECISIONS_URL } from '../test/office'
import { type WebhookApproverOptions, webhookApprover } from '.'

const signal = new AbortController().signal
const to = (purpose: Recipients['purpose']): Recipients => ({ stages: [], purpose })
const good = await options()
const quick = { retry: { attempts: 2, firstPause: 1, longestPause: 1 } } as const

/** A gate with one call that waits, and its document. */
async function asked(options: Partial<WebhookApproverOptions> = {}) {
  const room = await gateRoom({ wait: 'suspend' }, options)
  const { requestId } = await room.call({ table: 'customers' })
  const review = async () => (await room.gate.requests.review(requestId)) as ReviewDocument
  const { approver, receiver } = room.office
  const update = async () => approver.update?.(await review(), { id: 'd-1', reference: null })
  return { ...room, requestId, review, approver, receiver, update }
}

describe('a message', () => {
  test('says what it is for, to whom, and how to decide', async () => {
    const { approver, receiver, review, requestId, clock } = await asked()
    for (const purpose of ['ask', 'remind', 'escalate'] as const)
      await approver.deliver(await review(), to(purpose), `d-${purpose}`, signal)
    const [first, ...rest] = receiver.arrived
    expect([first, ...rest].map((message) => message?.payload.type)).toEqual([
      'approval.requested',
      'approval.requested',
      'approval.reminded',
      'approval.escalated',
    ])
    expect(rest.map(({ id }) => id)).toEqual(['d-ask', 'd-remind', 'd-escalate'])
    const document = await review()
    expect(first?.payload).toEqual({
      type: 'approval.requested',
      version: 1,
      timestamp: new Date(clock.now()).toISOString(),
      data: {
        deliveryId: first?.id,
        recipients: {
          purpose: 'ask',
          stages: [
            {
              requirement: 'default',
              stage: expect.any(String),
              reviewers: { type: 'person', issuer: 'https://idp.test', subject: 'ada' },
              atLeast: 1,
            },
          ],
        },
        review: document,
        decision: {
          url: DECISIONS_URL,
          token: expect.any(String),
          expiresAt: document.progress.expiresAt,
          offers: ['approve', 'reject'],
        },
      },
    })
    expect(first?.payload.data.review.requestId).toBe(requestId)
  })

  test('has one id for one state, however often it is sent, and another one for the next', async () => {
    const { receiver, update, office, statement, requestId } = await asked()
    await update()
    await update()
    await office.send(statement(requestId, 'reject'))
    await update()
    const updates = receiver.arrived.filter(({ id }) => id.startsWith('d-1_')).map(({ id }) => id)
    expect(updates).toHaveLength(3)
    expect(new Set(updates).size).toBe(2)
    expect(updates[0]).toBe(updates[1])
    expect(receiver.arrived.at(-1)?.payload.data).toMatchObject({ recipients: null, decision: null })
  })

  test('of a delivery whose id is no id of a webhook has one that is made of it', async () => {
    const { approver, receiver, review } = await asked()
    for (const id of ['r.1/ü', 'x'.repeat(300)]) await approver.deliver(await review(), to('ask'), id, signal)
    for (const { id, payload } of receiver.arrived.slice(1)) {
      expect(id).toMatch(/^[0-9a-f]{64}$/)
      expect(payload.data.deliveryId).not.toBe(id)
    }
  })

  test('is signed by every secret, HMAC and Ed25519, while one is replaced', async () => {
    const keys = generateWebhookKeys()
    const room = await gateRoom({ wait: 'suspend' }, { secret: [secretOf(5), keys.secret, OURS] })
    const headers: Record<string, string> = {}
    let body = ''
    const server = createServer(async (request, response) => {
      for await (const chunk of request) body += chunk
      Object.assign(headers, request.headers)
      response.writeHead(204).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const other = webhookApprover({ ...(await options()), url, secret: [secretOf(5), keys.secret] })
    const { requestId } = await room.call({ n: 1 })
    const review = (await room.gate.requests.review(requestId)) as ReviewDocument
    await other.start?.({ ...(null as never as object), clock: room.clock, seal: () => 'x' } as never)
    await other.deliver(review, to('ask'), 'd-1', signal)
    await other.stop?.()
    expect(new Webhook(secretOf(5)).verify(body, headers)).toMatchObject({ type: 'approval.requested' })
    const [, v1a = ''] = /v1a,(\S+)/.exec(headers['webhook-signature'] ?? '') ?? []
    const spki = Buffer.from('302a300506032b6570032100', 'hex')
    const der = Buffer.concat([spki, Buffer.from(keys.publicKey.slice(5), 'base64')])
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    const content = `d-1.${headers['webhook-timestamp']}.${body}`
    expect(verify(null, Buffer.from(content), key, Buffer.from(v1a, 'base64'))).toBe(true)
  })
})

describe('a receiver that fails', () => {
  test('is tried again, and then the message is kept, and sent when asked for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatewright-webhook-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const deadLetters = join(folder, 'undelivered.jsonl')
    const { approver, receiver, review } = await asked({ ...quick, deadLetters })
    receiver.instead = 500
    const document = await review()
    await expect(approver.deliver(document, to('ask'), 'late', signal)).rejects.toMatchObject({
      code: 'ERR_OUTBOUND_FAILED',
      attempts: 2,
    })
    expect(readFileSync(deadLetters, 'utf8')).toContain('"id":"late"')
    receiver.instead = null
    expect(await approver.redeliver()).toBe(1)
    expect(receiver.shown.get('late')?.payload.data.review.digest).toBe(document.digest)
    expect(readFileSync(deadLetters, 'utf8')).toBe('')
  })

  test.each([301, 302, 307, 308])('by answering %i is not followed, and not tried again', async (status) => {
    const { approver, receiver, review } = await asked(quick)
    receiver.instead = status
    const before = receiver.arrived.length
    await expect(approver.deliver(await review(), to('ask'), 'd-2', signal)).rejects.toMatchObject({ status })
    expect(receiver.arrived).toHaveLength(before + 1)
  })

  test('for good (410) gets nothing more, and its messages are gone', async () => {
    const { approver, receiver, review, update } = await asked(quick)
    receiver.instead = 410
    await expect(update()).rejects.toMatchObject({ code: 'ERR_MESSAGE_GONE' })
    const before = receiver.arrived.length
    receiver.instead = null
    await expect(update()).rejects.toMatchObject({ code: 'ERR_MESSAGE_GONE' })
    await expect(approver.deliver(await review(), to('ask'), 'd-2', signal)).rejects.toMatchObject({
      code: 'ERR_OUTBOUND_DISABLED',
    })
    expect(receiver.arrived).toHaveLength(before)
  })

  test('while an update is sent is told again later: the update rejects as what it is', async () => {
    const { receiver, update } = await asked(quick)
    receiver.instead = 503
    await expect(update()).rejects.toMatchObject({ code: 'ERR_OUTBOUND_FAILED' })
    receiver.instead = null
    await update()
    expect(receiver.arrived.at(-1)?.payload.type).toBe('approval.updated')
  })
})

test('nothing is sent, and nothing decided, before it is started and after it was stopped', async () => {
  const { review, gate, approver, receiver } = await asked()
  const document = await review()
  const before = receiver.arrived.length
  const body = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
  await gate.close()
  for (const one of [webhookApprover(good), approver]) {
    await expect(one.deliver(document, to('ask'), 'd', signal)).rejects.toThrow('not started')
    await expect(one.redeliver()).rejects.toThrow('not started')
    expect((await one.handle(new Request(DECISIONS_URL, body))).status).toBe(503)
  }
  expect(receiver.arrived).toHaveLength(before)
})

async function options(): Promise<WebhookApproverOptions> {
  const provider = await identityProvider()
  return {
    url: 'https://93.184.216.34/hook',
    secret: OURS,
    allow: ['127.0.0.1'],
    allowHttp: true,
    decisions: { url: DECISIONS_URL, secret: THEIRS, issuers: [provider.options] },
  }
}

describe('T18: without a secret for each way it does not start', () => {
  test.each([undefined, '', [], ['']])('%j', async (secret) => {
    const good = await options()
    expect(() => webhookApprover({ ...good, secret: secret as string })).toThrow(
      expect.objectContaining({ code: 'ERR_SECRET_MISSING' }),
    )
    const decisions = { ...good.decisions, secret: secret as string }
    expect(() => webhookApprover({ ...good, decisions })).toThrow(
      expect.objectContaining({ code: 'ERR_SECRET_MISSING' }),
    )
    expect(webhookApprover(good)).toMatchObject({ name: 'webhook', needsSecret: true })
  })
})

const wrong: readonly (readonly [string, Record<string, unknown>, string])[] = [
  ['a short secret', { secret: `whsec_${Buffer.alloc(16).toString('base64')}` }, 'secret'],
  ['a name that is none', { name: 'web hook' }, 'name'],
  ['a misspelt option', { decision: {} }, 'decision'],
  ['no decisions', { decisions: undefined }, 'decisions'],
  [
    'limits of nothing',
    { limits: { leafCharacters: 0, leaves: 1, totalCharacters: 1 } },
    'limits.leafCharacters',
  ],
  ['limits that are not whole', { limits: { leafCharacters: 1, leaves: 1 } }, 'limits.totalCharacters'],
  ['dead letters without a path', { deadLetters: '' }, 'deadLetters'],
]
test.each(wrong)('%s is refused', async (_, change, option) => {
  expect(() => webhookApprover({ ...good, ...change } as WebhookApproverOptions)).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION_INVALID', option: `webhookApprover.${option}` }),
  )
})

const wrongDecisions: readonly (readonly [string, Record<string, unknown>, string])[] = [
  ['an address that is none', { url: 'decisions' }, 'url'],
  ['another path', { url: 'https://gate.test/approvers/webhook' }, 'url'],
  ['a query', { url: `${DECISIONS_URL}?x=1` }, 'url'],
  ['the secret that signs', { secret: [THEIRS, OURS] }, 'secret'],
  ['a secret key', { secret: generateWebhookKeys().secret }, 'secret'],
  ['a tolerance of a day', { tolerance: '1d' }, 'secret, tolerance'],
  ['a bound of nothing', { maxBytes: 0 }, 'maxBytes'],
  ['nobody who vouches', { issuers: [] }, 'issuers'],
  ['a misspelt option', { tolerence: '5m' }, 'tolerence'],
]
test.each(wrongDecisions)('for decisions, %s is refused', async (_, change, option) => {
  const decisions = { ...good.decisions, ...change }
  expect(() => webhookApprover({ ...good, decisions } as WebhookApproverOptions)).toThrow(
    expect.objectContaining({ code: 'ERR_OPTION_INVALID', option: `webhookApprover.decisions.${option}` }),
  )
})

test('plain http is taken where the options say so, and nowhere else', () => {
  const plain = { ...good.decisions, url: DECISIONS_URL.replace('https', 'http') }
  expect(() => webhookApprover({ ...good, allowHttp: false, decisions: plain })).toThrow(/https/)
  expect(webhookApprover({ ...good, decisions: plain }).name).toBe('webhook')
})

test('T36: a receiver inside the network is refused unless it is allowed', () => {
  for (const url of [
    'https://10.0.0.1/',
    'https://169.254.169.254/',
    'https://[::ffff:127.0.0.1]/',
    'https://0x7f.1/',
  ])
    expect(() => webhookApprover({ ...good, allow: [], url })).toThrow(
      expect.objectContaining({ code: 'ERR_OUTBOUND_FORBIDDEN' }),
    )
})
