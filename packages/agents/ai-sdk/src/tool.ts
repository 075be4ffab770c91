/** What this package reads of a tool of AI SDK 6 or 7. */
export interface AnyTool {
  readonly type?: unknown
  readonly execute?: unknown
  readonly inputSchema?: unknown
  readonly isProviderExecuted?: unknown
  readonly toModelOutput?: unknown
}

/** What the SDK hands to a tool beside its input: live values, that no person decides about. */
export interface ExecuteOptions {
  readonly toolCallId?: string
  readonly abortSignal?: AbortSignal | undefined
}

/** What a tool does: it answers, or it yields values of which the last is the answer. */
export type Execute = (input: unknown, options: ExecuteOptions) => unknown

/** Whether a tool's function is known to yield before it is called: the SDK looks at what a call returns at once. */
export function isGenerator(execute: Execute): boolean {
  return Object.prototype.toString.call(execute) === '[object AsyncGeneratorFunction]'
}

/** Whether something yields, as the SDK sees it. */
export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function'
  )
}
