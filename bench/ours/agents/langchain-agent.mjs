// An agent of LangChain with one call of a tool, and the answer.
import { gateMiddleware } from '@gatewright/langchain/middleware'
import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessage, HumanMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { Command, MemorySaver } from '@langchain/langgraph'
import { createAgent, createMiddleware, humanInTheLoopMiddleware } from 'langchain'
import { allowed, approved, description, name, ran, schema, work } from './scene.mjs'

let current = null

class Scripted extends BaseChatModel {
  _llmType() {
    return 'scripted'
  }

  bindTools() {
    return this
  }

  async _generate(messages) {
    const { args, index } = current
    const message =
      messages.at(-1).getType() === 'tool'
        ? new AIMessage('done')
        : new AIMessage({
            id: `m-${index}`,
            content: '',
            tool_calls: [{ type: 'tool_call', id: `c-${index}`, name, args }],
          })
    return { generations: [{ message, text: '' }] }
  }
}

/** What LangChain takes for any middleware around models and tools. */
const handedOn = {
  wrapModelCall: (request, handler) => handler(request),
  wrapToolCall: (request, handler) => handler(request),
}

export function create() {
  const tools = [tool(work, { name, description, schema })]
  const model = new Scripted({})
  const over = (middleware) => {
    const agent = createAgent({ model, tools, middleware })
    return (args, index) => {
      current = { args, index }
      const asked = { messages: [new HumanMessage('export')] }
      return agent.invoke(asked, { configurable: { thread_id: `t-${index}` } })
    }
  }
  const saver = new MemorySaver()
  const interruptOn = { [name]: { allowedDecisions: ['approve'] } }
  const asking = createAgent({
    model,
    tools,
    middleware: [humanInTheLoopMiddleware({ interruptOn })],
    checkpointer: saver,
  })
  return {
    ran,
    ungated: over([]),
    allowed: over([gateMiddleware(allowed)]),
    approved: over([gateMiddleware(approved)]),
    empty: over([createMiddleware({ name: 'Empty', ...handedOn })]),
    async own(args, index) {
      current = { args, index }
      const config = { configurable: { thread_id: `t-${index}` } }
      await asking.invoke({ messages: [new HumanMessage('export')] }, config)
      await asking.invoke(new Command({ resume: { decisions: [{ type: 'approve' }] } }), config)
      await saver.deleteThread(`t-${index}`)
    },
  }
}
