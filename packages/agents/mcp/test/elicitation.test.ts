import { group, person, when } from '@gatewright/core'
import { fakeClock } from '@gatewright/testing'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ElicitRequestSchema, LoggingMessageNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterEach, describe, expect, test } from 'vitest'
import { elicitationApprover, stdioGateway } from '../src'
import { arrived, asking, FORMS, initialize, RITA, rawSeat, ritasApprover, TOKEN } from './elicitation-seat'
import { gateScene } from './gateway-scene'
import { call, endAll, gateway, IN_SESSION } from './http-scene'

const clients: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  await endAll()
})

type Ask = (params: { message: string }, signal: AbortSignal) => unknown
const INFO = { name: 'reviewer', version: '1.0.0' }
const headers = { authorization: `Bearer ${TOKEN}` }
const accept = (decision: string, reason?: string) => ({
  action: 'accept',
  content: { decision, ...(reason !== undefined && { reason }) },
})

/** A gate that asks Rita at her client, and a gateway that agents and she connect to. */
async function scene(options: Parameters<typeof gateScene>[0] = {}, more: object = {}) {
  const approver = ritasApprover()
  const made = gateScene({ approvers: [approver], ...options })
  await made.gate.start()
  const around = await gateway(made, undefined, { reviewers: approver, ...more })
  return { ...made, ...around, approver, reviewUrl: around.front.reviewUrl ?? '' }
}

/** The official client, version 1, with a person at it. */
async function reviewer1(url: string, ask: Ask, capabilities: object = FORMS) {
  const client = new Client1(INFO, { capabilities })
  const told: string[] = []
  client.setRequestHandler(
    ElicitRequestSchema,
    async ({ params }, { signal }) => (await ask(params, signal)) as never,
  )
  client.setNotificationHandler(
    LoggingMessageNotificationSchema,
    ({ params }) => void told.push(String(params.data)),
  )
  await client.connect(
    new Transport1(new URL(url), { requestInit: { headers } }) as Parameters<Client1['connect']>[0],
  )
  clients.push(client)
  return { client, told }
}

async function until(look: () => unknown): Promise<void> {
  while (!look()) await new Promise((resolve) => setImmediate(resolve))
}

/** Waits until a person's client listens. */
async function listening(
  approver: ReturnType<typeof ritasApprover>,
  url: string,
  ask: Ask,
  capabilities?: object,
) {
  const found = await reviewer1(url, ask, capabilities)
  await until(() => approver.listeners > 0)
  return found
}

