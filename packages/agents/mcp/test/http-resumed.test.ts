import { randomUUID } from 'node:crypto'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type HttpGateway, httpGateway } from '../src'
import { gateScene } from './gateway-scene'
import { type Answer, call, endAll, gateway, IN_SESSION } from './http-scene'
import { listenWithSessions } from './http-servers'

afterEach(endAll)

const SESSION = { ...IN_SESSION, 'mcp-protocol-version': '2025-11-25' }
const counted = { _meta: { progressToken: 'p' } }

/** Reads a stream until a text stands in it, and is then cut off. */
async function readUntil(response: Response, mark: RegExp, leave?: AbortController): Promise<string> {
  let said = ''
  const decoder = new TextDecoder()
  try {
    for await (const chunk of response.body ?? []) {
      said += decoder.decode(chunk, { stream: true })
      if (mark.test(said)) break
    }
  } finally {
    leave?.abort()
  }
  return said
}

const lastId = (said: string) => [...said.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? ''

function resume({ url }: HttpGateway, id: string, headers: Record<string, string> = SESSION) {
  return fetch(url, { headers: { ...headers, accept: 'text/event-stream', 'last-event-id': id } })
}

/** A call whose client is cut off after it heard that it waits. */
async function cutOff(
  how: { params?: object; onCall?: Answer; resumeWithin?: string; headers?: object } = {},
) {
  const scene = gateScene()
  const made = await gateway(scene, how.onCall, {
    beatEvery: '5ms',
    ...(how.resumeWithin !== undefined && { resumeWithin: how.resumeWithin as '1m' }),
  })
  const leave = new AbortController()
  const headers = { ...SESSION, ...how.headers }
  const response = await made.post(call(1, { id: 'x' }, how.params), headers, leave.signal)
  const said = await readUntil(response, /^id: .*\n[\s\S]*\n\n/m, leave)
  const request = await scene.asked()
  return { ...made, scene, said, request, id: lastId(said) }
}

describe('a stream that breaks', () => {
  test.each([
    ['progress', { params: counted }],
    ['a place without data', {}],
    ['a place alone, for an older client', { headers: { 'mcp-protocol-version': '2025-06-18' } }],
  ])(
    'I8: an answer is told to a client that comes back, after %s, and the call ran once',
    async (_what, how) => {
      const { calls, front, id, request, said, scene } = await cutOff(how)
      expect(said.includes('data: \n')).toBe(Object.keys(how).length === 0)
      expect((await scene.gate.requests.get(request.id))?.status).toBe('pending')
      await scene.approve(request)
      await scene.status(request, 'succeeded')
      const again = await resume(front, id, { ...SESSION, ...('headers' in how ? how.headers : {}) })
      expect(again.headers.get('content-type')).toBe('text/event-stream')
      expect((await again.text()).match(/"id":1,"result"/g)).toHaveLength(1)
      expect(calls()).toHaveLength(1)
    },
  )

  test('a client that comes back before the decision hears it then, and can be cut off again', async () => {
    const { calls, front, id, request, scene } = await cutOff({ params: counted })
    const leave = new AbortController()
    const second = await fetch(front.url, {
      headers: { ...SESSION, 'last-event-id': id },
      signal: leave.signal,
    })
    const said = await readUntil(second, /^id: .*\n[\s\S]*\n\n/m, leave)
    const third = await resume(front, lastId(said))
    await scene.approve(request)
    expect((await third.text()).match(/"id":1,"result"/g)).toHaveLength(1)
    expect(calls()).toHaveLength(1)
  })

  test('what the server says while nobody listens is told from the place on, with its own ids', async () => {
    const events = (id: unknown) =>
      [
        'id: up-1\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n',
        `id: up-2\r\ndata: {"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[]}}\r\n\r\n`,
      ].join('')
    const { front, id, request, scene } = await cutOff({
      onCall: (response, message) =>
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(events(message.id)),
    })
    await scene.approve(request)
    await scene.status(request, 'succeeded')
    expect(await (await resume(front, id)).text()).toContain(events(1))
    // Its end may be lost once more.
    expect(await (await resume(front, 'up-1')).text()).toBe(events(1).slice(events(1).indexOf('id: up-2')))
  })

  test('I3: a client that asks again instead of coming back runs nothing twice', async () => {
    const { calls, post, request, scene } = await cutOff({ params: counted })
    const under = await post(call(1), SESSION)
    expect(await under.text()).toContain('still under way')
    await scene.approve(request)
    await scene.status(request, 'succeeded')
    expect(await (await post(call(1), SESSION)).text()).toContain('"isError":true')
    expect(calls()).toHaveLength(1)
  })

  test.each([
    ['another session', { 'mcp-session-id': 's-2' }],
    ['other credentials', { authorization: 'Bearer other' }],
  ])('T04: a place in a stream is no use to %s', async (_who, headers) => {
    const { front, id, request, scene, seen } = await cutOff()
    const before = seen.length
    const stranger = await resume(front, id, {
      ...SESSION,
      ...(headers as unknown as Record<string, string>),
    })
    // It is the server's to say that it knows no such place.
    expect([await stranger.text(), seen.length]).toEqual(['{"got":true}', before + 1])
    await scene.approve(request)
    await scene.status(request, 'succeeded')
    expect(await (await resume(front, id)).text()).toContain('"result"')
  })

  test('a client that does not come back gives its call up', async () => {
    const { calls, request, scene } = await cutOff({ resumeWithin: '20ms' })
    await scene.status(request, 'cancelled')
    expect(calls()).toEqual([])
  })

  test('a client that is away can still say that it gives the call up', async () => {
    const { calls, front, id, post, request, scene } = await cutOff()
    await post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }, SESSION)
    await scene.status(request, 'cancelled')
    expect(await (await resume(front, id)).text()).not.toContain('"result"')
    expect(calls()).toEqual([])
  })

  test('a place that nobody gave out is the server’s', async () => {
    const { front, seen } = await cutOff()
    await resume(front, `gatewright/${randomUUID()}/1`)
    expect(seen.at(-1)).toMatchObject({ method: 'GET' })
  })

  test('the official client comes back by itself, and has the result of a call that ran once', async () => {
    const scene = gateScene()
    let ran = 0
    const server = new McpServer1({ name: 'notes', version: '1.0.0' })
    server.registerTool('note', { inputSchema: { id: z.string() } }, () => {
      ran += 1
      return { content: [{ type: 'text', text: 'noted' }] }
    })
    const behind = await listenWithSessions(() => server)
    const front = await httpGateway({ gate: scene.gate, url: behind.url, beatEvery: '5ms' })
    let cut = 0
    const cutting: typeof fetch = async (url, init) => {
      const response = await fetch(url, init)
      if (!String(init?.body).includes('tools/call')) return response
      return new Response(
        cutAfterAPlace(response, () => (cut += 1)),
        response,
      )
    }
    const client = new Client1({ name: 'agent', version: '1.0.0' })
    await client.connect(
      new Transport1(new URL(front.url), { fetch: cutting }) as Parameters<Client1['connect']>[0],
    )
    const answer = client.callTool({ name: 'note', arguments: { id: 'x' } })
    const request = await scene.asked()
    while (cut === 0) await new Promise((resolve) => setImmediate(resolve))
    await scene.approve(request)
    expect(await answer).toMatchObject({ content: [{ text: 'noted' }] })
    expect([ran, cut]).toEqual([1, 1])
    await client.close()
    await front.close()
    await behind.close()
    await scene.gate.close()
  })
})

/** A body that breaks as soon as it named a place. */
function cutAfterAPlace({ body }: Response, cut: () => void): ReadableStream<Uint8Array> {
  const reader = body?.getReader()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done) return controller.close()
      controller.enqueue(value)
      if (!new TextDecoder().decode(value).includes('id: ')) return
      // The reader below has what came before.
      setImmediate(() => {
        cut()
        controller.error(new Error('the network is gone'))
        void reader?.cancel()
      })
    },
  })
}
