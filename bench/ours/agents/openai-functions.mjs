// The answer to one call of Chat Completions, beside a loop that reads, checks and runs it by hand.
import { gateFunctions } from '@gatewright/openai'
import { allowed, approved, description, name, ran, schema, work } from './scene.mjs'

const completionOf = (args, index) => {
  const one = { id: `c-${index}`, type: 'function', function: { name, arguments: JSON.stringify(args) } }
  return { id: `r-${index}`, model: 'scripted', choices: [{ message: { content: null, tool_calls: [one] } }] }
}

export function create() {
  const gated = (options) => {
    const functions = gateFunctions({ [name]: { description, parameters: schema, execute: work } }, options)
    return (args, index) => functions.chat(completionOf(args, index))
  }
  return {
    ran,
    async ungated(args, index) {
      const [{ message }] = completionOf(args, index).choices
      return Promise.all(
        message.tool_calls.map(async ({ id, function: { arguments: text } }) => {
          const result = await work(schema.parse(JSON.parse(text)))
          return { role: 'tool', tool_call_id: id, content: JSON.stringify(result) }
        }),
      )
    },
    allowed: gated(allowed),
    approved: gated(approved),
  }
}
