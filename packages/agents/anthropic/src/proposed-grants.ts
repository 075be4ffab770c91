import { toolAction } from '@gatewright/core/agents'
import type { PermissionSuggestion } from './claude-types'

/** A lasting permission that Claude Code suggests. Nothing is granted by it. */
export interface ProposedGrant {
  readonly tool: string
  /** The action that a standing grant would be for. */
  readonly action: string
  /** What the calls would be bound to, in Claude Code's words (`npm test:*`); `null`: every call of the tool. */
  readonly rule: string | null
}

/**
 * What the permission suggestions of Claude Code would come to as standing grants: those that allow calls of tools. A change
 * of the permission mode, of directories, or of rules that are there is none.
 *
 * @param action - the action of a tool. @default {@link toolAction}
 *
 * @example
 * ```ts
 * import { proposedGrants } from '@gatewright/anthropic/claude-agent'
 *
 * const [proposed] = proposedGrants([
 *   { type: 'addRules', behavior: 'allow', rules: [{ toolName: 'Bash', ruleContent: 'npm test:*' }] },
 * ])
 * console.log(proposed?.action, proposed?.rule)
 * ```
 */
export function proposedGrants(
  suggestions: readonly PermissionSuggestion[],
  action: (tool: string) => string = toolAction,
): readonly ProposedGrant[] {
  return suggestions
    .filter(({ behavior, type }) => type === 'addRules' && behavior === 'allow')
    .flatMap(({ rules = [] }) =>
      rules.map(({ ruleContent, toolName }) => ({
        tool: toolName,
        action: action(toolName),
        rule: ruleContent ?? null,
      })),
    )
}

/** The proposals in words, for those who decide about the call. */
export function inWords(proposed: readonly ProposedGrant[]): readonly string[] {
  if (proposed.length === 0) return []
  const rules = proposed.map(({ rule, tool }) => (rule === null ? `every ${tool}` : `${tool}(${rule})`))
  return [`Claude Code suggests to always allow ${rules.join(', ')}. An approval does not grant that.`]
}
