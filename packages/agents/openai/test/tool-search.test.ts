import { Agent, hostedMcpTool, Runner, tool, toolSearchTool } from '@openai/agents'
import { assistantMessage, functionCall, modelResponse, ScriptedModel } from '@openai/agents/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { scene, vote } from '../../test/scene'
import { gateAgent } from '../src/agents'
import { traced } from './traced'

traced()

const searches = (id: string) =>
  modelResponse([
    {
      type: 'tool_search_call',
      id,
      status: 'completed',
      arguments: {},
      providerData: { call_id: id, execution: 'client' },
    },
  ])
const calls = (callId: string) => modelResponse([functionCall('remove', { id: 'ada' }, { callId })])

/** An agent that searches for tools twice, and calls what the program found; and what that did. */
function searching() {
  const ran: string[] = []
  const remove = tool({
    name: 'remove',
    description: '',
    parameters: z.object({ id: z.string() }),
    execute: async ({ id }) => ran.push(id),
  })
  const done = modelResponse([assistantMessage('done')])
  const model = new ScriptedModel([searches('s1'), calls('c1'), searches('s2'), calls('c2'), done])
  const found: Agent['tools'] = [remove]
  const search = toolSearchTool({ execution: 'client', execute: () => found })
  return { agent: new Agent({ name: 'ops', model, tools: [search] }), found, model, ran }
}

test('T32: gates the tools that a search of the program finds while the agent runs', async () => {
  const { gate, only } = scene()
  const { agent, model, ran } = searching()
  const gated = gateAgent(agent, { gate, elsewhere: ['tool_search'] }).clone({ name: 'other' })
  const running = new Runner({ traceId: 'trace_1' }).run(gated, 'go')
  await Promise.race([running, only()])
  expect(ran).toEqual([])
  await vote(gate, (await only()).id, 'reject')
  await vote(gate, (await only()).id, 'reject')
  await running
  expect(ran).toEqual([])
  const told = JSON.stringify(model.lastCall?.request.input)
  expect(told.match(/was not executed/g)).toHaveLength(2)
})

test('T32: a search that finds what no gate can hold ends the run by its name', async () => {
  const { gate } = scene({ allow: true })
  const { agent, found, ran } = searching()
  found.push(hostedMcpTool({ serverLabel: 'files', serverUrl: 'https://files.test' }))
  gateAgent(agent, { gate, elsewhere: ['tool_search'] })
  await expect(new Runner().run(agent, 'go')).rejects.toThrow(/hosted_mcp.*elsewhere/s)
  expect(ran).toEqual([])
})
