import { join } from 'node:path'
import { when } from '@gatewright/core'
import { afterEach, describe, expect, test } from 'vitest'
import { type GateScene, gateScene, type RawClient, rawClient } from './gateway-scene'

const ODD = join(import.meta.dirname, 'odd-server.mjs')
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** A client before the odd server; what it says is held unless a rule allows it. */
function client(scene: GateScene, more: object = {}): RawClient {
  const raw = rawClient({ gate: scene.gate, command: process.execPath, args: [ODD], ...more })
  ends.push(async () => {
    raw.leave()
    await raw.gateway.ended
    await scene.gate.close()
  })
  return raw
}

const call = (id: unknown, name: string, args: object = { id: 'x' }, more: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args, ...more } })
const allow = { policy: [when('tool.*').allow()] }
const textOf = (line: string): string => JSON.parse(line).result.content[0].text

/** What the server was sent, in order. */
async function seenBy(raw: RawClient): Promise<string[]> {
  raw.say(call('look', 'seen'))
  return JSON.parse(Buffer.from(textOf(await raw.next()), 'base64').toString())
}
const callsOf = (seen: readonly string[], name: string): string[] =>
  seen.filter((line) => line.includes('tools/call') && line.includes(`"${name}"`))

describe('the gateway over standard streams', () => {
  test('hands on what the server says byte for byte, also the answer to a gated call', async () => {
    const scene = gateScene()
    const raw = client(scene)
    raw.say('{"jsonrpc":"2.0","id":7,"method":"ping"}')
    expect(await raw.next()).toBe('{"jsonrpc":"2.0","id":7 ,"result":{"\\u0065cho":1e2}}')
    raw.say(call(8, 'note'))
    await scene.approve(await scene.asked())
    expect(await raw.next()).toBe(
      '{"result" :{"content":[{"type":"text","text":"note x"}]},  "id":8,"jsonrpc":"2.0"}',
    )
  })

  test.each([
    [
      'an escaped method',
      '{"id":1,"method":"tools\\u002fcall","params":{"name":"note","arguments":{"id":"x"}}}',
    ],
    [
      'a method said twice',
      '{"id":1,"method":"ping","method":"tools/call","params":{"name":"note","arguments":{"id":"x"}}}',
    ],
    ['a batch', `[{"id":0,"method":"ping"},${call(1, 'note')}]`],
  ])('T39: %s runs nothing before the decision', async (_what, line) => {
    const scene = gateScene()
    const raw = client(scene)
    raw.say(line)
    const request = await scene.asked()
    if (line.startsWith('[')) expect(JSON.parse(await raw.next())).toMatchObject({ id: 0 })
    await scene.reject(request, 'not this one')
    expect(JSON.parse(await raw.next())).toMatchObject({ id: 1, result: { isError: true } })
    raw.say(call(2, 'seen'))
    await scene.approve(await scene.asked())
    const seen = JSON.parse(Buffer.from(textOf(await raw.next()), 'base64').toString())
    expect(callsOf(seen, 'note')).toEqual([])
  })

  test.each([
    ['of a call that runs', call(5, 'hang'), '{"id":5,"method":"ping"}'],
    ['of a request that the server has', '{"id":5,"method":"never"}', call(5, 'note')],
    ['of a request of the same kind', '{"id":5,"method":"never"}', '{"id":5,"method":"ping"}'],
  ])('T39: the id %s is no other’s: one answer would stand for both', async (_what, first, second) => {
    const scene = gateScene(allow)
    const raw = client(scene)
    raw.say(first)
    raw.say(second)
    expect(JSON.parse(await raw.next())).toMatchObject({ id: 5, error: { code: -32_600 } })
    expect((await scene.gate.requests.list({ status: ['succeeded'] })).requests).toEqual([])
    expect(callsOf(await seenBy(raw), 'note')).toEqual([])
  })

  test('T39: the id of a call that waits is no other’s', async () => {
    const scene = gateScene()
    const raw = client(scene)
    raw.say(call(5, 'note'))
    const request = await scene.asked()
    raw.say('{"id":5,"method":"ping"}')
    expect(JSON.parse(await raw.next())).toMatchObject({ id: 5, error: { code: -32_600 } })
    await scene.approve(request)
    expect(textOf(await raw.next())).toBe('note x')
    raw.say('{"id":5,"method":"ping"}')
    expect(await raw.next()).toContain('cho')
  })

  test('T32: two tools of one action: the second runs nothing, and its client reads what to set', async () => {
    const scene = gateScene(allow)
    const raw = client(scene)
    raw.say(call(1, 'addOne'))
    expect(textOf(await raw.next())).toBe('addOne x')
    raw.say(call(2, 'add_one'))
    const { error } = JSON.parse(await raw.next())
    expect(error.message).toMatch(
      /^add_one was not executed: stdioGateway\.action: gives the tools addOne and add_one the same action, tool\.add_one\. Name one of them otherwise in "tools" \(ERR_OPTION_INVALID\)\.$/,
    )
    expect(callsOf(await seenBy(raw), 'add_one')).toEqual([])
  })

  test('the server reads the message that was judged, and not the bytes of the client', async () => {
    const scene = gateScene(allow)
    const raw = client(scene)
    raw.say(
      '{"id":1,"method":"tools/call","params":{"name":"crash","name":"note","arguments":{"id":"a","id":"b"}}}',
    )
    expect(textOf(await raw.next())).toBe('note b')
    expect(callsOf(await seenBy(raw), 'note')).toEqual([
      '{"id":1,"method":"tools/call","params":{"name":"note","arguments":{"id":"b"}}}',
    ])
  })

  const NOTE = '{"name":"note","arguments":{"id":"x"}}'
  test.each([
    ['a member of another case', `{"id":1,"Method":"tools/call","params":${NOTE}}`],
    ['a member of another case beside it', `{"id":1,"method":"ping","METHOD":"tools/call","params":${NOTE}}`],
    [
      'a member of letters that fold',
      `{"id":1,"method":"tools/call","params":${NOTE},"param\u017f":${NOTE}}`,
    ],
    ['a member that ends at NUL', `{"id":1,"method\\u0000":"tools/call","params":${NOTE}}`],
    ['a method of another case', `{"id":1,"method":"Tools/Call","params":${NOTE}}`],
    ['a method that ends at NUL', `{"id":1,"method":"tools/call\\u0000x","params":${NOTE}}`],
    ['a method with a space', `{"id":1,"method":"tools/call ","params":${NOTE}}`],
    ['a second name', '{"id":1,"method":"tools/call","params":{"name":"seen","Name":"note","arguments":{}}}'],
    [
      'second arguments',
      `{"id":1,"method":"tools/call","params":{"name":"note","arguments":{},"Arguments":{"id":"x"}}}`,
    ],
  ])('T33: %s is refused: some servers would run what nobody judged', async (_what, line) => {
    const raw = client(gateScene(allow))
    for (const said of [line, `[${line}]`]) {
      raw.say(said)
      const { error, id } = JSON.parse(await raw.next())
      expect([id, error.code, error.message]).toEqual([null, -32_600, expect.stringContaining('Nothing was')])
    }
    expect(callsOf(await seenBy(raw), 'note')).toEqual([])
  })

  test('T33: an argument that is spelt otherwise than the schema does is refused: rules look at the other', async () => {
    const raw = client(gateScene(allow))
    raw.say(call(1, 'note', { id: 'x', ID: 'y' }))
    const { result } = JSON.parse(await raw.next())
    expect([result.isError, result.content[0].text]).toEqual([
      true,
      expect.stringMatching(/ID.*spelt otherwise/s),
    ])
    expect(callsOf(await seenBy(raw), 'note')).toEqual([])
    raw.say(call(2, 'note', { id: 'x', more: 'y' }))
    expect(textOf(await raw.next())).toBe('note x')
  })

  test.each([
    ['no JSON', '{"method":"tools/call"', -32_700],
    ['no object', '"tools/call"', -32_600],
    ['a method that is no text', '{"id":1,"method":["tools/call"],"params":{"name":"note"}}', -32_600],
    ['a call without an id', '{"method":"tools/call","params":{"name":"note"}}', -32_600],
    ['a call of nothing', '{"id":1,"method":"tools/call","params":[]}', -32_602],
    ['a call as a task', call(1, 'note', {}, { task: { ttl: 1 } }), -32_602],
  ])('%s is refused, and the server does not hear of it', async (_what, line, code) => {
    const scene = gateScene(allow)
    const raw = client(scene)
    raw.say(line)
    expect(JSON.parse(await raw.next()).error).toMatchObject({
      code,
      message: expect.stringContaining('Nothing was executed'),
    })
    const seen = await seenBy(raw)
    expect([callsOf(seen, 'note'), seen.filter((one) => !one.includes('tools/'))]).toEqual([[], []])
  })

  test('an id that is still under way is refused, and the first call goes on', async () => {
    const scene = gateScene()
    const raw = client(scene)
    raw.say(call(1, 'note'))
    const request = await scene.asked()
    raw.say(call(1, 'note', { id: 'y' }))
    expect(JSON.parse(await raw.next())).toMatchObject({ id: 1, error: { code: -32_600 } })
    await scene.approve(request)
    expect(textOf(await raw.next())).toBe('note x')
  })

  test('a tool that the server does not list asks nobody, and runs nothing', async () => {
    const scene = gateScene(allow)
    const raw = client(scene)
    raw.say(call(1, 'hidden'))
    expect(textOf(await raw.next())).toBe('There is no tool hidden. Nothing was executed.')
    expect(callsOf(await seenBy(raw), 'hidden')).toEqual([])
  })

  test('a call that its client gives up is cancelled, and its server never hears of it', async () => {
    const scene = gateScene()
    const raw = client(scene)
    raw.say(call(1, 'note'))
    const request = await scene.asked()
    raw.say('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"left"}}')
    await scene.status(request, 'cancelled')
    raw.say(call(2, 'seen'))
    await scene.approve(await scene.asked())
    const seen = JSON.parse(Buffer.from(textOf(await raw.next()), 'base64').toString()) as string[]
    expect(seen.filter((line) => /cancelled|note/.test(line))).toEqual([])
  })

  test('giving up a call that runs is told to its server, and recorded', async () => {
    const scene = gateScene()
    const raw = client(scene)
    raw.say(call(1, 'hang'))
    const request = await scene.asked()
    await scene.approve(request)
    await scene.status(request, 'executing')
    const cancelled = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}'
    raw.say(cancelled)
    await scene.status(request, 'failed')
    raw.say(call(2, 'seen'))
    await scene.approve(await scene.asked())
    const seen = JSON.parse(Buffer.from(textOf(await raw.next()), 'base64').toString()) as string[]
    expect(seen.filter((line) => line.includes('cancelled'))).toEqual([cancelled])
  })

  test('a client that leaves takes its calls with it, and its server ends', async () => {
    const scene = gateScene()
    const raw = client(scene)
    raw.say(call(1, 'note'))
    const request = await scene.asked()
    raw.leave()
    await scene.status(request, 'cancelled')
    expect(await raw.gateway.ended).toBe(0)
  })

  test('I8: a server that dies in a call ends the gateway with its code, and the call is recorded as failed', async () => {
    const scene = gateScene()
    const raw = client(scene)
    raw.say(call(1, 'crash'))
    const request = await scene.asked()
    await scene.approve(request)
    expect(await raw.gateway.ended).toBe(3)
    await scene.status(request, 'failed')
  })

  test('a server that cannot be started says so', async () => {
    const scene = gateScene()
    const raw = rawClient({ gate: scene.gate, command: '/no/such/server' })
    await expect(raw.gateway.ended).rejects.toThrow('/no/such/server cannot be started')
    await scene.gate.close()
  })

  test('a gate that is closed runs nothing, and says nothing of a decision', async () => {
    const scene = gateScene()
    const raw = client(scene)
    await scene.gate.close()
    raw.say(call(1, 'note'))
    const { error } = JSON.parse(await raw.next())
    expect(error).toMatchObject({ data: { code: 'ERR_GATE_CLOSED' } })
    expect(error.message).toBe('note was not executed: the gate cannot answer (ERR_GATE_CLOSED).')
  })
})

