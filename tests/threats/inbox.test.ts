import { createGate, group, person } from '@gatewright/core'
import { createReviewServer, devSignIn } from '@gatewright/server'
import { describe, expect, test } from 'vitest'

const url = 'http://localhost:4998'
const ada = person('demo', 'ada', { name: 'Ada', groups: ['ops'], assurance: { method: 'demo' } })

/** A waiting call, and the browser of somebody who may approve it. */
async function waiting() {
  const runs: unknown[] = []
  const gate = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [],
    reviewers: group('ops'),
    ephemeral: true,
  })
  const server = createReviewServer(gate, {
    url,
    signIn: devSignIn({ people: [ada] }),
    secrets: ['a secret of more than thirty-two characters'],
  })
  const created = new Promise<string>((resolve) => {
    gate.on('request.created', ({ request }) => request && resolve(request.id))
  })
  const run = gate.requireApproval(async (given: unknown) => runs.push(given), { action: 'data.export' })
  run({ rows: 1 }).catch(() => undefined)
  const id = await created
  const signedIn = await server.fetch(
    new Request(`${url}/sign-in/dev`, { method: 'POST', body: new URLSearchParams({ person: 'ada' }) }),
  )
  const Cookie = signedIn.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')
  const send = async (path: string, init: RequestInit = {}) => {
    const response = await server.fetch(
      new Request(`${url}${path}`, { ...init, headers: { Cookie, ...init.headers } }),
    )
    return { status: response.status, text: await response.text() }
  }
  const field = (text: string, name: string): string =>
    new RegExp(`name="${name}" value="([^"]*)`).exec(text)?.[1] ?? ''
  const { text } = await send(`/requests/${id}`)
  const form = { csrf: field(text, 'csrf'), digest: field(text, 'digest'), decision: 'approve' }
  return { gate, id, runs, send, form }
}

describe('links to the inbox', () => {
  test('T29: opening any address of a request decides nothing; only the form of its page does', async () => {
    const { gate, id, runs, send, form } = await waiting()
    const query = new URLSearchParams(form)
    for (const path of ['', '/vote', '/edit', '/approve'])
      for (const method of ['GET', 'HEAD', 'OPTIONS'])
        await send(`/requests/${id}${path}?${query}`, { method })
    const withoutToken = new URLSearchParams({ ...form, csrf: '' })
    expect((await send(`/requests/${id}/vote`, { method: 'POST', body: withoutToken })).status).toBe(403)
    const stored = await gate.requests.get(id)
    expect([stored?.status, stored?.votes, runs]).toEqual(['pending', [], []])
    expect((await send(`/requests/${id}/vote`, { method: 'POST', body: query })).status).toBe(303)
    expect((await gate.requests.get(id))?.votes).toHaveLength(1)
    await gate.close()
  })
})
