import { createHmac } from 'node:crypto'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Approver, createGate, group } from '@gatewright/core'
import { createReviewServer, devSignIn, generateApiKey, type ReviewServer } from '@gatewright/server'
import { getRequestListener } from '@hono/node-server'
import { NextRequest } from 'next/server'
import { afterAll, describe, expect, test } from 'vitest'
import { DELETE, GET, POST } from '../next/app/gate/[[...path]]/route'
import { onNode } from './src/bare-node'
import { inExpress } from './src/express'
import { inFastify } from './src/fastify'
import { inHono } from './src/hono'

const SECRET = 'the secret of a webhook'
const { key, hash } = generateApiKey()

/** Takes what is signed over its raw body, as chat platforms do. */
const signed: Approver = {
  name: 'signed',
  deliver: async () => ({}),
  async handle(request) {
    const body = Buffer.from(await request.arrayBuffer())
    const expected = createHmac('sha256', SECRET).update(body).digest('hex')
    const good = request.headers.get('signature') === expected
    return Response.json(
      { bytes: body.length, path: new URL(request.url).pathname },
      { status: good ? 200 : 401 },
    )
  },
}

function reviewServer(): ReviewServer {
  const gate = createGate({
    agent: { id: 'host', owner: null },
    approvers: [signed],
    reviewers: group('ops'),
    ephemeral: true,
  })
  return createReviewServer(gate, {
    url: 'http://localhost/gate',
    signIn: devSignIn({ groups: ['ops'] }),
    secrets: ['a secret of the example that is long'],
    apiKeys: [{ id: 'bot', hash, scopes: ['request'], owner: null }],
  })
}

const closing: (() => unknown)[] = []
afterAll(() => Promise.all(closing.map((close) => close())))

async function listen(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const mounts: [string, () => Promise<string>][] = [
  [
    'bare Node',
    async () => {
      const listening = await onNode(reviewServer())
      closing.push(() => listening.close())
      return `http://127.0.0.1:${listening.port}`
    },
  ],
  ['Hono', () => listen(getRequestListener(inHono(reviewServer()).fetch, { overrideGlobalObjects: false }))],
  ['Express 5', () => listen(inExpress(reviewServer()) as RequestListener)],
  [
    'Fastify 5',
    async () => {
      const app = await inFastify(reviewServer())
      closing.push(() => app.close())
      return app.listen({ port: 0, host: '127.0.0.1' })
    },
  ],
  [
    'Next.js',
    () => {
      const kept = globalThis as { reviewServer?: ReviewServer }
      kept.reviewServer = reviewServer()
      closing.push(() => delete kept.reviewServer)
      // Next.js hands over a request of its own to the export of the method; `tests/packed/next.test.ts` has it do so itself.
      const handlers: Readonly<Record<string, typeof GET>> = { DELETE, GET, POST }
      return listen(
        getRequestListener(
          ({ url, method, headers, body }) =>
            (handlers[method] ?? GET)(
              new NextRequest(url, { method, headers, body, ...(body === null ? {} : { duplex: 'half' }) }),
            ),
          { overrideGlobalObjects: false },
        ),
      )
    },
  ],
]

describe.each(mounts)('in %s', (_, mount) => {
  test('raw bodies reach approvers byte for byte, and the API, its errors and its streams work', async () => {
    const base = `${await mount()}/gate`
    // What a parser would have changed: spaces, order, a lone byte order mark.
    for (const body of ['\ufeff{ "b":1,  "a": "\\u00e9é" }\n', '', 'payload=%7B%7D&x=+']) {
      for (const type of ['application/json', 'application/x-www-form-urlencoded', 'text/plain']) {
        const signature = createHmac('sha256', SECRET).update(Buffer.from(body)).digest('hex')
        const answered = await fetch(`${base}/approvers/signed/events`, {
          method: 'POST',
          headers: { signature, 'content-type': type },
          body: Buffer.from(body),
        })
        expect([answered.status, await answered.json()]).toEqual([
          200,
          { bytes: Buffer.byteLength(body), path: '/gate/approvers/signed/events' },
        ])
      }
    }
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const asked = await fetch(`${base}/api/v1/requests`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ action: 'tf.apply', arguments: { plan: 'p1' }, callId: 'c1' }),
    })
    expect(asked.status).toBe(201)
    const { request } = (await asked.json()) as { request: { id: string } }
    const stream = await fetch(`${base}/api/v1/requests/${request.id}/events`, { headers })
    const reader = stream.body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('retry: 2000')
    await reader?.cancel()
    const wrong = await fetch(`${base}/api/v1/requests`, { method: 'DELETE', headers })
    expect([wrong.status, wrong.headers.get('content-type')]).toEqual([405, 'application/problem+json'])
    expect((await fetch(`${base}/api/v1/requests`)).status).toBe(401)
  })
})
