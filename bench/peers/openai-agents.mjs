// OpenAI Agents: needsApproval interrupts the run; the state is approved and run again. Tracing is off. The model is
// scripted and answers at once.
import { Agent, Runner, setTracingDisabled, tool, Usage } from '@openai/agents'
import { exportArguments } from './schema.mjs'

setTracingDisabled(true)

export async function createPeer() {
  let runs = 0
  let nextId = 0
  let current = null
  const model = {
    async getResponse({ input }) {
      const done = Array.isArray(input) && input.some(({ type }) => type === 'function_call_result')
      return { usage: new Usage(), output: [done ? said() : calls()] }
    },
    getStreamedResponse() {
      throw new Error('not streamed')
    },
  }
  const said = () => ({
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text: 'done' }],
  })
  const calls = () => ({
    type: 'function_call',
    callId: `call-${(nextId += 1)}`,
    name: 'export_table',
    status: 'completed',
    arguments: JSON.stringify(current),
  })
  const exportTable = (needsApproval) =>
    tool({
      name: 'export_table',
      description: 'Exports a table',
      parameters: exportArguments,
      needsApproval,
      async execute(args) {
        runs += 1
        return String(args.id)
      },
    })
  const agentWith = (one) => new Agent({ name: 'bench', instructions: 'Export.', model, tools: [one] })
  const plain = agentWith(exportTable(false))
  const guarded = agentWith(exportTable(true))
  const runner = new Runner({ tracingDisabled: true })

  async function pause(args) {
    current = args
    const result = await runner.run(guarded, `export ${args.id}`)
    if (result.interruptions.length !== 1) throw new Error('OpenAI Agents asked for no approval')
    return result
  }

  return {
    ran: () => runs,
    async ungated(args) {
      current = args
      return runner.run(plain, `export ${args.id}`)
    },
    async gated(args) {
      const { state, interruptions } = await pause(args)
      state.approve(interruptions[0])
      return runner.run(guarded, state)
    },
    async hold(args) {
      return { state: (await pause(args)).state }
    },
  }
}
