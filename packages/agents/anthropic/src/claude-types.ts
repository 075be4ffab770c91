/** What a hook of the Claude Agent SDK is given, as far as it is read. */
export interface HookInput {
  readonly hook_event_name: string
  readonly session_id: string
  readonly agent_type?: string
  readonly tool_name?: string
  readonly tool_input?: unknown
  readonly tool_use_id?: string
  readonly tool_response?: unknown
  readonly error?: string
  /** Of `PreSkillShellCommand`: the skill or command whose text holds the shell command. */
  readonly command_name?: string
  readonly tool_calls?: readonly { readonly tool_use_id: string; readonly tool_response?: unknown }[]
}

/** What a hook answers. */
export interface HookOutput {
  hookSpecificOutput?: {
    hookEventName: 'PreToolUse' | 'PreSkillShellCommand'
    permissionDecision: 'allow' | 'deny' | 'defer'
    permissionDecisionReason?: string
    updatedInput?: Record<string, unknown>
    additionalContext?: string
  }
}

/** A hook of the Claude Agent SDK. */
export type Hook = (
  input: HookInput,
  toolUseId: string | undefined,
  options: { readonly signal: AbortSignal },
) => Promise<HookOutput>

/** Hooks of one event. */
export interface HookMatcher {
  hooks: Hook[]
  /** In seconds. */
  timeout?: number
  onFailure?: 'block'
}

/** The hooks of {@link claudeGate}, by the events of the SDK. */
export interface ClaudeHooks {
  /** The gate. */
  PreToolUse: HookMatcher[]
  /** The gate of shell commands in the text of skills, which are no tool calls. */
  PreSkillShellCommand: HookMatcher[]
  PostToolUse: HookMatcher[]
  PostToolUseFailure: HookMatcher[]
  PostToolBatch: HookMatcher[]
  SessionEnd: HookMatcher[]
}

/** A change of permissions that Claude Code suggests, as far as it is read. */
export interface PermissionSuggestion {
  readonly type: string
  readonly behavior?: string
  readonly rules?: readonly { readonly toolName: string; readonly ruleContent?: string }[]
}

/** What `canUseTool` is given beside the call, as far as it is read. */
export interface CanUseToolOptions {
  readonly signal: AbortSignal
  readonly toolUseID: string
  readonly agentID?: string
  readonly suggestions?: readonly PermissionSuggestion[]
  readonly suppressAlwaysAllowRule?: boolean
}

/** What `canUseTool` answers: never with `updatedPermissions`. */
export type Permission =
  | { behavior: 'allow'; updatedInput: Record<string, unknown> }
  | { behavior: 'deny'; message: string }

/** The callback of the SDK that Claude Code asks where its own rules want a person. */
export type CanUseTool = (
  tool: string,
  input: Record<string, unknown>,
  options: CanUseToolOptions,
) => Promise<Permission>