describe('a person is asked by the official client', () => {
  test('accepting the form approves, once, as that person, with the lowest assurance', async () => {
    const { approver, calls, gate, post, reviewUrl } = await scene()
    const asked: string[] = []
    const { told } = await listening(approver, reviewUrl, ({ message }) => {
      asked.push(message)
      return accept('approve', 'as planned')
    })
    expect(await (await post(call(1))).json()).toMatchObject({ id: 1, result: { content: [] } })
    expect([asked.length, calls().length]).toEqual([1, 1])
    expect(asked[0]).toMatch(/Action: tool\.note[\s\S]*id: "x"/)
    const [request] = (await gate.requests.list({})).requests
    expect(request?.votes).toMatchObject([
      {
        decision: 'approve',
        note: 'as planned',
        actor: { issuer: RITA.issuer, subject: 'rita', assurance: { method: 'local' } },
      },
    ])
    await until(() => told.some((line) => line.includes('Approved')))
  })

  test('version 2 of the client too', async () => {
    const { approver, calls, post, reviewUrl } = await scene()
    const client = new Client(INFO, { capabilities: FORMS })
    client.setRequestHandler('elicitation/create', async () => accept('reject', 'not today') as never)
    await client.connect(new StreamableHTTPClientTransport(new URL(reviewUrl), { requestInit: { headers } }))
    clients.push(client)
    await until(() => approver.listeners > 0)
    const answer = JSON.stringify(await (await post(call(1))).json())
    expect(answer).toContain('not today')
    expect(calls()).toEqual([])
  })

  test.each(['decline', 'cancel'])(
    'T39: %s is no vote: nothing runs, and others may still decide',
    async (action) => {
      const { approve, approver, asked, calls, gate, post, reviewUrl } = await scene()
      let times = 0
      await listening(approver, reviewUrl, () => {
        times += 1
        return { action }
      })
      const answer = post(call(1))
      const request = await asked()
      await until(() => times > 0)
      await arrived()
      expect(calls()).toEqual([])
      expect(await gate.requests.get(request.id)).toMatchObject({ status: 'pending', votes: [] })
      await approve(request)
      expect(await (await answer).json()).toMatchObject({ result: { content: [] } })
    },
  )

  test('what is decided elsewhere takes the question back, and a late answer changes nothing', async () => {
    const { approver, asked, calls, gate, post, reject, reviewUrl } = await scene()
    let [isAsked, takenBack] = [false, false]
    await listening(
      approver,
      reviewUrl,
      (_params, signal) =>
        new Promise((resolve) => {
          isAsked = true
          signal.addEventListener('abort', () => {
            takenBack = true
            resolve(accept('approve'))
          })
        }),
    )
    const answer = post(call(1))
    const request = await asked()
    // Over a socket: what was not asked yet would never be taken back.
    await until(() => isAsked)
    await reject(request, 'decided elsewhere')
    await answer
    await until(() => takenBack)
    await arrived()
    expect((await gate.requests.get(request.id))?.votes).toHaveLength(1)
    expect(calls()).toEqual([])
  })

  test('a reviewer’s session has no tools', async () => {
    const { approver, reviewUrl } = await scene()
    const { client } = await listening(approver, reviewUrl, () => accept('approve'))
    await expect(client.request({ method: 'tools/list' } as never, {} as never)).rejects.toThrow('no tools')
    await expect(
      client.request({ method: 'tools/call', params: { name: 'note', arguments: {} } } as never, {} as never),
    ).rejects.toThrow('no tools')
  })

  test('a client without the capability is refused, and nobody counts as reached', async () => {
    const { approver, asked, calls, post, reviewUrl } = await scene()
    await expect(reviewer1(reviewUrl, () => accept('approve'), {})).rejects.toThrow()
    const strange = await asking(approver)('POST', initialize({}))
    expect([strange.status, await strange.text()]).toEqual([
      400,
      expect.stringContaining('no such capability'),
    ])
    const leave = new AbortController()
    const answer = post(call(1), {}, leave.signal).catch(() => 'left')
    const { id, status } = await asked()
    expect([status, calls()]).toEqual(['pending', []])
    expect(id).not.toBe('')
    leave.abort()
    expect(await answer).toBe('left')
  })
})

describe('T02: the requester’s own client never decides', () => {
  test('no elicitation goes to the client that calls, whatever it can show', async () => {
    const { asked, front, reject } = await scene()
    let elicited = 0
    const client = new Client1({ name: 'agent', version: '1' }, { capabilities: FORMS })
    client.setRequestHandler(ElicitRequestSchema, async () => {
      elicited += 1
      return accept('approve') as never
    })
    // The few lines behind know no sessions: what matters is what the gateway asks.
    const answer = fetch(front.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...IN_SESSION },
      body: JSON.stringify(call(1)),
    })
    await reject(await asked(), 'no')
    expect(await (await answer).text()).not.toContain('elicitation/create')
    expect(elicited).toBe(0)
  })

  test('a reviewer’s credentials call no tools', async () => {
    const { post, seen } = await scene()
    const answer = await post(call(1), headers)
    expect([answer.status, await answer.text(), seen]).toEqual([
      403,
      expect.stringContaining('Nothing was executed'),
      [],
    ])
  })

  test.each(['the owner', 'whom it acts for'])(
    '%s of the agent is not asked, and a vote of theirs is refused',
    async (who) => {
      const own = person(RITA.issuer, RITA.subject)
      const { approver, asked, calls, gate, post } = await scene({
        agent: { id: 'desk-agent', owner: who === 'the owner' ? own : null },
        ...(who !== 'the owner' && { onBehalfOf: () => own }),
      })
      const seat = await rawSeat(approver)
      const leave = new AbortController()
      const answer = post(call(1), {}, leave.signal).catch(() => 'left')
      const request = await asked()
      await arrived()
      expect(seat.questions()).toEqual([])
      expect((await seat.answer(request.id, accept('approve'))).status).toBe(400)
      expect((await gate.requests.get(request.id))?.votes).toEqual([])
      leave.abort()
      expect([await answer, calls()]).toEqual(['left', []])
    },
  )

  test('over standard streams it is refused: the only client is the agent’s', () => {
    const options = { command: 'node', reviewers: ritasApprover() } as never
    expect(() => stdioGateway(options)).toThrow(/reviewers.*requester’s own/)
  })
})

