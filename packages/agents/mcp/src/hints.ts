import type { ActionContext, RiskSignal } from '@gatewright/core'
import { isRecord } from './messages'

/** What a server says of a tool: its word, which nobody checked. Where it is silent, the protocol's own defaults. */
export interface ToolHints {
  readonly [name: string]: boolean
  /** It changes nothing. */
  readonly readOnly: boolean
  /** It may delete or overwrite. */
  readonly destructive: boolean
  /** Calling it again with the same arguments changes nothing more. */
  readonly idempotent: boolean
  /** It reaches beyond the server. */
  readonly openWorld: boolean
}

/** The label under which the hints of a tool stand in the facts of a call. */
const LABEL = 'the MCP server says'

/** The hints in a tool's `annotations`: booleans alone. */
export function hintsOf(annotations: unknown): ToolHints {
  const said = isRecord(annotations) ? annotations : {}
  const hint = (name: string, otherwise: boolean) =>
    typeof said[name] === 'boolean' ? (said[name] as boolean) : otherwise
  const readOnly = hint('readOnlyHint', false)
  return {
    readOnly,
    destructive: !readOnly && hint('destructiveHint', true),
    idempotent: readOnly || hint('idempotentHint', false),
    openWorld: hint('openWorldHint', true),
  }
}

/** The facts of a call of a tool: shown to reviewers as the server's word, and seen by policy and risk signals. */
export function hintsAsContext(hints: ToolHints): ActionContext {
  return { labels: { [LABEL]: hints } }
}

/**
 * A risk signal of what MCP servers say of their tools: 0.6 for one that may delete or overwrite, which is what the protocol
 * says of a tool whose server is silent, and 0.3 for one that changes things. A tool that is said to read only adds nothing:
 * signals only raise risk, so no server talks a call past a rule (T17).
 *
 * @example
 * ```ts
 * import { createGate, group, when } from '@gatewright/core'
 * import { mcpHints } from '@gatewright/mcp'
 *
 * const gate = createGate({
 *   agent: { id: 'desk-agent', owner: null },
 *   reviewers: group('ops'),
 *   approvers: [],
 *   ephemeral: true,
 *   risk: [mcpHints()],
 *   policy: [when('tool.*').if(({ risk }) => risk.score >= 0.6).require({ reviewers: group('ops', { atLeast: 2 }) })],
 * })
 * ```
 */
export function mcpHints(): RiskSignal {
  return {
    id: 'mcp-hints',
    assess({ context }) {
      const hints = context?.labels?.[LABEL]
      if (!isRecord(hints)) return { score: 0 }
      if (hints.destructive === true)
        return { score: 0.6, reasons: ['its server does not say that it deletes and overwrites nothing'] }
      return hints.readOnly === true
        ? { score: 0 }
        : { score: 0.3, reasons: ['its server says that it changes things'] }
    },
  }
}
