import type { Duration } from '@gatewright/core'
import type { AgentOptions } from '@gatewright/core/agents'

/** How the tools of an MCP server are gated. Every tool is; policy says which calls need people. */
export interface McpOptions extends AgentOptions {
  /**
   * How often a client that asked for progress hears that its call waits, so that its time limit does not end it: clients
   * that count progress (`resetTimeoutOnProgress`) begin their limit anew at each.
   *
   * @default '10s'
   */
  readonly beatEvery?: Duration
}
