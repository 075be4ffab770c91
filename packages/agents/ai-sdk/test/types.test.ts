import { tool as tool6 } from 'ai6'
import { dynamicTool, type InferToolInput, type InferToolOutput, type ToolSet, tool as tool7 } from 'ai7'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { scene } from '../../test/scene'
import { gateTool, gateTools } from '../src'

const inputSchema = z.object({ id: z.string() })

test('gated tools keep their exact types, of both majors', () => {
  const { gate } = scene()
  const execute = async ({ id }: { id: string }) => ({ deleted: id })
  async function* steps() {
    yield { half: 1 }
  }
  const six = { deleteUser: tool6({ inputSchema, execute }), steps: tool6({ inputSchema, execute: steps }) }
  const seven = {
    deleteUser: tool7({ inputSchema, execute }),
    steps: tool7({ inputSchema, execute: steps }),
    anything: dynamicTool({ inputSchema, execute: async () => 'x' }),
  }
  const gated6 = gateTools(six, { gate })
  const gated7 = gateTools(seven, { gate })
  expectTypeOf(gated6).toEqualTypeOf<typeof six>()
  expectTypeOf(gated7).toEqualTypeOf<typeof seven>()
  expectTypeOf(gateTool('deleteUser', seven.deleteUser, { gate })).toEqualTypeOf<typeof seven.deleteUser>()
  expectTypeOf<InferToolInput<typeof gated7.deleteUser>>().toEqualTypeOf<{ id: string }>()
  expectTypeOf<InferToolOutput<typeof gated7.deleteUser>>().toEqualTypeOf<{ deleted: string }>()
  expectTypeOf(gated7).toExtend<ToolSet>()
  // @ts-expect-error there is no such option
  expect(() => gateTools(seven, { gate, wiat: 'inline' })).toThrow('did you mean "wait"')
  // @ts-expect-error not a record of tools
  expect(() => gateTools({ deleteUser: 'x' }, { gate })).toThrow('is not a tool')
})
