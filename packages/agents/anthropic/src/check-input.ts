import type { StandardSchema } from '@gatewright/core'
import { fitting } from '@gatewright/core/agents'
import type { AnyTool } from './tool'

/**
 * What checks the arguments of a tool, those that a reviewer wrote too: the tool's own `parse`. That of `betaTool`, and of tools
 * of MCP servers, hands on whatever it is given: then the JSON Schema that the model was given counts (T33).
 */
export function inputOf(tool: AnyTool): StandardSchema {
  const { parse } = tool
  const bySchema = fitting(() => tool.input_schema)
  return {
    '~standard': {
      version: 1,
      vendor: 'gatewright',
      validate: (value) => {
        try {
          const parsed: unknown = typeof parse === 'function' ? parse.call(tool, value) : value
          return parsed === value ? bySchema['~standard'].validate(value) : { value: parsed }
        } catch (error) {
          return { issues: issuesOf(error) }
        }
      },
    },
  }
}

/** Schemas throw errors with a list of what is wrong; other checks throw words. */
function issuesOf(error: unknown): readonly { readonly message: string }[] {
  const { issues } = (error ?? {}) as { readonly issues?: unknown }
  if (Array.isArray(issues) && issues.length > 0) return issues
  return [{ message: error instanceof Error ? error.message : String(error) }]
}
