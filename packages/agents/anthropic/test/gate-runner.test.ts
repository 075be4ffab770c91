import Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { gateRunner } from '../src'
import { denyingGate as gate } from './denying-gate'
import { type ModelServer, modelServer } from './model-server'

const servers: ModelServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** A client whose model calls `a` first, and is done then; and what ran. */
async function scene() {
  const ran: string[] = []
  const make = (name = 'a') =>
    betaZodTool({
      name,
      description: 'Deletes a user.',
      inputSchema: z.object({ id: z.string() }),
      run: async () => {
        ran.push(name)
        return 'done'
      },
    })
  // Threads send what is new alone: the model goes by its turns.
  let turns = 0
  const server = await modelServer(() => {
    turns += 1
    return turns % 2 === 0
      ? { content: [{ type: 'text', text: 'done' }], stopReason: 'end_turn' }
      : { content: [{ type: 'tool_use', id: 't1', name: 'a', input: { id: '7' } }], stopReason: 'tool_use' }
  })
  servers.push(server)
  const { messages } = new Anthropic({ apiKey: 'fake', baseURL: server.url, maxRetries: 0 }).beta
  return { asked: server.asked, make, messages, ran }
}

const GO = { model: 'm', max_tokens: 10, messages: [{ role: 'user' as const, content: 'go' }] }
const PAST = /^gateRunner\.a: came to the runner past the gate/

test.each([false, true])(
  'T32: tools that a thread is given later run nothing (streamed: %s)',
  async (stream) => {
    const { make, messages, ran } = await scene()
    const thread = messages.thread({ ...GO, tools: [make()] })
    const runner = gateRunner(thread.toolRunner({ stream }), { gate })
    thread.update({ tools: [make()] })
    await expect(runner.runUntilDone()).rejects.toThrow(PAST)
    await expect(runner.generateToolResponse()).rejects.toThrow(PAST)
    expect(ran).toEqual([])
  },
)

test('T32: nor those that it is given between two steps, and who waits for the end hears why', async () => {
  const { make, messages, ran } = await scene()
  const thread = messages.thread({ ...GO, tools: [make()] })
  const runner = gateRunner(thread.toolRunner({}), { gate })
  const done = expect(runner.done()).rejects.toThrow(PAST)
  const steps = async () => {
    for await (const _ of runner) thread.update({ tools: [make()] })
  }
  await expect(steps()).rejects.toThrow(PAST)
  await done
  expect(ran).toEqual([])
})

test('T32: nor does a runner go on that does not end by the error', async () => {
  const { make, messages } = await scene()
  const thread = messages.thread({ ...GO, tools: [make()] })
  const stubborn = thread.toolRunner({})
  const steps = async function* () {
    try {
      yield 'one'
    } catch {}
    yield 'two'
  }
  Object.defineProperty(stubborn, Symbol.asyncIterator, { value: steps, configurable: true })
  const runner = gateRunner(stubborn, { gate })
  thread.update({ tools: [make()] })
  const seen: unknown[] = []
  const run = async () => {
    for await (const step of runner) seen.push(step)
  }
  await expect(run()).rejects.toThrow(PAST)
  expect(seen).toEqual([])
})

test('T32: a tool that was added before the runner was gated ends the run before it runs', async () => {
  for (const stream of [false, true]) {
    const { make, messages, ran } = await scene()
    const runner = messages.toolRunner({ ...GO, tools: [make()], stream })
    runner.addTools(make())
    await expect(gateRunner(runner, { gate }).runUntilDone()).rejects.toThrow(PAST)
    expect(ran).toEqual([])
  }
})

test('tools that are added to a gated runner are gated, and additions of earlier runs stand', async () => {
  const { asked, make, messages, ran } = await scene()
  const earlier = {
    role: 'system' as const,
    content: [
      {
        type: 'tool_addition' as const,
        tool: { type: 'tool_definition' as const, definition: make('b') as never },
      },
    ],
  }
  const runner = gateRunner(messages.toolRunner({ ...GO, messages: [...GO.messages, earlier], tools: [] }), {
    gate,
  })
  runner.addTools(make())
  runner.pushMessages({ ...earlier, content: [...earlier.content] })
  await runner.runUntilDone()
  expect(ran).toEqual([])
  expect(JSON.stringify(asked.at(-1)?.messages)).toContain('was not executed')
})
