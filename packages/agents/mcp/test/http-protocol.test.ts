import { once } from 'node:events'
import { createConnection } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { gateScene } from './gateway-scene'
import { allow, call, endAll, gateway, IN_SESSION, json } from './http-scene'

afterEach(endAll)

const list = (id: unknown) => ({ jsonrpc: '2.0', id, method: 'tools/list' })
const open = { ...allow }
const held = { id: 'held' }

describe('batches over HTTP (protocol 2025-03-26)', () => {
  test('of a batch, the call alone waits, and all are answered together', async () => {
    const scene = gateScene()
    const { calls, post, seen } = await gateway(scene)
    const answer = post(
      [list(1), call(2), { jsonrpc: '2.0', method: 'notifications/roots' }, list('3')],
      IN_SESSION,
    )
    const request = await scene.asked()
    expect(calls()).toEqual([])
    await scene.approve(request)
    const answers = (await (await answer).json()) as { id: unknown }[]
    expect(answers.map(({ id }) => id).sort()).toEqual([1, 2, '3'].sort())
    // Each message came by itself: no server reads a batch in another way than the gate.
    expect(seen.some(({ body }) => body.startsWith('['))).toBe(false)
    expect(calls()).toHaveLength(1)
  })

  test('a rejected call of a batch is refused, and the others are answered', async () => {
    const scene = gateScene()
    const { calls, post } = await gateway(scene)
    const answer = post([call(1), list(2)])
    await scene.reject(await scene.asked(), 'no')
    const answers = (await (await answer).json()) as { id: number }[]
    expect(answers.sort((one, other) => one.id - other.id)).toMatchObject([
      { id: 1, result: { isError: true } },
      { id: 2 },
    ])
    expect(calls()).toEqual([])
  })

  test('what is answered is told while a call waits', async () => {
    const scene = gateScene()
    const { post } = await gateway(scene, undefined, { beatEvery: '5ms' })
    const response = await post([list(1), call(2)], IN_SESSION)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const told = response.text()
    await scene.reject(await scene.asked(), 'no')
    const ids = [...(await told).matchAll(/^data: .*?"id":(\d)/gm)].map(([, id]) => id)
    expect(ids).toEqual(['1', '2'])
  })

  test('a batch of notices is accepted without an answer', async () => {
    const { post, seen } = await gateway(gateScene(open))
    const answer = await post([
      { jsonrpc: '2.0', method: 'notifications/a' },
      { jsonrpc: '2.0', method: 'notifications/b' },
    ])
    expect([answer.status, await answer.text(), seen.length]).toEqual([202, '', 2])
  })

  test('a call and its cancellation in one batch: nothing runs', async () => {
    const scene = gateScene()
    const { calls, post } = await gateway(scene)
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }
    const answer = await post([call(1), cancelled], IN_SESSION)
    expect([answer.status, await answer.text(), calls()]).toEqual([202, '', []])
  })

  test.each([
    ['two requests with one id', [list(1), call(1)], {}],
    ['ids that are one to a loose reader', [list('1'), call(1)], {}],
    ['a batch in a batch', [[call(1)]], {}],
    ['no message in it', [call(1), null], {}],
    ['nothing', [], {}],
    ['too much', Array.from({ length: 101 }, (_, id) => list(id)), {}],
    ['initialize beside a call', [{ jsonrpc: '2.0', id: 0, method: 'initialize' }, call(1)], {}],
    ['a protocol without batches', [call(1)], { 'mcp-protocol-version': '2025-06-18' }],
    ['a name for all of them', [call(1)], { 'mcp-name': 'harmless' }],
  ])('T45: a batch with %s is refused as a whole', async (_what, batch, headers) => {
    const { post, seen } = await gateway(gateScene(open))
    const answer = await post(batch, headers as unknown as Record<string, string>)
    expect([answer.status, seen]).toEqual([400, []])
    expect(await answer.json()).toMatchObject({
      id: null,
      error: { message: expect.stringContaining('Nothing was executed') },
    })
  })

  test('a call whose id is under way in another batch of the session is refused', async () => {
    const scene = gateScene()
    const { calls, post } = await gateway(scene)
    const first = post([call(7, held)], IN_SESSION)
    const request = await scene.asked()
    expect(await (await post([call(7)], IN_SESSION)).json()).toMatchObject([
      { id: 7, error: { message: expect.stringContaining('under way') } },
    ])
    await scene.approve(request)
    expect(await (await first).json()).toMatchObject([{ id: 7, result: {} }])
    expect(calls()).toHaveLength(1)
    expect(calls()[0]?.body).toContain('held')
  })
})

