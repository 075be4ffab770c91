import { afterEach, describe, expect, test } from 'vitest'
import { httpGateway } from '../src'
import { gateScene } from './gateway-scene'
import { allow, call, endAll, gateway, IN_SESSION, json, noted } from './http-scene'

afterEach(endAll)

describe('the gateway over HTTP', () => {
  test('hands on what the server says byte for byte: lists of tools, and answers of calls', async () => {
    const { behind, front, post } = await gateway(gateScene(allow))
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
    const direct = await fetch(behind.url, { method: 'POST', body: JSON.stringify(list) })
    const through = await post(list)
    expect(await through.text()).toBe(await direct.text())
    expect(through.headers.get('mcp-session-id')).toBe('s-1')
    expect(await (await post(call(2))).text()).toBe('{"jsonrpc":"2.0", "id":2,"result":{"content":[ ]}}')
    const get = await fetch(front.url, { headers: { 'last-event-id': '7' } })
    expect([await get.text(), get.headers.get('x-from')]).toEqual(['{"got":true}', 'server'])
  })

  test('holds a call until it is decided, and sends what was approved alone', async () => {
    const scene = gateScene()
    const { calls, post } = await gateway(scene)
    const answer = post(call(1), { ...IN_SESSION, authorization: 'Bearer t', 'mcp-name': 'note' })
    const request = await scene.asked()
    expect(calls()).toEqual([])
    await scene.approve(request)
    expect(await (await answer).json()).toMatchObject({ id: 1, result: { content: [] } })
    expect(calls()).toMatchObject([{ headers: { authorization: 'Bearer t', 'mcp-session-id': 's-1' } }])
  })

  test.each([
    ['no JSON', '{"method":"tools/call"', {}],
    ['a call under the name of another tool', call(1), { 'mcp-name': 'harmless' }],
    ['a call under the name of another method', call(1), { 'mcp-method': 'tools/list' }],
    ['a call without an id', { method: 'tools/call', params: { name: 'note' } }, {}],
    ['a page of another origin', call(1), { origin: 'https://evil.test' }],
  ])('T39: %s is refused, and the server does not hear of it', async (_what, body, headers) => {
    const { post, seen } = await gateway(gateScene(allow))
    const answer = await post(body, headers)
    expect([answer.status >= 400, seen]).toEqual([true, []])
    expect(((await answer.json()) as { error: { message: string } }).error.message).toContain(
      'Nothing was executed',
    )
  })

  test('T39: an escaped method is a call all the same', async () => {
    const scene = gateScene()
    const { calls, post } = await gateway(scene)
    const answer = post('{"id":1,"method":"tools\\u002fcall","params":{"name":"note","arguments":{}}}')
    await scene.reject(await scene.asked(), 'not this one')
    expect(await (await answer).json()).toMatchObject({ id: 1, result: { isError: true } })
    expect(calls()).toEqual([])
  })

  test.each(['/other', '/mcp/', '/.well-known/../mcp2'])('there is nothing at %s', async (path) => {
    const { front, seen } = await gateway(gateScene(allow))
    const answer = await fetch(new URL(path, front.url), { method: 'POST', body: JSON.stringify(call(1)) })
    expect([answer.status, seen]).toEqual([404, []])
  })

  test('what a client needs to sign in comes from the server', async () => {
    const challenge = { 'www-authenticate': 'Bearer resource_metadata="x"' }
    const { front, post, seen } = await gateway(gateScene(allow), (response) =>
      json(response, '{"error":"sign in"}', 401, challenge),
    )
    const answer = await post(call(1))
    expect([answer.status, answer.headers.get('www-authenticate'), await answer.text()]).toEqual([
      401,
      challenge['www-authenticate'],
      '{"error":"sign in"}',
    ])
    await fetch(new URL('/.well-known/oauth-protected-resource', front.url))
    expect(seen.at(-1)?.url).toBe('/.well-known/oauth-protected-resource')
  })

  test('a redirect of the server leads nobody past the gate', async () => {
    const { post } = await gateway(gateScene(allow), (response) =>
      response.writeHead(307, { location: 'http://127.0.0.1:1/mcp' }).end(),
    )
    const answer = await post(call(1))
    expect([answer.status, answer.headers.get('location')]).toEqual([200, null])
    expect(await answer.json()).toMatchObject({ id: 1, error: { message: 'the server gave no answer' } })
  })

  test('a stream goes on as it comes, its last event after the outcome is recorded', async () => {
    const progress =
      'id: 1\r\nevent: message\r\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\r\n\r\n'
    const scene = gateScene()
    const { post } = await gateway(scene, (response, { id }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-from': 'server' })
      response.write(`: hello\n\n${progress}`)
      response.end(`data: {"id":${JSON.stringify(id)},\ndata: "result":{"content":[]}}\n\n`)
    })
    const answer = post(call('a'))
    const request = await scene.asked()
    await scene.approve(request)
    const response = await answer
    expect(response.headers.get('x-from')).toBe('server')
    expect(await response.text()).toBe(
      `: hello\n\n${progress}data: {"id":"a",\ndata: "result":{"content":[]}}\n\n`,
    )
    expect((await scene.gate.requests.get(request.id))?.status).toBe('succeeded')
  })

  test('a client hears that its call waits, and then its end', async () => {
    const scene = gateScene()
    const { post } = await gateway(scene, noted, { beatEvery: '5ms' })
    const [plain, counting] = await Promise.all([
      post(call(1)),
      post(call(2, { id: 'y' }, { _meta: { progressToken: 'p' } })),
    ])
    // The headers came: both streams began while people think.
    await scene.approve(await scene.asked())
    await scene.approve(await scene.asked())
    expect(await plain.text()).toMatch(/^(: waiting\n\n)+event: message\ndata: \{"jsonrpc":"2.0","id":1,/)
    expect(await counting.text()).toMatch(
      /^(event: message\ndata: \{"jsonrpc":"2.0","method":"notifications\/progress","params":\{"progressToken":"p".*\n\n)+event: message\ndata: \{"jsonrpc":"2.0","id":2,/,
    )
  })

  test('giving up a call of a session cancels it, ends its answer, and is not told to the server', async () => {
    const scene = gateScene()
    const { post, seen } = await gateway(scene)
    const answer = post(call(1), IN_SESSION)
    const request = await scene.asked()
    const notice = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }
    // Ids repeat in other sessions: theirs are other calls.
    await post(notice, { 'mcp-session-id': 's-2' })
    expect((await scene.gate.requests.get(request.id))?.status).toBe('pending')
    expect((await post(notice, IN_SESSION)).status).toBe(202)
    await scene.status(request, 'cancelled')
    expect(await (await answer).text()).toBe('')
    expect(
      seen.filter(({ headers, body }) => /cancelled/.test(body) && headers['mcp-session-id'] === 's-1'),
    ).toEqual([])
  })

  test('a client that closes its request gives its call up', async () => {
    const scene = gateScene()
    const { calls, post } = await gateway(scene)
    const leave = new AbortController()
    const answer = post(call(1), {}, leave.signal).catch((error: Error) => error.name)
    const request = await scene.asked()
    leave.abort()
    expect(await answer).toBe('AbortError')
    await scene.status(request, 'cancelled')
    expect(calls()).toEqual([])
  })

  test('I8: closing a request whose call runs ends it at the server, and is recorded', async () => {
    const scene = gateScene()
    let ended = () => {}
    const closed = new Promise<void>((resolve) => {
      ended = resolve
    })
    const { post, seen } = await gateway(scene, (response) => response.on('close', ended))
    const leave = new AbortController()
    const answer = post(call(1), IN_SESSION, leave.signal).catch((error: Error) => error.name)
    const request = await scene.asked()
    await scene.approve(request)
    await scene.status(request, 'executing')
    leave.abort()
    await closed
    await scene.status(request, 'failed')
    expect(await answer).toBe('AbortError')
    // In its session the server hears it by a notice too.
    while (!seen.some(({ body }) => body.includes('"notifications/cancelled"')))
      await new Promise((resolve) => setImmediate(resolve))
  })

  test('I8: a server that vanishes in a call leaves it failed, and the client is told', async () => {
    const scene = gateScene()
    const { post } = await gateway(scene, (response) => response.destroy())
    const answer = post(call(1))
    const request = await scene.asked()
    await scene.approve(request)
    expect(await (await answer).json()).toMatchObject({
      id: 1,
      error: { message: 'the server gave no answer' },
    })
    await scene.status(request, 'failed')
  })

  test('a server that is not there is a bad gateway', async () => {
    const { behind, post } = await gateway(gateScene(allow))
    await behind.close()
    const answer = await post({ jsonrpc: '2.0', id: 1, method: 'ping' })
    expect([answer.status, await answer.text()]).toEqual([502, expect.stringContaining('cannot be reached')])
  })

  test('T40: wrong options are refused when it is made', async () => {
    await expect(httpGateway({ url: 'files.example' })).rejects.toThrow('httpGateway.url')
    await expect(httpGateway({ url: 'http://x', hsot: 'y' } as never)).rejects.toThrow('hsot')
  })
})
