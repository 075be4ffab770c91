import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { type App, INTERACTIVITY, startApp } from '../test/app'
import { buttonOf } from '../test/fake-slack'

let app: App
afterEach(() => app.end())

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers?: Record<string, string>,
  url = INTERACTIVITY,
): Promise<number> {
  const signed =
    headers ?? app.slack.sign(typeof body === 'string' ? body : Buffer.from(body).toString('latin1'))
  const response = await app.approver.handle?.(new Request(url, { method: 'POST', body, headers: signed }))
  return response?.status ?? 0
}

const form = (payload: unknown): string =>
  new URLSearchParams({ payload: JSON.stringify(payload) }).toString()

async function pressedBody(): Promise<string> {
  const message = await app.ask('r1')
  const button = buttonOf(message.blocks, 'gatewright_approve')
  return form({
    type: 'block_actions',
    user: { id: 'U0ADA' },
    team: { id: 'T0HOME' },
    trigger_id: 't',
    container: { type: 'message', message_ts: message.ts, channel_id: 'C0OPS' },
    actions: [button],
  })
}

describe('what is sent to the approver', () => {
  it('T19: is refused without a signature, with a forged or an old one; the signed one votes', async () => {
    app = await startApp()
    const body = await pressedBody()
    const now = Math.floor(app.clock.now() / 1_000)
    expect(await post(body, {})).toBe(401)
    expect(await post(body, { ...app.slack.sign(`${body} `) })).toBe(401)
    expect(await post(body, app.slack.sign(body, now - 301))).toBe(401)
    expect(await post(body, app.slack.sign(body, now + 301))).toBe(401)
    expect(app.host.votes).toEqual([])
    await app.answered('U0ADA', async () => expect(await post(body)).toBe(200))
    expect(app.host.counted).toHaveLength(1)
  })

  it('T19: a signed press that is sent again counts once, and is answered as counted before', async () => {
    app = await startApp()
    const body = await pressedBody()
    const headers = app.slack.sign(body)
    await app.answered('U0ADA', () => post(body, headers))
    expect(await app.answered('U0ADA', () => post(body, headers))).toMatch(/counted before/)
    expect(app.host.counted).toHaveLength(1)
  })

  it('is answered before the store is: a vote that hangs keeps Slack waiting for nothing', async () => {
    app = await startApp()
    const body = await pressedBody()
    const hung: unknown[] = []
    Object.assign(app.host, { vote: (vote: unknown) => new Promise(() => void hung.push(vote)) })
    expect(await post(body)).toBe(200)
    await app.slack.until('the vote is with the store', () => hung.length === 1)
    expect(app.slack.state.ephemerals).toEqual([])
  })

  it('T29: opening an address decides nothing', async () => {
    app = await startApp()
    for (const method of ['GET', 'HEAD', 'OPTIONS']) {
      const response = await app.approver.handle?.(new Request(INTERACTIVITY, { method }))
      expect(response?.status).toBe(405)
    }
    expect(await post(await pressedBody(), undefined, 'https://gate.test/approvers/slack/events')).toBe(404)
    expect(app.host.votes).toEqual([])
  })

  it('that is larger than anything of Slack is refused before it is all read', async () => {
    app = await startApp()
    let sent = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1
        controller.enqueue(new Uint8Array(100_000))
      },
    })
    const request = new Request(INTERACTIVITY, {
      method: 'POST',
      body: endless,
      duplex: 'half',
    } as RequestInit)
    expect((await app.approver.handle?.(request))?.status).toBe(413)
    expect(sent).toBeLessThan(30)
  })

  it.each([
    ['no form', '{}'],
    ['no payload', 'payloads=%7B%7D'],
    ['no JSON', 'payload=%7B'],
    ['a list', form([])],
    ['null', form(null)],
    ['no type', form({ user: { id: 'U0ADA' } })],
    ['a press without actions', form({ type: 'block_actions', user: { id: 'U0ADA' }, actions: [] })],
    [
      'a submission without a view',
      form({ type: 'view_submission', user: { id: 'U0ADA' }, team: { id: 'T0HOME' } }),
    ],
    ['a user who is a list', form({ type: 'view_submission', user: ['U0ADA'], view: { id: 'V1' } })],
  ])('signed, with %s, is refused', async (_what, body) => {
    app = await startApp()
    expect(await post(body)).toBe(400)
    expect(app.host.votes).toEqual([])
  })

  it('signed, of a kind that is not used, is acknowledged and does nothing', async () => {
    app = await startApp()
    for (const type of ['view_closed', 'message_action', 'shortcut', 'block_suggestion'])
      expect(await post(form({ type }))).toBe(200)
    expect(app.host.votes).toEqual([])
  })

  it('whatever it is, never breaks the program and never votes', async () => {
    app = await startApp()
    const message = await app.ask('r1')
    const someJson = fc.jsonValue({ maxDepth: 3 })
    const action = fc.record({
      action_id: fc.constantFrom('gatewright_approve', 'gatewright_page_next', 'x'),
      value: someJson,
    })
    const payload = fc.record(
      {
        type: fc.constantFrom('block_actions', 'view_submission', 'other'),
        user: fc.oneof(fc.constant({ id: 'U0ADA' }), someJson),
        team: fc.oneof(fc.constant({ id: 'T0HOME' }), someJson),
        trigger_id: fc.oneof(fc.string(), someJson),
        container: fc.oneof(
          fc.constant({ type: 'message', message_ts: message.ts, channel_id: 'C0OPS' }),
          fc.constant({ type: 'view', view_id: 'V1' }),
          someJson,
        ),
        view: fc.oneof(
          fc.record({
            id: fc.string(),
            callback_id: fc.constant('gatewright_vote'),
            private_metadata: fc.json(),
          }),
          someJson,
        ),
        actions: fc.oneof(fc.array(action), someJson),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(payload, async (value) => {
        const status = await post(form(value))
        expect(status === 200 || (status >= 400 && status < 500)).toBe(true)
      }),
      { numRuns: Number(process.env.GATEWRIGHT_FUZZ ?? 300) },
    )
    expect(app.host.votes).toEqual([])
  })
})
