// AI SDK 7: `generateText` with one call of a tool, and the answer.
import { gateTools } from '@gatewright/ai-sdk'
import { generateText, stepCountIs, tool } from 'ai'
import { allowed, approved, description, name, ran, schema, work } from './scene.mjs'

globalThis.AI_SDK_LOG_WARNINGS = false
const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}
const answer = (content, reason) => ({
  content,
  finishReason: { unified: reason, raw: reason },
  usage,
  warnings: [],
})

function modelFor(args, index) {
  let turns = 0
  return {
    specificationVersion: 'v4',
    provider: 'scripted',
    modelId: 'scripted',
    supportedUrls: {},
    async doGenerate() {
      turns += 1
      if (turns > 1) return answer([{ type: 'text', text: 'done' }], 'stop')
      const call = {
        type: 'tool-call',
        toolCallId: `c-${index}`,
        toolName: name,
        input: JSON.stringify(args),
      }
      return answer([call], 'tool-calls')
    },
  }
}

export function create() {
  const tools = { [name]: tool({ description, inputSchema: schema, execute: work }) }
  const stopWhen = stepCountIs(5)
  const asked = [{ role: 'user', content: 'export' }]
  const over = (its) => (args, index) =>
    generateText({ model: modelFor(args, index), messages: asked, stopWhen, tools: its })
  return {
    ran,
    ungated: over(tools),
    allowed: over(gateTools(tools, { ...allowed, runId: 'run' })),
    approved: over(gateTools(tools, { ...approved, runId: 'run' })),
    async own(args, index) {
      const model = modelFor(args, index)
      const how = { model, stopWhen, tools, toolApproval: { [name]: 'user-approval' } }
      const { content, response } = await generateText({ ...how, messages: asked })
      const { approvalId } = content.find(({ type }) => type === 'tool-approval-request')
      const said = [{ type: 'tool-approval-response', approvalId, approved: true }]
      await generateText({
        ...how,
        messages: [...asked, ...response.messages, { role: 'tool', content: said }],
      })
    },
  }
}
