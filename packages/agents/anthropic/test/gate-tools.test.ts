import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { createGate, group } from '@gatewright/core'
import { mockApprover } from '@gatewright/testing'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { gateRunner, gateTool, gateTools } from '../src'
import { denyingGate as gate } from './denying-gate'

const ran: unknown[] = []
const make = (name: string) =>
  betaZodTool({
    name,
    description: 'Deletes a user.',
    inputSchema: z.object({ id: z.string() }),
    run: async (args) => {
      ran.push(args)
      return 'done'
    },
  })
const search = { type: 'web_search_20250305', name: 'web_search' } as const
const computer = {
  type: 'computer_toolset_20260801',
  run: () => [],
} as const
const runnerOf = (tools: readonly object[]) =>
  new Anthropic({ apiKey: 'fake', baseURL: 'http://127.0.0.1:9' }).beta.messages.toolRunner({
    model: 'm',
    max_tokens: 1,
    messages: [{ role: 'user', content: 'go' }],
    tools: tools as never,
  })

test('T32: what runs at Anthropic is refused by its name, unless the host names it', () => {
  expect(() => gateTools([make('a'), search], { gate })).toThrow('gateTools.web_search: does not run')
  const [, kept] = gateTools([make('a'), search], { gate, elsewhere: ['web_search'] })
  expect(kept).toBe(search)
  expect(() => gateTools([make('a')], { gate, elsewhere: ['a'] })).toThrow('runs here')
  expect(() => gateTools([make('a')], { gate, elsewhere: 'a' as never })).toThrow('list of names')
})

test('T32: a toolset is refused: its members would run by its own run', () => {
  expect(() => gateTools([computer], { gate })).toThrow('is a toolset')
})

test('T32: what is put into a list later is gated, whichever way', async () => {
  const tools = gateTools([make('a')], { gate })
  tools.push(make('b'))
  tools[2] = make('c')
  expect(() => gate.guardTools(tools)).not.toThrow()
  for (const { run } of tools) await expect(run({ id: '7' })).rejects.toThrow('nobody may')
  expect(ran).toEqual([])
  expect(() => Object.defineProperty(tools, 3, { get: () => make('d') })).toThrow('getter')
})

test('T32: a runner that is given other parameters has their tools gated too', () => {
  const runner = gateRunner(runnerOf([make('a')]), { gate })
  runner.setMessagesParams((params) => ({ ...params, tools: [make('b')] }))
  expect(() => gate.guardTools(runner.params.tools)).not.toThrow()
  runner.pushMessages({ role: 'user', content: 'more' })
  expect(runner.params.messages).toHaveLength(2)
  expect(() => runner.addTools(search)).toThrow('does not run')
})

test('T32: a runner that was refused is gated the next time, and a gated one stays as it is', () => {
  const runner = runnerOf([make('a'), search])
  for (let time = 0; time < 2; time += 1)
    expect(() => gateRunner(runner, { gate })).toThrow('gateRunner.web_search: does not run')
  const gated = gateRunner(runner, { gate, elsewhere: ['web_search'] })
  expect(gateRunner(gated, { gate })).toBe(gated)
  expect(() => gate.guardTools([runner.params.tools[0] as object])).not.toThrow()
})

test('a gated tool is gated once', () => {
  const tool = gateTool(make('a'), { gate })
  expect(gateTools([tool], { gate })[0]).toBe(tool)
})

test('the definition that the API is sent stays as it is', () => {
  const tool = make('a')
  expect(JSON.stringify(gateTool(tool, { gate }))).toBe(JSON.stringify(tool))
})

test('T40: an action of a tool that does not exist is refused', () => {
  expect(() => gateTools([make('a')], { gate, tools: { b: {} } })).toThrow('there is no such tool')
})

test('gated tools keep their exact types', () => {
  const zod = make('a')
  const json = betaTool({
    name: 'b',
    description: '',
    inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
    run: ({ id }) => String(id),
  })
  expectTypeOf(gateTool(zod, { gate })).toEqualTypeOf<typeof zod>()
  expectTypeOf(gateTool(json, { gate })).toEqualTypeOf<typeof json>()
  const runner = runnerOf([])
  expectTypeOf(gateRunner(runner, { gate })).toEqualTypeOf<typeof runner>()
  // @ts-expect-error there is no such option
  expect(() => gateTool(zod, { gate, wiat: 'inline' })).toThrow('did you mean "wait"')
  // @ts-expect-error it has no run
  expect(() => gateTool(search, { gate })).toThrow('does not run')
})

test('T33: arguments that do not fit the JSON Schema of a tool that checks none itself ask nobody', async () => {
  const asking = createGate({
    agent: { id: 'bot', owner: null },
    approvers: [mockApprover({ otherwise: 'approve' })],
    reviewers: group('ops'),
    ephemeral: true,
  })
  const tool = betaTool({
    name: 'drop_table',
    description: 'Drops a table.',
    inputSchema: { type: 'object', properties: { table: { type: 'string' } }, required: ['table'] },
    run: async ({ table }) => `dropped ${table}`,
  })
  const gated = gateTool(tool, { gate: asking })
  await expect(gated.run({ table: 7 } as never)).rejects.toThrow('/table: must be of the type string')
  await expect(gated.run('all' as never)).rejects.toThrow('must be of the type object')
  expect((await asking.requests.list({})).requests).toEqual([])
  expect(await gated.run({ table: 'old' })).toBe('dropped old')
})
