import { zodFunction } from 'openai/helpers/zod'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { scene, vote } from '../../test/scene'
import { gateFunctions, gateRunnableTools } from '../src'

const parameters = z.strictObject({ id: z.string() })

const chatCall = (name: string, text: string, id = 'c1') => ({
  id,
  type: 'function',
  function: { name, arguments: text },
})

describe('gateFunctions', () => {
  it('lists its functions for both APIs, with the JSON Schema of their parameters', () => {
    const execute = () => 'done'
    const { chatTools, responseTools } = gateFunctions({
      remove: { description: 'Removes.', parameters, execute },
      send: { parameters, jsonSchema: { type: 'object' }, strict: true, execute },
    })
    const schema = {
      type: 'object',
      properties: { id: { type: 'string' } },
      required: ['id'],
      additionalProperties: false,
    }
    expect(chatTools).toEqual([
      { type: 'function', function: { name: 'remove', description: 'Removes.', parameters: schema } },
      { type: 'function', function: { name: 'send', parameters: { type: 'object' }, strict: true } },
    ])
    expect(responseTools).toEqual([
      { type: 'function', name: 'remove', description: 'Removes.', parameters: schema, strict: false },
      { type: 'function', name: 'send', description: null, parameters: { type: 'object' }, strict: true },
    ])
  })

  it('T40: refuses definitions that are wrong, by the name of what is', () => {
    const execute = () => 'done'
    const wrong: [object, RegExp][] = [
      [{ remove: { parameters } }, /remove\.execute/],
      [{ remove: { execute } }, /remove\.parameters/],
      [{ remove: { parameters, execute, needsAproval: true } }, /remove\.needsAproval/],
      [{ remove: null }, /remove/],
    ]
    for (const [functions, message] of wrong) expect(() => gateFunctions(functions as never)).toThrow(message)
    const mute = {
      '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) },
    } as const
    expect(() => gateFunctions({ remove: { parameters: mute, execute } })).toThrow(/remove\.jsonSchema/)
  })

  it('answers every call of a turn, those of custom tools and of no function too', async () => {
    const { gate } = scene({ allow: true })
    const ran: unknown[] = []
    const { chat, responses } = gateFunctions(
      { remove: { parameters, execute: (args) => void ran.push(args) } },
      { gate },
    )
    const tool_calls = [
      chatCall('constructor', '{}'),
      chatCall('remove', '[', 'c2'),
      { id: 'c3', type: 'custom', custom: { name: 'remove', input: '{"id":"ada"}' } },
      chatCall('remove', '{"id":"ada"}', 'c4'),
    ]
    const messages = await chat({ tool_calls }, { runId: 'r1' })
    expect(messages.map(({ tool_call_id }) => tool_call_id)).toEqual(['c1', 'c2', 'c3', 'c4'])
    for (const { content } of messages.slice(0, 3))
      expect(content).toMatch(/not executed|Nothing was executed/)
    expect(messages[3]?.content).toBe('')
    expect(ran).toEqual([{ id: 'ada' }])
    const output = [
      { type: 'reasoning' },
      { type: 'custom_tool_call', call_id: 'c5', name: 'remove' },
      { type: 'web_search_call' },
    ]
    expect(await responses({ output })).toMatchObject([{ type: 'custom_tool_call_output', call_id: 'c5' }])
    expect(ran).toHaveLength(1)
    await gate.close()
  })

  it('T33: a call without a name costs no other call of the turn, and parts of a text are words of the agent', async () => {
    const { gate, only } = scene()
    const { chat, responses } = gateFunctions({ remove: { parameters, execute: () => 'removed' } }, { gate })
    const nameless = { arguments: '{}' } as { name: string; arguments: string }
    const output = [{ type: 'function_call', call_id: 'c1', arguments: '{}' }]
    expect(await responses({ output })).toMatchObject([
      { call_id: 'c1', output: expect.stringContaining('no function without a name') },
    ])
    const answers = chat(
      {
        content: [{ type: 'text', text: 'Ada left ' }, { type: 'text', text: 'us.' }, { type: 'refusal' }],
        tool_calls: [
          { id: 'c1', type: 'function', function: nameless },
          chatCall('remove', '{"id":"ada"}', 'c2'),
        ],
      },
      { runId: 'r1' },
    )
    const request = await only()
    expect(request.intent).toBe('Ada left us.')
    await vote(gate, request.id, 'approve')
    expect(await answers).toMatchObject([
      { tool_call_id: 'c1', content: expect.stringContaining('Nothing was executed') },
      { tool_call_id: 'c2', content: 'removed' },
    ])
    await gate.close()
  })

  it('throws what a function throws, once the other calls of the turn have ended', async () => {
    const { audit, gate } = scene({ allow: true })
    const broken = new Error('the disk is full')
    const { chat } = gateFunctions(
      {
        remove: {
          parameters,
          async execute({ id }) {
            if (id === 'ada') throw broken
            await new Promise(setImmediate)
          },
        },
      },
      { gate },
    )
    const tool_calls = [chatCall('remove', '{"id":"ada"}'), chatCall('remove', '{"id":"ben"}', 'c2')]
    await expect(chat({ tool_calls }, { runId: 'r1' })).rejects.toBe(broken)
    expect(audit.types().filter((type) => type === 'execution.succeeded')).toHaveLength(1)
    await gate.close()
  })

  it('says that calls wait, and answers them when it is asked again', async () => {
    const { gate, only } = scene()
    const { chat } = gateFunctions(
      { remove: { parameters, execute: () => 'removed' } },
      { gate, wait: 'suspend' },
    )
    const message = { tool_calls: [chatCall('remove', '{"id":"ada"}')] }
    await expect(chat(message, { runId: 'r1' })).rejects.toMatchObject({ code: 'ERR_APPROVAL_PENDING' })
    await vote(gate, (await only()).id, 'approve')
    expect(await chat(message, { runId: 'r1' })).toEqual([
      { role: 'tool', tool_call_id: 'c1', content: 'removed' },
    ])
  })
})

