/** A tool of `@anthropic-ai/sdk` that runs in this program, as its own types have it. */
export interface RunnableTool {
  readonly name: string
  run(...args: never[]): unknown
}

/** What the tool runner hands to a tool beside its arguments: live values, that no person decides about. */
export interface RunContext {
  readonly toolUse?: { readonly id?: string } | undefined
  readonly signal?: AbortSignal | null | undefined
}

/** What this package reads of an entry of `tools`. */
export interface AnyTool {
  readonly name?: unknown
  readonly type?: unknown
  readonly mcp_server_name?: unknown
  readonly run?: unknown
  readonly parse?: unknown
  readonly input_schema?: unknown
}

/** How the model calls it; what has no name of its own goes by its server's, or its type. */
export function nameOf({ mcp_server_name, name, type }: AnyTool): string {
  return String(name ?? mcp_server_name ?? type ?? 'tool')
}