describe('sessions and headers over HTTP', () => {
  test('the version of the protocol and the credentials reach the server, and stand nowhere else', async () => {
    const said: unknown[] = []
    const logger = { info: keep, warn: keep, error: keep }
    function keep(...words: unknown[]) {
      said.push(words)
    }
    const scene = gateScene({ ...allow, logger })
    const { post, seen } = await gateway(scene, (response) => json(response, 'not found', 500))
    const secret = 'Bearer s3cret-of-the-client'
    const headers = { 'mcp-protocol-version': '2025-06-18', authorization: secret, cookie: 'c=s3cret-cookie' }
    const answer = await post(call(1), headers)
    expect(seen.at(-1)?.headers).toMatchObject(headers)
    const kept = JSON.stringify([said, await scene.gate.requests.list({}), await answer.text()])
    expect(kept).not.toContain('s3cret')
  })

  test('ending a session gives up its calls, once the server ended it', async () => {
    const scene = gateScene()
    const { calls, front, post, seen } = await gateway(scene)
    const answer = post(call(1), IN_SESSION)
    const request = await scene.asked()
    const other = await fetch(front.url, { method: 'DELETE', headers: { 'mcp-session-id': 's-2' } })
    expect([other.status, (await scene.gate.requests.get(request.id))?.status]).toEqual([200, 'pending'])
    await fetch(front.url, { method: 'DELETE', headers: IN_SESSION })
    await scene.status(request, 'cancelled')
    expect([await (await answer).text(), calls()]).toEqual(['', []])
    expect(seen.some(({ body }) => body.includes('cancelled'))).toBe(false)
  })

  test('a session that the server knows no more is told as it tells it, and its calls are given up', async () => {
    const scene = gateScene()
    const { calls, post } = await gateway(scene, (response) => json(response, '{"error":"no session"}', 404))
    const first = post(call(1), IN_SESSION)
    const request = await scene.asked()
    const second = post(call(2, held), IN_SESSION)
    while ((await scene.gate.requests.list({ status: ['pending'] })).requests.length < 2)
      await new Promise((resolve) => setImmediate(resolve))
    await scene.approve(request)
    const answer = await first
    expect([answer.status, await answer.text()]).toEqual([404, '{"error":"no session"}'])
    expect([await (await second).text(), calls().length]).toEqual(['', 1])
  })

  test.each([
    ['rebound', { host: 'evil.test' }],
    ['rebound with a port', { host: 'evil.test:8123' }],
    ['no host', { host: '' }],
    ['user info before it', { host: '127.0.0.1@evil.test' }],
    ['a page of a sandbox', { origin: 'null' }],
    ['a page of a longer name', { origin: 'http://localhost.evil.test' }],
  ])('T36: %s is refused before anything is read', async (_what, headers) => {
    const { front, seen } = await gateway(gateScene(open))
    const { hostname, pathname, port } = new URL(front.url)
    const socket = createConnection(Number(port), hostname)
    const all = Object.entries({ host: `127.0.0.1:${port}`, connection: 'close', ...headers })
    const body = JSON.stringify(call(1))
    socket.write(
      `POST ${pathname} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}content-length: ${body.length}\r\n\r\n${body}`,
    )
    expect(await text(socket)).toMatch(/^HTTP\/1.1 403 [\s\S]*Nothing was executed/)
    expect(seen).toEqual([])
  })

  test.each(['content-length', 'chunks'])('a body that is too large is refused, by its %s', async (how) => {
    const { front, seen } = await gateway(gateScene(open), undefined, { maxBytes: 1_000 })
    const { hostname, pathname, port } = new URL(front.url)
    const socket = createConnection(Number(port), hostname)
    const much = JSON.stringify(call(1, { id: 'x'.repeat(2_000) }))
    socket.write(`POST ${pathname} HTTP/1.1\r\nhost: 127.0.0.1\r\n`)
    if (how === 'chunks')
      socket.write(`transfer-encoding: chunked\r\n\r\n${much.length.toString(16)}\r\n${much}\r\n`)
    else socket.write(`content-length: ${much.length}\r\n\r\n`)
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toContain('larger than 1000 bytes. Nothing was executed.')
    expect(seen).toEqual([])
  })

  test('a client that is cut off within its body is forgotten', async () => {
    const { front, seen } = await gateway(gateScene(open))
    const { hostname, pathname, port } = new URL(front.url)
    const socket = createConnection(Number(port), hostname)
    socket.write(
      `POST ${pathname} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 500\r\n\r\n${JSON.stringify(call(1))}`,
    )
    await once(socket, 'connect')
    socket.end()
    await text(socket)
    expect(seen).toEqual([])
  })
})
