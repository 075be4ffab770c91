import type { StandardSchema } from '@gatewright/core'
import type { AnyTool } from './tool'

/**
 * What checks the arguments of a tool, those that a reviewer wrote too: the tool's own `parse`.
 */
export function inputOf(tool: AnyTool): StandardSchema | undefined {
  const { parse } = tool
  if (typeof parse !== 'function') return undefined
  return {
    '~standard': {
      version: 1,
      vendor: 'gatewright',
      validate: (value) => {
        try {
          return { value: parse.call(tool, value) }
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
