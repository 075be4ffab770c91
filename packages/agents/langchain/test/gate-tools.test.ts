import { currentSession } from '@gatewright/core'
import { ToolMessage } from '@langchain/core/messages'
import { RunnableLambda } from '@langchain/core/runnables'
import { DynamicStructuredTool, StructuredTool, tool } from '@langchain/core/tools'
import { Command } from '@langchain/langgraph'
import { ToolNode } from '@langchain/langgraph/prebuilt'
import { AIMessage, createAgent, fakeModel } from 'langchain'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { gateTool, gateTools } from '../src'
import { calling, deletes, deleting, go, scene, told } from './scene'

const schema = z.object({ id: z.string() })
const call = (name: string, args: object, id = 'c1') => ({ type: 'tool_call' as const, id, name, args })

describe('a gated tool', () => {
  test('is of its class, and has its name, schema and settings; the original stays as it was', async () => {
    const { gate } = scene()
    const { ran, tool: raw } = deleting()
    const gated = gateTool(raw, { gate })
    expect(gated).toBeInstanceOf(DynamicStructuredTool)
    expect([gated.name, gated.schema, gated.description]).toEqual([raw.name, raw.schema, raw.description])
    expect(gateTool(gated, { gate })).toBe(gated)
    await raw.invoke({ id: 'ada' })
    expect(ran).toEqual(['ada'])
  })

  test('T39: does not run by what it was made of either', async () => {
    const s = scene()
    const { ran, tool: raw } = deleting()
    const gated = gateTool(raw, { gate: s.gate })
    const run = (gated as unknown as { func(input: unknown): Promise<unknown> }).func({ id: 'ada' })
    await s.decide('reject')
    await expect(run).rejects.toMatchObject({ code: 'ERR_APPROVAL_REJECTED' })
    expect(ran).toEqual([])
  })

  test('that a program calls without a model gives it the result as it is, and throws a refusal', async () => {
    const s = scene()
    const rows = tool(async () => ({ rows: 1 }), { name: 'rows', description: 'd', schema })
    const gated = gateTool(rows, { gate: s.gate })
    const approved = gated.invoke({ id: 'ada' })
    await s.decide('approve', { edits: [{ path: '/id', value: 'ben' }] })
    expect(await approved).toEqual({ rows: 1 })
    const rejected = gated.invoke({ id: 'ada' })
    await s.decide('reject', { note: 'not this one' })
    await expect(rejected).rejects.toMatchObject({
      code: 'ERR_APPROVAL_REJECTED',
      message: expect.stringContaining('rows was not executed. Decided by Rita. Reason: not this one.'),
    })
  })

  test('shows what its schema made of the input, and a tool that takes a text shows the text', async () => {
    const s = scene()
    const day = tool(async ({ at }: { at: string }) => at, {
      name: 'day',
      description: 'd',
      schema: z.object({ at: z.string().transform((text) => `${text}T00:00`) }),
    })
    const transformed = gateTool(day, { gate: s.gate }).invoke({ at: '2026-11-26' })
    const [request] = await s.asked()
    expect(request?.arguments).toBe('[{"at":"2026-11-26T00:00"}]')
    await s.decide('approve')
    expect(await transformed).toBe('2026-11-26T00:00')

    const echo = tool(async (text: string) => text, { name: 'echo', description: 'd', schema: z.string() })
    const plain = gateTool(echo, { gate: s.gate }).invoke('hello')
    await s.decide('approve', { edits: [{ path: '/input', value: 'bye' }] })
    expect(await plain).toBe('bye')
  })

  test('I2: takes no edit that its schema does not', async () => {
    const s = scene()
    const { ran, tool: raw } = deleting()
    const run = gateTool(raw, { gate: s.gate }).invoke(call('deleteUser', { id: 'ada' }))
    const [request] = await s.asked()
    const receipt = await s.vote(request?.id ?? '', 'approve', { edits: [{ path: '/id', value: 7 }] })
    expect(receipt.status).not.toBe('counted')
    await s.decide('reject')
    await run
    expect(ran).toEqual([])
  })

  test('I2: takes no edit that its JSON Schema does not', async () => {
    const s = scene()
    const json = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } as const
    const raw = tool(async (input) => JSON.stringify(input), { name: 'echo', description: 'd', schema: json })
    const run = gateTool(raw, { gate: s.gate }).invoke(call('echo', { id: 'ada' }))
    const [request] = await s.asked()
    const receipt = await s.vote(request?.id ?? '', 'approve', { edits: [{ path: '/id', value: 7 }] })
    expect(receipt).toMatchObject({ status: 'refused', reason: 'edit-invalid' })
    await s.decide('approve')
    expect(await run).toMatchObject({ content: '{"id":"ada"}' })
  })

  test('uses the private fields of its class', async () => {
    class Counting extends StructuredTool {
      override name = 'count'
      override description = 'd'
      override schema = schema
      #count = 0
      async _call({ id }: { id: string }) {
        this.#count += 1
        return `${id} ${this.#count}`
      }
    }
    const { gate } = scene({ allow: ['tool.*'] })
    const gated = gateTool(new Counting(), { gate })
    expect([await gated.invoke({ id: 'a' }), await gated.invoke({ id: 'b' })]).toEqual(['a 1', 'b 2'])
  })

  test('T32: what has another invoke, or runs at a provider, is refused by name', () => {
    const { gate } = scene()
    class Own extends DynamicStructuredTool {
      override async invoke() {
        return 'around' as never
      }
    }
    const own = new Own({ name: 'own', description: 'd', schema, func: async () => 'x' })
    expect(() => gateTool(own, { gate })).toThrow('gateTool.own: has an invoke of its own')
    const runnable = RunnableLambda.from(() => 'x').asTool({ name: 'runnable', schema })
    expect(() => gateTools([runnable], { gate })).toThrow('gateTools.runnable: has an invoke of its own')
    const search = { type: 'web_search_20250305', name: 'web_search' }
    expect(() => gateTools([search], { gate })).toThrow('gateTools.web_search: does not run in this program')
    expect(gateTools([search], { gate, elsewhere: ['web_search'] })[0]).toBe(search)
    const { tool: raw } = deleting()
    const named = gateTools([raw], { gate, elsewhere: ['deleteUser'] })
    expect(named[0]).not.toBe(raw)
    expect(() => gateTools([raw], { gate, elsewhere: 'deleteUser' as never })).toThrow('gateTools.elsewhere')
  })

  test('T32: a list gates what is added to it, however it is added', () => {
    const { gate } = scene()
    const { tool: raw } = deleting()
    const list: object[] = gateTools([] as object[], { gate })
    list.push(raw)
    list[1] = raw
    Object.defineProperty(list, 2, { value: raw, enumerable: true, configurable: true, writable: true })
    expect(list).toHaveLength(3)
    expect(list.includes(raw)).toBe(false)
    gate.guardTools(list)
    expect(() => Object.defineProperty(list, 3, { get: () => raw })).toThrow('may not be a getter')
    list.length = 1
    expect(list).toHaveLength(1)
  })

  test('T32: two tools of one action are refused', () => {
    const { gate } = scene()
    const pair = [deleting('deleteUser').tool, deleting('delete_user').tool]
    expect(() => gateTools(pair, { gate })).toThrow(
      'gives the tools deleteUser and delete_user the same action',
    )
  })
})