describe('gateRunnableTools', () => {
  it('gates what zodFunction makes, and what is added later, and refuses what does not run here', () => {
    const { gate } = scene()
    const own = zodFunction({ name: 'remove', parameters, function: () => 'ran' })
    const tools = gateRunnableTools([own], { gate })
    tools.push(zodFunction({ name: 'drop', parameters, function: () => 'ran' }))
    expect(gate.guardTools(tools)).toHaveLength(2)
    expect(tools.map((tool) => tool.function.name)).toEqual(['remove', 'drop'])
    expect(() => tools.push({ type: 'function', function: { name: 'far' } } as never)).toThrow(/far/)
    expect(() => gateRunnableTools([own], { gate, tools: { remvoe: {} } })).toThrow(/remvoe/)
  })

  it('T32: no other function can be put into a gated tool, which would pass for gated', () => {
    const { gate } = scene()
    const raw = { type: 'function' as const, function: { name: 'remove', function: () => 'ran' } }
    const [tool] = gateRunnableTools([raw], { gate })
    expect(() => Object.assign(tool as object, { function: raw.function })).toThrow(TypeError)
    expect(() => Object.assign((tool as typeof raw).function, { function: () => 'ran' })).toThrow(TypeError)
    expect(() => gate.guardTools([{ ...tool, function: raw.function }])).toThrow(/remove|without a gate/)
  })

  it('finds the call that a runner does not name, and gives equal calls each its own', async () => {
    const { gate, pending } = scene()
    const ran: string[] = []
    const raw = zodFunction({ name: 'remove', parameters, function: ({ id }) => void ran.push(id) })
    const [tool] = gateRunnableTools([raw], { gate })
    const text = '{"id":"ada"}'
    const runner = {
      messages: [
        {
          role: 'assistant',
          content: 'as told',
          tool_calls: ['c1', 'c2'].map((id) => chatCall('remove', text, id)),
        },
      ],
      allChatCompletions: () => [{ id: 'chatcmpl-1', model: 'gpt-test' }],
    }
    const run = (tool as unknown as { function: { function(text: string, runner: object): Promise<string> } })
      .function
    const both = [run.function(text, runner), run.function(text, runner)]
    let requests = await pending()
    while (requests.length < 2) {
      await new Promise(setImmediate)
      requests = await pending()
    }
    const origins = requests.map(({ origin }) => origin)
    expect(origins.map(({ callId }) => callId).sort()).toEqual(['c1', 'c2'])
    expect(origins[0]).toMatchObject({ runId: 'chatcmpl-1', model: 'gpt-test' })
    expect(requests[0]?.intent).toBe('as told')
    await vote(gate, String(requests[0]?.id), 'approve')
    await vote(gate, String(requests[1]?.id), 'reject')
    const words = await Promise.all(both)
    expect(words.filter((word) => word.includes('because'))).toHaveLength(1)
    expect(ran).toEqual(['ada'])
  })
})