describe('a server that wants input before it answers', () => {
  const stateOf = (line: string): string => JSON.parse(line).result.requestState
  const again = (id: number, state: string, args: object): string =>
    call(id, 'ask', args, { requestState: state, inputResponses: {} })

  test('asks people once for all rounds of a call', async () => {
    const scene = gateScene()
    const raw = client(scene)
    raw.say(call(1, 'ask', { id: 'a' }))
    const request = await scene.asked()
    await scene.approve(request)
    const state = stateOf(await raw.next())
    raw.say(again(2, state, { id: 'a' }))
    expect(JSON.parse(await raw.next())).toMatchObject({ id: 2, result: { content: [{ text: 'ask a' }] } })
    await scene.status(request, 'succeeded')
    expect((await scene.gate.requests.list()).requests).toHaveLength(1)
  })

  test('T39: asks anew for other arguments, and for a state that is used a second time', async () => {
    const scene = gateScene()
    const raw = client(scene)
    raw.say(call(1, 'ask', { id: 'a' }))
    await scene.approve(await scene.asked())
    const state = stateOf(await raw.next())
    raw.say(again(2, state, { id: 'b' }))
    await scene.reject(await scene.asked(), 'not that one')
    expect(JSON.parse(await raw.next())).toMatchObject({ id: 2, result: { isError: true } })
    raw.say(again(3, state, { id: 'a' }))
    expect(JSON.parse(await raw.next())).toMatchObject({ id: 3, result: { content: [{ text: 'ask a' }] } })
    raw.say(again(4, state, { id: 'a' }))
    await scene.reject(await scene.asked(), 'once is enough')
    expect(JSON.parse(await raw.next())).toMatchObject({ id: 4, result: { isError: true } })
  })
})