describe('attacks on a reviewer’s client', () => {
  async function withSeat(options: Parameters<typeof gateScene>[0] = {}, capabilities?: object) {
    const made = await scene(options)
    const seat = await rawSeat(made.approver, capabilities)
    const leave = new AbortController()
    const answer = made.post(call(1), {}, leave.signal).then(
      (response) => response.text(),
      () => 'left',
    )
    const request = await made.asked()
    const stop = async () => {
      leave.abort()
      await answer
    }
    return { ...made, seat, answer, request, stop, question: () => seat.questions()[0]?.id }
  }

  test.each([
    ['no result', undefined],
    ['no action', { content: { decision: 'approve' } }],
    ['another action', { action: 'approve', content: { decision: 'approve' } }],
    ['a decision that was not offered', accept('yes')],
    ['a list', { action: 'accept', content: ['approve'] }],
    ['no decision', { action: 'accept', content: {} }],
    ['true for a decision', { action: 'accept', content: { decision: true } }],
    ['T03: a name', { action: 'accept', content: { decision: 'approve', actor: 'admin' } }],
    ['a reason of no text', { action: 'accept', content: { decision: 'approve', reason: 1 } }],
    ['a prototype', { action: 'accept', content: JSON.parse('{"decision":"approve","__proto__":{"x":1}}') }],
  ])('T33: an answer with %s is no vote, and is told', async (_what, result) => {
    const { calls, gate, question, request, seat, stop } = await withSeat()
    await until(question)
    await seat.answer(question(), result)
    await arrived()
    expect((await gate.requests.get(request.id))?.votes).toEqual([])
    expect(seat.sent.some(({ params }) => params.data?.includes('Nothing was decided'))).toBe(true)
    expect(calls()).toEqual([])
    await stop()
  })

  test('T19: an answer counts once', async () => {
    const { answer, calls, gate, question, request, seat } = await withSeat()
    await until(question)
    const id = question()
    const both = await Promise.all([
      seat.answer(id, accept('approve')),
      seat.answer(id, accept('approve')),
      seat.answer(id, accept('reject')),
    ])
    expect(both.map(({ status }) => status)).toEqual([202, 400, 400])
    await answer
    expect((await gate.requests.get(request.id))?.votes).toHaveLength(1)
    expect(calls()).toHaveLength(1)
  })

  test('I6: an answer after the end changes nothing', async () => {
    const clock = fakeClock()
    const { answer, calls, gate, question, request, seat } = await withSeat({ clock })
    await until(question)
    const id = question()
    await clock.advance(request.expiresAt - clock.now() + 1)
    expect(await answer).toContain('nobody decided')
    await arrived()
    expect(seat.questions()).toEqual([])
    expect((await seat.answer(id, accept('approve'))).status).toBe(400)
    expect(await gate.requests.get(request.id)).toMatchObject({ status: 'expired', votes: [] })
    expect(calls()).toEqual([])
  })

  test('T20: another session, or another person, answers no question of this one', async () => {
    const other = 'ben-0123456789-0123456789-0123456789-'
    const approver = elicitationApprover({
      reviewers: [
        { ...RITA, token: TOKEN },
        { ...RITA, subject: 'ben', name: 'Ben', groups: ['strangers'], token: other },
      ],
    })
    const made = gateScene({ approvers: [approver] })
    await made.gate.start()
    const { calls, post } = await gateway(made, undefined, { reviewers: approver })
    const [rita, second, ben] = [
      await rawSeat(approver),
      await rawSeat(approver),
      await rawSeat(approver, FORMS, other),
    ]
    const leave = new AbortController()
    const answer = post(call(1), {}, leave.signal).catch(() => 'left')
    const request = await made.asked()
    await until(() => rita.questions().length > 0 && second.questions().length > 0)
    const id = rita.questions()[0]?.id
    // Who may not decide is not even asked (T04).
    expect(ben.questions()).toEqual([])
    expect((await second.answer(id, accept('approve'))).status).toBe(400)
    expect((await ben.answer(id, accept('approve'))).status).toBe(400)
    expect((await made.gate.requests.get(request.id))?.votes).toEqual([])
    leave.abort()
    expect([await answer, calls()]).toEqual(['left', []])
  })

  const strict = {
    policy: [when('tool.*').require({ reviewers: group('ops'), assurance: { sso: true } })],
    link: (id: string) => `https://gate.test/${id}`,
  }

  test('T22: where policy asks for more assurance, no form is shown, and a forged answer is nothing', async () => {
    const { calls, gate, request, seat, stop } = await withSeat(strict)
    await arrived()
    expect(seat.sent).toEqual([])
    expect((await seat.answer(request.id, accept('approve'))).status).toBe(400)
    expect([(await gate.requests.get(request.id))?.votes, calls()]).toEqual([[], []])
    await stop()
  })

  test('T22: a client that opens links is sent to where the person signs in; accepting that is no vote', async () => {
    const { calls, gate, question, request, seat, stop } = await withSeat(strict, {
      elicitation: { form: {}, url: {} },
    })
    await until(question)
    expect(seat.questions()[0]?.params).toMatchObject({ mode: 'url', url: `https://gate.test/${request.id}` })
    expect((await seat.answer(question(), accept('approve'))).status).toBe(202)
    await arrived()
    // Nobody hears of a vote, since none was cast.
    expect(seat.sent.map(({ method }) => method)).toEqual(['elicitation/create'])
    expect([(await gate.requests.get(request.id))?.votes, calls()]).toEqual([[], []])
    await stop()
  })

  test.each([
    ['no token', {}],
    ['another token', { authorization: `Bearer ${TOKEN}x` }],
    ['a page with the token', { ...headers, origin: 'https://evil.test' }],
    ['a rebound name', { ...headers, host: 'evil.test' }],
  ])('I5: %s gets in nowhere', async (_what, given) => {
    const { front } = await scene()
    const { hostname, port } = new URL(front.url)
    const { request } = await import('node:http')
    const status = await new Promise((resolve) => {
      request(
        {
          hostname,
          port,
          path: '/gatewright/review',
          method: 'POST',
          headers: given as Record<string, string>,
        },
        (response) => resolve(response.resume().statusCode),
      ).end(JSON.stringify(initialize()))
    })
    expect([401, 403]).toContain(status)
  })

  test('a client that always answers what cannot count is not asked for ever', async () => {
    const { gate, question, request, seat, stop } = await withSeat({
      policy: [when('tool.*').require({ reviewers: group('ops'), noteFor: 'reject' })],
    })
    await until(question)
    for (let times = 0; times < 10 && question() !== undefined; times += 1) {
      await seat.answer(question(), accept('reject'))
      await arrived()
    }
    expect(question()).toBeUndefined()
    expect((await gate.requests.get(request.id))?.status).toBe('pending')
    await stop()
  })

  test('a client that listens again keeps its question, and one that comes later is asked', async () => {
    const { answer, approver, calls, question, seat } = await withSeat()
    await until(question)
    const later = await rawSeat(approver)
    await until(() => later.questions().length > 0)
    await seat.hangUp()
    await later.answer(later.questions()[0]?.id, accept('approve'))
    await answer
    expect(calls()).toHaveLength(1)
  })

  test('a body that is too large, a batch, and a session of nobody are refused', async () => {
    const { seat, stop } = await withSeat()
    expect((await seat.post(`"${'x'.repeat(70_000)}"`)).status).toBe(400)
    expect((await seat.post([{ jsonrpc: '2.0', id: 1, method: 'ping' }])).status).toBe(400)
    expect(
      (await seat.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { 'mcp-session-id': 'x' })).status,
    ).toBe(404)
    await stop()
  })
})

describe('wrong options of the approver', () => {
  const rita = { ...RITA, token: TOKEN }
  test.each([
    ['nobody', {}, 'reviewers'],
    ['an empty list', { reviewers: [] }, 'reviewers'],
    ['T18: no token', { reviewers: [{ ...RITA }] }, 'token'],
    ['T18: an empty token', { reviewers: [{ ...RITA, token: '' }] }, 'token'],
    ['a short token', { reviewers: [{ ...RITA, token: 'secret' }] }, 'token'],
    ['one token for two', { reviewers: [rita, { ...rita, subject: 'ben' }] }, 'same token'],
    ['a misspelt option', { reviewers: [rita], reviewer: rita }, 'reviewer'],
    ['an assurance of their own', { reviewers: [{ ...rita, assurance: { method: 'sso' } }] }, 'assurance'],
    ['no subject', { reviewers: [{ ...rita, subject: ' ' }] }, 'subject'],
  ])('%s is refused when it is made', (_what, options, named) => {
    expect(() => elicitationApprover(options as never)).toThrow(named)
  })
})
