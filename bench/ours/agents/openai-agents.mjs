// An agent of the OpenAI Agents SDK with one call of a tool, and the answer. Tracing is off.
import { gateTool } from '@gatewright/openai/agents'
import { Agent, Runner, setTracingDisabled, tool, Usage } from '@openai/agents'
import { allowed, approved, description, name, ran, schema, work } from './scene.mjs'

setTracingDisabled(true)
let current = null

const model = {
  async getResponse({ input }) {
    const isDone = Array.isArray(input) && input.some(({ type }) => type === 'function_call_result')
    return { usage: new Usage(), output: [isDone ? said : called()] }
  },
  getStreamedResponse() {
    throw new Error('not streamed')
  },
}
const said = {
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'done' }],
}
const called = () => ({
  type: 'function_call',
  callId: `c-${current.index}`,
  name,
  status: 'completed',
  arguments: JSON.stringify(current.args),
})

export function create() {
  const runner = new Runner({ tracingDisabled: true })
  const made = (more) => tool({ name, description, parameters: schema, execute: work, ...more })
  const agentWith = (one) => new Agent({ name: 'bench', instructions: 'Export.', model, tools: [one] })
  const over = (one) => {
    const agent = agentWith(one)
    return (args, index) => {
      current = { args, index }
      return runner.run(agent, 'export')
    }
  }
  const asking = agentWith(made({ needsApproval: true }))
  return {
    ran,
    ungated: over(made()),
    allowed: over(gateTool(made(), { ...allowed, runId: 'run' })),
    approved: over(gateTool(made(), { ...approved, runId: 'run' })),
    async own(args, index) {
      current = { args, index }
      const { interruptions, state } = await runner.run(asking, 'export')
      state.approve(interruptions[0])
      await runner.run(asking, state)
    },
  }
}