describe('what the model gets', () => {
  const keep = { tools: { made: { keepResult: true } } }

  async function twice(work: () => unknown, more: object = {}) {
    const s = scene()
    const made = tool(work as never, { name: 'made', description: 'd', schema, ...more })
    const node = new ToolNode(gateTools([made] as object[], { gate: s.gate, ...keep }) as never)
    const state = {
      messages: [new AIMessage({ id: 'm1', content: '', tool_calls: [call('made', { id: 'a' })] })],
    }
    const first = node.invoke(state)
    await s.decide('approve', { edits: [{ path: '/id', value: 'b' }] })
    return [await first, await node.invoke(state)] as const
  }

  test('is the message, artifact and all, that a tool made, and it is kept', async () => {
    const [first, second] = await twice(
      () =>
        new ToolMessage({
          content: 'half',
          artifact: { n: 1 },
          status: 'error',
          tool_call_id: 'c1',
          name: 'made',
        }),
    )
    const [one, two] = [first.messages[0], second.messages[0]] as [ToolMessage, ToolMessage]
    expect(one.content).toBe('half\nA reviewer changed arguments of this call before it ran: /id.')
    expect([two.content, two.artifact, two.status, two.tool_call_id]).toEqual([
      'half',
      { n: 1 },
      'error',
      'c1',
    ])
  })

  test('is the content and artifact of a tool that has both', async () => {
    const [first, second] = await twice(() => ['half', { n: 1 }], { responseFormat: 'content_and_artifact' })
    const [one, two] = [first.messages[0], second.messages[0]] as [ToolMessage, ToolMessage]
    expect([one.content, one.artifact]).toEqual([
      'half\nA reviewer changed arguments of this call before it ran: /id.',
      { n: 1 },
    ])
    expect([two.content, two.artifact]).toEqual(['half', { n: 1 }])
  })

  test('is a command once: it is not kept, and a second delivery is told so', async () => {
    let ran = 0
    const [first, second] = await twice(() => {
      ran += 1
      return new Command({ update: { seen: true } })
    })
    expect(ran).toBe(1)
    expect((first as unknown as unknown[])[0]).toBeInstanceOf(Command)
    const [message] = second.messages as [ToolMessage]
    expect([message.status, message.content]).toEqual(['error', expect.stringContaining('did not run again')])
  })

  test('of content blocks has the note as one more', async () => {
    const [first] = await twice(() => [{ type: 'text', text: 'half' }])
    expect((first.messages[0] as ToolMessage).content).toEqual([
      { type: 'text', text: 'half' },
      { type: 'text', text: 'A reviewer changed arguments of this call before it ran: /id.' },
    ])
  })

  test('is a refusal as an error also of a tool with artifacts', async () => {
    const s = scene()
    const both = tool(async () => ['x', 1], {
      name: 'both',
      description: 'd',
      schema,
      responseFormat: 'content_and_artifact',
    })
    const run = gateTool(both, { gate: s.gate }).invoke(call('both', { id: 'a' }))
    await s.decide('reject')
    const message = (await run) as unknown as ToolMessage
    expect([message.status, message.tool_call_id]).toEqual(['error', 'c1'])
  })
})

