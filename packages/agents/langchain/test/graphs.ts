import type { AIMessage } from '@langchain/core/messages'
import type { StructuredToolInterface } from '@langchain/core/tools'
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { ToolNode } from '@langchain/langgraph/prebuilt'
import { createAgent, createMiddleware } from 'langchain'
import { z } from 'zod'
import { gateTools } from '../src'
import { gateMiddleware } from '../src/middleware'
import type { Graph, GraphParts, Made } from './driver'

/** A graph of one's own: model, tools, model. Tools are added to the list that its tool node reads. */
export function reactGraph({ agents, checkpointer, model, name, options, tools }: GraphParts): Made {
  const list = options === null ? tools : gateTools(tools, { agent: name, ...options })
  const node = new ToolNode(agents.length === 0 ? list : [...list, ...agents])
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('agent', async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addNode('tools', node)
    .addEdge(START, 'agent')
    .addConditionalEdges('agent', ({ messages }) => {
      const { tool_calls = [] } = messages.at(-1) as AIMessage
      return tool_calls.length > 0 ? 'tools' : END
    })
    .addEdge('tools', 'agent')
    .compile({ ...(checkpointer === undefined ? {} : { checkpointer }), name })
  return { graph: graph as unknown as Graph, tools: list, add: (tool) => void list.push(tool) }
}

/** `createAgent`, whose tools are added by a middleware before the gate. */
export function agentGraph({ agents, checkpointer, model, name, options, tools }: GraphParts): Made {
  const later: StructuredToolInterface[] = []
  // The tool that starts a sub-agent is gated too: the suite's rule allows what has such an id.
  const input = z.looseObject({}).transform((args) => ({ ...args, id: 'allowed-start' }))
  const begun = Object.fromEntries(agents.map((agent) => [agent.name, { input }]))
  const adds = createMiddleware({
    name: 'Adds',
    wrapModelCall: (request, handler) => handler({ ...request, tools: [...request.tools, ...later] }),
    wrapToolCall: (request, handler) =>
      handler({ ...request, tool: request.tool ?? later.find(({ name }) => name === request.toolCall.name) }),
  })
  const gate =
    options === null ? [] : [adds, gateMiddleware({ ...options, tools: { ...options.tools, ...begun } })]
  const agent = createAgent({
    model,
    tools: [...tools, ...agents],
    middleware: gate,
    name,
    ...(checkpointer === undefined ? {} : { checkpointer }),
  })
  return {
    graph: {
      stream: (input, config) => agent.stream(input as never, config as never),
      getState: (config) => agent.graph.getState(config as never) as never,
      getStateHistory: (config) => agent.graph.getStateHistory(config as never) as never,
    },
    tools,
    add: (tool) => void later.push(tool),
  }
}
