/**
 * Thrown by a tool's run that failed and yet has a result for the model, as an MCP result with `isError`: the outcome is
 * recorded as failed, and the model gets the result as it is.
 */
export class ToolFailed extends Error {
  readonly result: unknown

  constructor(result: unknown, message = 'the tool says that it failed') {
    super(message)
    this.name = 'ToolFailed'
    this.result = result
  }
}
