// A tool runner of `@anthropic-ai/sdk` with one call of a tool, and the answer, over a `fetch` that answers at once.
import Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { gateTools } from '@gatewright/anthropic'
import { allowed, approved, description, name, ran, schema, work } from './scene.mjs'

let current = null

const client = new Anthropic({
  apiKey: 'scripted',
  maxRetries: 0,
  async fetch(_url, { body }) {
    const { content } = JSON.parse(body).messages.at(-1)
    const isDone = Array.isArray(content) && content.some(({ type }) => type === 'tool_result')
    const call = { type: 'tool_use', id: `toolu_${current.index}`, name, input: current.args }
    return Response.json({
      id: `msg_${current.index}`,
      type: 'message',
      role: 'assistant',
      model: 'scripted',
      content: isDone ? [{ type: 'text', text: 'done' }] : [call],
      stop_reason: isDone ? 'end_turn' : 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    })
  },
})

export function create() {
  const tools = [betaZodTool({ name, description, inputSchema: schema, run: work })]
  const over = (its) => (args, index) => {
    current = { args, index }
    const messages = [{ role: 'user', content: 'export' }]
    return client.beta.messages
      .toolRunner({ model: 'scripted', max_tokens: 9, messages, tools: its })
      .runUntilDone()
  }
  return {
    ran,
    ungated: over(tools),
    allowed: over(gateTools(tools, allowed)),
    approved: over(gateTools(tools, approved)),
  }
}
