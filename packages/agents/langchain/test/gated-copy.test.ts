import { createRequire } from 'node:module'
import { DynamicStructuredTool, StructuredTool, tool } from '@langchain/core/tools'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { gateTool, gateTools } from '../src'
import { deleting, scene } from './scene'

const schema = z.object({ id: z.string() })
const made = { name: 'own', description: 'd', schema, func: async () => 'x' }
const around = async () => 'around' as never

/** The CommonJS build: other classes under the same names. */
const another: typeof import('@langchain/core/tools') = createRequire(import.meta.url)(
  '@langchain/core/tools',
)

describe.each([
  ['of the copy of LangChain that is loaded', { DynamicStructuredTool, StructuredTool, tool }],
  ['of another copy of it', another],
])('a tool %s', (_copy, langchain) => {
  test('is gated, be it of one of its classes or of a class of its own with a `_call`', async () => {
    const s = scene()
    const ran: string[] = []
    class Own extends langchain.StructuredTool {
      override name = 'own'
      override description = 'd'
      override schema = schema
      async _call({ id }: { id: string }) {
        ran.push(id)
        return id
      }
    }
    const text = langchain.tool(async (id: string) => `${ran.push(id)}`, { name: 'text', description: 'd' })
    const calls = [
      () => gateTool(new Own(), { gate: s.gate }).invoke({ id: 'a' }),
      () => gateTool(new langchain.DynamicStructuredTool(made), { gate: s.gate }).invoke({ id: 'a' }),
      () => gateTool(text, { gate: s.gate }).invoke('a'),
    ]
    for (const call of calls) {
      const run = call()
      await s.decide('reject')
      await expect(run).rejects.toMatchObject({ code: 'ERR_APPROVAL_REJECTED' })
    }
    expect(ran).toEqual([])
  })

  test('T32: is refused when its own `invoke` or `call` would do the work beside the gate', () => {
    const { gate } = scene()
    class Call extends langchain.DynamicStructuredTool {}
    Object.assign(Call.prototype, { call: around })
    class Inherited extends Call {}
    class Both extends Call {}
    Object.assign(Both.prototype, { invoke: around })
    const field = Object.assign(new langchain.DynamicStructuredTool(made), { call: around })
    for (const tool of [new Call(made), new Inherited(made), new Both(made), field])
      expect(() => gateTools([tool], { gate })).toThrow(/^gateTools\.own: has (a call|an invoke) of its own/)
  })
})

describe('a gated tool', () => {
  test('T32: stays gated: what runs it is read-only', () => {
    class Field extends StructuredTool {
      override name = 'field'
      override description = 'd'
      override schema = schema
      _call = async () => 'x'
    }
    const { gate } = scene()
    for (const raw of [new Field(), Object.freeze(new Field()), Object.freeze(deleting().tool)]) {
      const gated = gateTool(raw, { gate })
      expect(() => Object.assign(gated, { _call: around })).toThrow(TypeError)
      expect(Object.getOwnPropertyDescriptor(gated, '_call')).toMatchObject({ configurable: false })
    }
  })

  test('T39: another tool made of the same runs by the gate', async () => {
    const s = scene()
    const { ran, tool: raw } = deleting()
    const gated = gateTool(raw, { gate: s.gate }) as typeof raw & { lc_kwargs: typeof made }
    for (const of of [gated.lc_kwargs, { ...gated, description: 'other words' }]) {
      const run = new DynamicStructuredTool(of as never).invoke({ id: 'ada' })
      await s.decide('reject')
      await expect(run).rejects.toMatchObject({ code: 'ERR_APPROVAL_REJECTED' })
    }
    expect(ran).toEqual([])
    expect(await raw.invoke({ id: 'ada' })).toBe('deleted ada')
  })

  test('I2: finds what a reviewer wrote in the model’s call too', async () => {
    const s = scene()
    const raw = tool(async (_input, { toolCall }) => JSON.stringify(toolCall?.args), { ...made, schema })
    const gated = gateTool(raw, { gate: s.gate })
    const call = (id: string) => gated.invoke({ type: 'tool_call', id, name: 'own', args: { id } })
    const edited = call('ada')
    await s.decide('approve', { edits: [{ path: '/id', value: 'ben' }] })
    expect(await edited).toMatchObject({
      content: expect.stringMatching(/^{"id":"ben"}\n/),
      tool_call_id: 'ada',
    })
    const unchanged = call('eve')
    await s.decide('approve')
    expect(await unchanged).toMatchObject({ content: '{"id":"eve"}' })
  })

  test('is one tool in a list that it was put into twice, whose arguments are parsed once', async () => {
    const s = scene()
    const length = z.object({ id: z.string().transform((id) => id.length) })
    const raw = tool(async ({ id }) => String(id), { name: 'measure', description: 'd', schema: length })
    const list: object[] = gateTools([raw] as object[], { gate: s.gate })
    list.push(raw)
    expect(list[1]).toBe(list[0])
    const run = (list[1] as typeof raw).invoke({ id: 'ada' })
    await s.decide('approve')
    expect(await run).toBe('3')
  })

  test('under another name is another action', async () => {
    const s = scene({ allow: ['tool.list_users'] })
    const { ran, tool: raw } = deleting('listUsers')
    const list: object[] = gateTools([raw] as object[], { gate: s.gate })
    list.push(Object.assign(raw, { name: 'deleteUsers' }))
    const run = (list[1] as typeof raw).invoke({ id: 'ada' })
    expect((await s.asked())[0]?.action).toBe('tool.delete_users')
    await s.decide('reject')
    await expect(run).rejects.toMatchObject({ code: 'ERR_APPROVAL_REJECTED' })
    expect(ran).toEqual([])
  })
})