describe('in createAgent, without a middleware', () => {
  test('T45: of two calls the approved one runs, and each is told its own', async () => {
    const s = scene()
    const { ran, tool: raw } = deleting()
    const tools = gateTools([raw], { gate: s.gate })
    const agent = createAgent({ model: calling(deletes('a'), deletes('b')), tools, name: 'janitor' })
    const run = agent.invoke(go)
    const [one, two] = await s.asked(2)
    expect([one?.origin.agent, one?.origin.callId]).toEqual(['janitor', 'a'])
    await s.vote(two?.id ?? '', 'approve')
    await s.vote(one?.id ?? '', 'reject', { note: 'not a' })
    const words = told(await run)
    expect(ran).toEqual(['b'])
    expect(words[0]).toEqual({ status: 'error', text: expect.stringContaining('Reason: not a.') })
    expect(words[1]).toEqual({ status: 'success', text: 'deleted b' })
  })

  test('T33: arguments that are no JSON reach no tool, and nobody is asked', async () => {
    const s = scene()
    const { ran, tool: raw } = deleting()
    const invalid = { id: 'c1', name: 'deleteUser', args: '{"id":', type: 'invalid_tool_call' as const }
    const model = fakeModel().respond(new AIMessage({ content: 'x', invalid_tool_calls: [invalid] }))
    const agent = createAgent({ model, tools: gateTools([raw], { gate: s.gate }) })
    expect((await agent.invoke(go)).messages.at(-1)?.text).toBe('x')
    expect(ran).toEqual([])
    expect(s.audit.events).toEqual([])
  })

  test('a session’s signal is the one the tool is given', async () => {
    const { gate } = scene({ allow: ['tool.*'] })
    let same = false
    const asks = tool(
      async (_input, config) => {
        same = config.signal === currentSession()?.signal
        return 'x'
      },
      { name: 'asks', description: 'd', schema },
    )
    await gateTool(asks, { gate }).invoke({ id: 'a' }, { signal: new AbortController().signal })
    expect(same).toBe(true)
  })
})
