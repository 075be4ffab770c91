import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { McpServer } from '@modelcontextprotocol/server'
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type HttpGatewayOptions, httpGateway } from '../src'
import { type GateScene, gateScene } from './gateway-scene'
import { type Answer, call, endAll, gateway, json, noted } from './http-scene'
import { listenStateless } from './http-servers'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await endAll()
})

const LINK = { link: (id: string) => `https://gate.test/${id}` }
const META = (elicitation: object) => ({
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': { elicitation },
  },
})

/** The official client of protocol 2026-07-28, before a gateway that suspends. */
async function official(
  scene: GateScene,
  onLink: (url: string) => Promise<unknown>,
  more: Partial<HttpGatewayOptions>,
) {
  const ran: unknown[] = []
  const behind = await listenStateless(() => {
    const server = new McpServer({ name: 'notes', version: '1.0.0' })
    server.registerTool('note', { inputSchema: z.object({ id: z.string() }) }, (args) => {
      ran.push(args)
      return { content: [{ type: 'text', text: 'noted' }] }
    })
    return server
  })
  const front = await httpGateway({ gate: scene.gate, url: behind.url, wait: 'suspend', ...more })
  const client = new Client(
    { name: 'agent', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: { url: {} } } },
  )
  client.setRequestHandler('elicitation/create', async ({ params }) => {
    await onLink((params as { url: string }).url)
    return { action: 'accept' } as never
  })
  await client.connect(new StreamableHTTPClientTransport(new URL(front.url)))
  ends.push(
    () => behind.close(),
    () => front.close(),
    () => client.close(),
    () => scene.gate.close(),
  )
  return { client, ran }
}

describe('a call that waits, in protocol 2026-07-28', () => {
  test('is told to come back, and runs once when it was approved meanwhile', async () => {
    const scene = gateScene(LINK)
    const links: string[] = []
    const { client, ran } = await official(
      scene,
      async (url) => {
        links.push(url)
        if (links.length === 2) await scene.approve(await scene.asked())
      },
      {},
    )
    const result = await client.callTool({ name: 'note', arguments: { id: 'x' } })
    expect(result).toMatchObject({ content: [{ text: 'noted' }] })
    const { requests } = await scene.gate.requests.list({})
    expect([requests.length, ran, links]).toEqual([
      1,
      [{ id: 'x' }],
      [`https://gate.test/${requests[0]?.id}`, `https://gate.test/${requests[0]?.id}`],
    ])
  })

  test('T39: accepting the link without a decision runs nothing; a rejection is told', async () => {
    const scene = gateScene(LINK)
    let rounds = 0
    const { client, ran } = await official(
      scene,
      async () => {
        rounds += 1
        if (rounds === 3) await scene.reject(await scene.asked(), 'not this one')
      },
      {},
    )
    const result = await client.callTool({ name: 'note', arguments: { id: 'x' } })
    expect([result.isError, JSON.stringify(result.content), ran]).toEqual([
      true,
      expect.stringContaining('not this one'),
      [],
    ])
  })

  test('a client that opens no addresses gets the state alone, and may wait inline for a while in each round', async () => {
    const scene = gateScene(LINK)
    const { post } = await gateway(scene, undefined, { wait: { inlineFor: '5ms' } })
    const answer = await (await post(call(1, { id: 'x' }, META({})))).json()
    expect(answer).toMatchObject({
      result: { resultType: 'input_required', requestState: expect.any(String) },
    })
    expect(JSON.stringify(answer)).not.toContain('inputRequests')
  })

  test('I3: another gateway of the gate goes on with the state, which the server never sees', async () => {
    const scene = gateScene(LINK)
    const [one, other] = [
      await gateway(scene, undefined, { wait: 'suspend' }),
      await gateway(scene, undefined, { wait: 'suspend' }),
    ]
    const first = (await (await one.post(call(1, { id: 'x' }, META({ url: {} })))).json()) as {
      result: { requestState: string }
    }
    const { requestState } = first.result
    await scene.approve(await scene.asked())
    const again = { ...META({ url: {} }), requestState, inputResponses: { approval: { action: 'accept' } } }
    expect(await (await other.post(call(2, { id: 'x' }, again))).json()).toMatchObject({
      id: 2,
      result: { content: [] },
    })
    expect(other.calls()[0]?.body).not.toContain('gatewright/')
    expect(other.calls()[0]?.body).not.toContain('inputResponses')
    // It ran: the state is used up.
    expect(await (await one.post(call(3, { id: 'x' }, again))).json()).toMatchObject({
      result: { isError: true },
    })
    expect([one.calls().length, other.calls().length]).toEqual([0, 1])
  })

  test.each([
    ['T09: other arguments under a state', (state: string) => ({ args: { id: 'y' }, requestState: state })],
    ['a state that was made up', () => ({ args: { id: 'x' }, requestState: 'gatewright/made-up' })],
  ])('%s runs nothing that was approved', async (_what, forge) => {
    const scene = gateScene(LINK)
    const { calls, post } = await gateway(scene, undefined, { wait: 'suspend' })
    const first = (await (await post(call(1, { id: 'x' }, META({})))).json()) as {
      result: { requestState: string }
    }
    await scene.approve(await scene.asked())
    const { args, requestState } = forge(first.result.requestState)
    await (await post(call(2, args, { ...META({}), requestState }))).text()
    expect(calls()).toEqual([])
  })

  test('a client of an older protocol is told that it waits, by an error, as before', async () => {
    const scene = gateScene(LINK)
    const { calls, post } = await gateway(scene, undefined, { wait: 'suspend' })
    expect(await (await post(call(1))).json()).toMatchObject({
      error: { data: { code: 'ERR_APPROVAL_PENDING' } },
    })
    expect(calls()).toEqual([])
  })
})

