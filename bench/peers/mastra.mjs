// Mastra: a tool that requires approval suspends the run, which is kept in its storage in memory; approveToolCallGenerate
// resumes it. The model is scripted and answers at once.
import { Agent } from '@mastra/core/agent'
import { Mastra } from '@mastra/core/mastra'
import { InMemoryStore } from '@mastra/core/storage'
import { createTool } from '@mastra/core/tools'
import { exportArguments } from './schema.mjs'

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}

export async function createPeer() {
  let runs = 0
  let nextId = 0
  let current = null
  const model = {
    specificationVersion: 'v3',
    provider: 'scripted',
    modelId: 'scripted',
    supportedUrls: {},
    async doGenerate({ prompt }) {
      const done = prompt.some(({ role }) => role === 'tool')
      const content = done ? [{ type: 'text', text: 'done' }] : [toolCall()]
      const reason = done ? 'stop' : 'tool-calls'
      return { content, finishReason: { unified: reason, raw: reason }, usage, warnings: [] }
    },
    async doStream(options) {
      const { content, finishReason } = await model.doGenerate(options)
      const parts = [{ type: 'stream-start', warnings: [] }, ...content.flatMap(streamed), { type: 'finish', finishReason, usage }]
      return { stream: ReadableStream.from(parts) }
    },
  }
  const toolCall = () => ({
    type: 'tool-call',
    toolCallId: `call-${(nextId += 1)}`,
    toolName: 'exportTable',
    input: JSON.stringify(current),
  })
  const streamed = (part) =>
    part.type === 'tool-call'
      ? [part]
      : [{ type: 'text-start', id: '1' }, { type: 'text-delta', id: '1', delta: part.text }, { type: 'text-end', id: '1' }]
  const agentWith = (id, requireApproval) =>
    new Agent({
      id,
      name: id,
      instructions: 'Export.',
      model,
      tools: {
        exportTable: createTool({
          id: 'exportTable',
          description: 'Exports a table',
          inputSchema: exportArguments,
          requireApproval,
          async execute(args) {
            runs += 1
            return { id: args.id }
          },
        }),
      },
    })
  const mastra = new Mastra({
    agents: { plain: agentWith('plain', false), guarded: agentWith('guarded', true) },
    storage: new InMemoryStore(),
    logger: false,
  })
  const plain = mastra.getAgent('plain')
  const guarded = mastra.getAgent('guarded')

  async function pause(args) {
    current = args
    const { runId, finishReason } = await guarded.generate(`export ${args.id}`)
    if (finishReason !== 'suspended') throw new Error(`Mastra asked for no approval (${finishReason})`)
    return runId
  }

  return {
    ran: () => runs,
    async ungated(args) {
      current = args
      return plain.generate(`export ${args.id}`)
    },
    async gated(args) {
      const runId = await pause(args)
      return guarded.approveToolCallGenerate({ runId })
    },
    async hold(args) {
      return { runId: await pause(args) }
    },
  }
}
