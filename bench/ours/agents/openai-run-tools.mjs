// `runTools` of the `openai` package with one call of a tool, and the answer, over a `fetch` that answers at once.
import { gateRunnableTools } from '@gatewright/openai'
import OpenAI from 'openai'
import { zodFunction } from 'openai/helpers/zod'
import { allowed, approved, description, name, ran, schema, work } from './scene.mjs'

let current = null

const client = new OpenAI({
  apiKey: 'scripted',
  maxRetries: 0,
  async fetch(_url, { body }) {
    const isDone = JSON.parse(body).messages.at(-1).role === 'tool'
    return Response.json({
      id: `r-${current.index}`,
      object: 'chat.completion',
      created: 0,
      model: 'scripted',
      choices: [
        {
          index: 0,
          finish_reason: isDone ? 'stop' : 'tool_calls',
          logprobs: null,
          message: { role: 'assistant', refusal: null, ...(isDone ? { content: 'done' } : called()) },
        },
      ],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    })
  },
})

function called() {
  const { args, index } = current
  const one = { id: `c-${index}`, type: 'function', function: { name, arguments: JSON.stringify(args) } }
  return { content: null, tool_calls: [one] }
}

export function create() {
  const tools = [zodFunction({ name, description, parameters: schema, function: work })]
  const over = (its) => (args, index) => {
    current = { args, index }
    const messages = [{ role: 'user', content: 'export' }]
    return client.chat.completions.runTools({ model: 'scripted', messages, tools: its }).done()
  }
  return {
    ran,
    ungated: over(tools),
    allowed: over(gateRunnableTools(tools, allowed)),
    approved: over(gateRunnableTools(tools, approved)),
  }
}
