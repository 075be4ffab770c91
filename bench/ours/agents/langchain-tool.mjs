// One tool of LangChain, invoked by a model's call.
import { gateTool } from '@gatewright/langchain'
import { tool } from '@langchain/core/tools'
import { allowed, approved, description, name, ran, schema, work } from './scene.mjs'

export function create() {
  const raw = tool(work, { name, description, schema })
  const over = (its) => (args, index) =>
    its.invoke({ type: 'tool_call', id: `c-${index}`, name, args }, { configurable: { thread_id: 'run' } })
  return {
    ran,
    ungated: over(raw),
    allowed: over(gateTool(raw, allowed)),
    approved: over(gateTool(raw, approved)),
  }
}
