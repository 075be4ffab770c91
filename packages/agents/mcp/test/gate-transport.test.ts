import { afterEach, expect, test } from 'vitest'
import { gateTransport, type McpOptions } from '../src'
import type { Message } from '../src/messages'
import { type GateScene, gateScene } from './gateway-scene'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** A transport before a server that asks for a second round under one state, and keeps the calls that it was sent. */
async function connected(options: McpOptions) {
  const calls: Message[] = []
  const [answers, waiting]: [Message[], ((message: Message) => void)[]] = [[], []]
  const inner = {
    onmessage: undefined as ((message: never, extra?: never) => void) | undefined,
    start: async () => {},
    async send(message: Message) {
      const first = waiting.shift()
      if (first === undefined) answers.push(message)
      else first(message)
    },
    close: async () => {},
  }
  const gated = gateTransport(inner, options)
  gated.onmessage = (message: Message) => {
    if (message.method !== 'tools/call') return void gated.send({ id: message.id, result: {} } as never)
    calls.push(message)
    const { requestState } = message.params as { requestState?: string }
    const more = requestState === undefined ? { resultType: 'input_required', requestState: 'confirm' } : {}
    void gated.send({ id: message.id, result: { content: [], ...more } } as never)
  }
  await gated.start()
  return {
    calls,
    say(id: number, more: object, extra?: object) {
      const params = { name: 'note', arguments: { id: 'x' }, ...more }
      inner.onmessage?.({ jsonrpc: '2.0', id, method: 'tools/call', params } as never, extra as never)
    },
    next: () =>
      new Promise<Message>((resolve) => {
        const first = answers.shift()
        if (first === undefined) waiting.push(resolve)
        else resolve(first)
      }),
  }
}

const again = { requestState: 'confirm', inputResponses: {} }
const scene = (): GateScene => {
  const made = gateScene()
  ends.push(() => made.gate.close())
  return made
}
const bearer = (name: string) => ({ authorization: `Bearer ${name}` })

test.each([
  ['another connection', undefined, undefined],
  ['other headers', { requestInfo: { headers: bearer('one') } }, { requestInfo: { headers: bearer('two') } }],
  [
    'another request',
    { request: new Request('http://a.test', { headers: bearer('one') }) },
    { request: new Request('http://a.test', { headers: bearer('two') }) },
  ],
  ['other credentials', { authInfo: { token: 'one' } }, { authInfo: { token: 'two' } }],
])('T39: a state that a client repeats by %s goes on with nobody’s approval', async (_how, own, others) => {
  const here = scene()
  const options = { gate: here.gate }
  const [one, two] = [await connected(options), await connected(options)]
  one.say(1, {}, own)
  await here.approve(await here.asked())
  expect(await one.next()).toMatchObject({ id: 1, result: { requestState: 'confirm' } })
  two.say(2, again, others)
  await here.reject(await here.asked(), 'who is that?')
  expect(await two.next()).toMatchObject({ id: 2, result: { isError: true } })
  expect(two.calls).toEqual([])
  // Servers without sessions are made anew for each request.
  const next = own === undefined ? one : await connected(options)
  next.say(3, again, own)
  expect(await next.next()).toMatchObject({ id: 3, result: { content: [] } })
})
