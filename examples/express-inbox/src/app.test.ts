import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGate, group } from '@gatewright/core'
import { devSignIn, generateApiKey } from '@gatewright/server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp } from './app'

const { key, hash } = generateApiKey()
const exported: string[] = []
let origin: string
let server: Server

beforeEach(async () => {
  exported.length = 0
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const gate = createGate({
    agent: { id: 'reports-app', owner: null },
    approvers: [],
    reviewers: group('ops'),
    ephemeral: true,
  })
  const signIn = devSignIn({ groups: ['ops'] })
  const apiKeys = [{ id: 'watcher', hash, scopes: ['read' as const], owner: null }]
  const inbox = { signIn, secrets: ['a secret of the example that is long'], apiKeys }
  const exportTable = async ({ table }: { table: string }) => `exported ${exported.push(table)} table`
  server.on('request', createApp({ gate, origin, inbox, exportTable }))
  server.on('close', () => void gate.close())
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const post = (path: string, body: object | URLSearchParams, headers: Record<string, string> = {}) =>
  fetch(`${origin}${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: body instanceof URLSearchParams ? headers : { 'content-type': 'application/json', ...headers },
    body: body instanceof URLSearchParams ? body : JSON.stringify(body),
  })
const ask = (id: string) => post('/exports', { table: 'customers' }, { 'idempotency-key': id })
const field = (page: string, name: string) =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? ''

/** What Ada does in her browser: she signs in, opens the request, and presses a button. */
async function ada(decide: string, decision: 'approve' | 'reject', note: string): Promise<void> {
  const from = { origin }
  const signedIn = await post(
    '/gate/sign-in/dev',
    new URLSearchParams({ person: 'ada', return: '/requests' }),
    from,
  )
  const cookie = signedIn.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const page = await (await fetch(decide, { headers: { cookie } })).text()
  const form = { csrf: field(page, 'csrf'), digest: field(page, 'digest'), decision, note }
  const path = new URL(decide).pathname
  expect((await post(`${path}/vote`, new URLSearchParams(form), { ...from, cookie })).status).toBe(303)
}

test('a route waits for a person in the inbox, answers meanwhile, and exports once', async () => {
  const asked = await ask('export-1')
  expect(asked.status).toBe(202)
  const { decide } = (await asked.json()) as { decide: string }
  expect([(await ask('export-1')).status, exported]).toEqual([202, []])

  await ada(decide, 'approve', '')
  for (const _ of ['first', 'again']) {
    const done = await ask('export-1')
    expect([done.status, await done.json()]).toEqual([200, { result: 'exported 1 table' }])
  }
  expect(exported).toEqual(['customers'])
})

test('what is rejected is refused with the reason, and the API tells of it', async () => {
  const { decide } = (await (await ask('export-2')).json()) as { decide: string }
  await ada(decide, 'reject', 'not this quarter')
  const refused = await ask('export-2')
  expect([refused.status, await refused.json()]).toMatchObject([
    403,
    { code: 'ERR_APPROVAL_REJECTED', message: expect.stringContaining('not this quarter') },
  ])
  expect(exported).toEqual([])
  const headers = { authorization: `Bearer ${key}` }
  const listed = await fetch(`${origin}/gate/api/v1/requests?status=rejected`, { headers })
  expect(await listed.json()).toMatchObject({ requests: [{ action: 'data.export' }] })
  expect((await post('/exports', { table: 'customers' })).status).toBe(400)
})
