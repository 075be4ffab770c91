import { Agent, type FunctionTool, tool } from '@openai/agents'
import type OpenAI from 'openai'
import { zodFunction } from 'openai/helpers/zod'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { type GatedFunctions, gateFunctions, gateRunnableTools } from '../src'
import { gateAgent, gateTool, gateTools, type settleInterruptions } from '../src/agents'

const parameters = z.object({ id: z.string(), rows: z.number().default(1) })

describe('types', () => {
  it('functions are given what their schemas give', () => {
    const functions = gateFunctions({
      remove: {
        parameters,
        execute: (args) => {
          expectTypeOf(args).toEqualTypeOf<{ id: string; rows: number }>()
        },
      },
      send: {
        parameters: z.object({ to: z.string() }),
        execute: ({ to }, { signal }) => {
          expectTypeOf(to).toEqualTypeOf<string>()
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
        },
      },
    })
    expectTypeOf(functions).toEqualTypeOf<GatedFunctions>()
    expectTypeOf(functions.chatTools).toExtend<OpenAI.ChatCompletionTool[]>()
    expectTypeOf(functions.responseTools).toExtend<OpenAI.Responses.Tool[]>()
    expectTypeOf<OpenAI.ChatCompletion>().toExtend<Parameters<GatedFunctions['chat']>[0]>()
    expectTypeOf<OpenAI.Responses.Response>().toExtend<Parameters<GatedFunctions['responses']>[0]>()
    expectTypeOf<Awaited<ReturnType<GatedFunctions['chat']>>>().toExtend<
      OpenAI.ChatCompletionMessageParam[]
    >()
    expectTypeOf<
      Awaited<ReturnType<GatedFunctions['responses']>>
    >().toExtend<OpenAI.Responses.ResponseInput>()
  })

  it('tools of the runner keep their types', () => {
    const tools = [zodFunction({ name: 'remove', parameters, function: ({ id }) => id })]
    expectTypeOf(gateRunnableTools(tools)).toEqualTypeOf(tools)
  })

  it('tools and agents of the Agents SDK keep their types', () => {
    const options = { name: 'remove', description: '', parameters, execute: async () => 3 }
    const made = tool(options)
    expectTypeOf(gateTool(made)).toEqualTypeOf(made)
    expectTypeOf(gateTools([made] as const)).toEqualTypeOf<readonly [typeof made]>()
    const gated = gateTool({
      name: 'remove',
      description: '',
      parameters,
      execute: async ({ id, rows }) => {
        expectTypeOf(id).toEqualTypeOf<string>()
        expectTypeOf(rows).toEqualTypeOf<number>()
        return id
      },
    })
    expectTypeOf(gated).toExtend<FunctionTool<unknown, typeof parameters, string>>()
    const agent = new Agent({ name: 'ops', tools: [gated] })
    expectTypeOf(gateAgent(agent)).toEqualTypeOf(agent)
    type State = Parameters<typeof settleInterruptions>[0]
    expectTypeOf<import('@openai/agents').RunState<undefined, typeof agent>>().toExtend<State>()
  })
})