describe('rounds that a server asks for, over HTTP', () => {
  const byState: Answer = (response, { id, params }) =>
    params !== undefined && 'requestState' in params
      ? noted(response, { id })
      : json(
          response,
          JSON.stringify({
            jsonrpc: '2.0',
            id,
            result: { resultType: 'input_required', requestState: 'confirm' },
          }),
        )
  const again = { ...META({}), requestState: 'confirm', inputResponses: {} }
  const by = (name: string) => ({ authorization: `Bearer ${name}` })

  test('T39: a state that another client repeats goes on with nobody’s approval', async () => {
    const scene = gateScene()
    const { calls, post } = await gateway(scene, byState)
    const first = post(call(1, { id: 'x' }, META({})), by('one'))
    await scene.approve(await scene.asked())
    expect(await (await first).json()).toMatchObject({ result: { resultType: 'input_required' } })
    const other = post(call(2, { id: 'x' }, again), by('other'))
    await scene.reject(await scene.asked(), 'who is that?')
    expect(await (await other).json()).toMatchObject({ id: 2, result: { isError: true } })
    expect(calls()).toHaveLength(1)
    expect(await (await post(call(3, { id: 'x' }, again), by('one'))).json()).toMatchObject({
      id: 3,
      result: { content: [] },
    })
  })

  test('two equal calls under one state both go on, each once', async () => {
    const scene = gateScene()
    const { calls, post } = await gateway(scene, byState)
    for (const id of [1, 2]) {
      const answer = post(call(id, { id: 'x' }, META({})), by('one'))
      await scene.approve(await scene.asked())
      expect(await (await answer).json()).toMatchObject({ id, result: { requestState: 'confirm' } })
    }
    for (const id of [3, 4])
      expect(await (await post(call(id, { id: 'x' }, again), by('one'))).json()).toMatchObject({
        id,
        result: { content: [] },
      })
    expect(calls()).toHaveLength(4)
    expect((await scene.gate.requests.list({ status: ['succeeded'] })).requests).toHaveLength(2)
  })
})
