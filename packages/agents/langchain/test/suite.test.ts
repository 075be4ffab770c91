import { join } from 'node:path'
import { describeAgentAdapter } from '@gatewright/testing/agents'
import { CompiledStateGraph, MessagesAnnotation, StateGraph } from '@langchain/langgraph'
import { createAgent, fakeModel } from 'langchain'
import { expect, test } from 'vitest'
import { agentHarness, graphHarness } from './driver'

const results = (name: string) => ({
  results: join(import.meta.dirname, `../../../../docs/agents/${name}.json`),
})

/** The file of the LangGraph that a graph is made of, as the stack tells where it does not compile. */
function fileOf(graph: { compile(options: object): unknown }): string | undefined {
  try {
    graph.compile({ interruptBefore: ['nowhere'] })
    return undefined
  } catch (error) {
    return /[^\s(]*langgraph[^\s)]*?(?=:\d+:\d+)/.exec((error as Error).stack ?? '')?.[0]
  }
}

test('agents are made of the LangGraph that the tests import: a Command of another copy would resume none', () => {
  const own = fileOf(new StateGraph(MessagesAnnotation))
  expect(own).toContain('langgraph')
  const agent = createAgent({ model: fakeModel(), tools: [] })
  expect(fileOf(agent.graph.builder as never)).toBe(own)
  expect(agent.graph).toBeInstanceOf(CompiledStateGraph)
})

describeAgentAdapter('LangGraph', graphHarness, results('langgraph'))
describeAgentAdapter('LangChain agents', agentHarness, results('langchain-agents'))
