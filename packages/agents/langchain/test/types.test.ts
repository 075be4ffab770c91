import { tool } from '@langchain/core/tools'
import { createAgent, fakeModel } from 'langchain'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { gateTool, gateTools } from '../src'
import { gateMiddleware } from '../src/middleware'
import { scene } from './scene'

test('gated tools keep their exact types, and createAgent takes them', () => {
  const { gate } = scene()
  const deleteUser = tool(async ({ id }) => ({ deleted: id }), {
    name: 'deleteUser',
    description: 'd',
    schema: z.object({ id: z.string() }),
  })
  const echo = tool(async (text: string) => text, { name: 'echo', description: 'd', schema: z.string() })
  expectTypeOf(gateTool(deleteUser, { gate })).toEqualTypeOf<typeof deleteUser>()
  const list = [deleteUser, echo] as const
  const gated = gateTools(list, { gate })
  expectTypeOf(gated).toEqualTypeOf<typeof list>()
  const agent = createAgent({
    model: fakeModel(),
    tools: [...gated],
    middleware: [gateMiddleware({ gate, wait: 'suspend', toolErrors: 'throw', elsewhere: [] })],
  })
  expect(agent).toBeDefined()
  // @ts-expect-error there is no such option
  expect(() => gateTools(list, { gate, wiat: 'suspend' })).toThrow('did you mean "wait"')
  // @ts-expect-error not a tool
  expect(() => gateTool({ name: 'deleteUser' }, { gate })).toThrow('does not run in this program')
})
