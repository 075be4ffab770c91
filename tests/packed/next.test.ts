import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { generateApiKey } from '@gatewright/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from '../../packages/server/test/browser'
import { type IdentityProvider, startIdentityProvider } from '../../packages/server/test/login-provider'
import { root } from '../../scripts/workspace.mjs'
import { ownPort } from '../own-port'

const app = join(root, 'examples/next')
const next = createRequire(join(app, 'package.json')).resolve('next/dist/bin/next')
const { key, hash } = generateApiKey()

let browser: Awaited<ReturnType<typeof openBrowser>>
let provider: IdentityProvider
let server: ChildProcess | undefined
/** Told from its start: an end is told once. */
let ended: Promise<unknown[]> | undefined
let origin: string

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  const { NODE_ENV: _, ...inherited } = process.env
  return spawn(process.execPath, [next, ...args], {
    cwd: app,
    env: { ...inherited, NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Waits until a program says something. Rejects when it ends without. */
function said(program: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    program.stdout?.on('data', (chunk: Buffer) => {
      output += chunk
      if (output.includes(text)) resolve()
    })
    // At its last word, which may be read after its end.
    program.once('close', (code) => reject(new Error(`it ended with ${code} and said:\n${output}`)))
  })
}

beforeAll(async () => {
  const building = run(['build'])
  const built = once(building, 'close')
  await said(building, 'server-rendered on demand')
  expect(await built).toEqual([0, null])

  const port = await ownPort()
  origin = `http://localhost:${port}`
  provider = await startIdentityProvider(`${origin}/gate/sign-in/sso/callback`)
  server = run(['start', '--port', String(port), '--hostname', 'localhost'], {
    ORIGIN: origin,
    ISSUER: provider.issuer,
    CLIENT_ID: 'gatewright',
    CLIENT_SECRET: 'of the client, and long enough',
    API_KEY_HASH: hash,
    GATEWRIGHT_SECRET: 'a secret of more than thirty-two characters',
  })
  ended = once(server, 'exit')
  await said(server, 'Ready')
  browser = await openBrowser()
})

afterAll(async () => {
  await browser?.close()
  await provider?.close()
  server?.kill('SIGKILL')
  await ended
})

const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }

async function ask(callId: string): Promise<string> {
  const answered = await fetch(`${origin}/gate/api/v1/requests`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ action: 'tf.apply', arguments: { plan: callId }, callId }),
  })
  expect(answered.status).toBe(201)
  const { request } = (await answered.json()) as { request: { id: string } }
  return request.id
}

test('under a built Next.js people sign in, see what comes as it comes, and decide', async () => {
  const first = await ask('p1')
  const page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(20_000)
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('response', (response) => {
    if (response.url().startsWith(`${origin}/gate`) && response.status() >= 400) troubles.push(response.url())
  })

  // Redirects and the cookies of the sign-in, to the provider and back to the request.
  await page.goto(`${origin}/gate/requests/${first}`)
  await page.getByRole('link', { name: 'I am ada' }).click()
  await page.waitForURL(`${origin}/gate/requests/${first}`)
  await page.getByText('ada from the provider').waitFor()

  // The event stream is not held back, compressed as browsers take it.
  await page.goto(`${origin}/gate/requests`)
  const stream = page.waitForResponse((response) => new URL(response.url()).pathname === '/gate/events')
  await page.reload()
  await stream
  const second = await ask('p2')
  await page.locator(`a[href="/gate/requests/${second}"]`).first().waitFor()

  await page.goto(`${origin}/gate/requests/${second}`)
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await page.getByText('Counted. The request is approved.').waitFor()
  const approved = await fetch(`${origin}/gate/api/v1/requests/${second}`, { headers })
  expect(await approved.json()).toMatchObject({ request: { status: 'approved' } })

  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('You are signed out').waitFor()
  expect(troubles).toEqual([])
})

test('streams of the API begin at once, and errors keep their type and their status', async () => {
  const id = await ask('p3')
  const stream = await fetch(`${origin}/gate/api/v1/requests/${id}/events`, { headers })
  const reader = stream.body?.getReader()
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('retry: 2000')
  await reader?.cancel()
  const wrong = await fetch(`${origin}/gate/api/v1/requests`, { method: 'DELETE', headers })
  expect([wrong.status, wrong.headers.get('content-type')]).toEqual([405, 'application/problem+json'])
  expect((await fetch(`${origin}/gate/api/v1/requests`)).status).toBe(401)
  expect((await fetch(`${origin}/elsewhere`)).status).toBe(404)
})

test('it stops when it is told to, though pages are open', async () => {
  const stream = await fetch(`${origin}/gate/api/v1/events`, { headers })
  const reader = stream.body?.getReader()
  expect((await reader?.read())?.done).toBe(false)
  server?.kill('SIGTERM')
  // 128 and the number of the signal: by itself, not cut off.
  expect(await ended).toEqual([143, null])
})
