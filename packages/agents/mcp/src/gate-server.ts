import { OptionError } from '@gatewright/core'
import { gatedTransport, type McpTransport } from './gate-transport'
import { gatedCallsOf } from './gated-calls'
import type { McpOptions } from './options'

/** A server of an MCP SDK, as far as the gate needs it: `McpServer` and `Server`, of versions 1 and 2. */
export interface McpServerLike {
  connect(transport: never): Promise<void>
}

/**
 * Gates the tools of an MCP server: those it has and those it gets later, over whatever transport it is connected to. A
 * refusal comes back as a tool's own failure (`isError`), in words for the model.
 *
 * A program that makes a server for each session or request gives all of them the same options object: they are then one
 * server to the gate, with one list of tools.
 *
 * @returns the same server
 * @throws OptionError for wrong options, and for a server that is connected already
 * @example
 * ```ts
 * import { createGate, group } from '@gatewright/core'
 * import { gateServer } from '@gatewright/mcp'
 * import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
 *
 * const gate = createGate({ agent: { id: 'files', owner: null }, reviewers: group('ops'), approvers: [], ephemeral: true })
 * const server = gateServer(new McpServer({ name: 'files', version: '1.0.0' }), { gate })
 * ```
 */
export function gateServer<Server extends McpServerLike>(server: Server, options: McpOptions = {}): Server {
  const gate = gatedCallsOf(options, 'gateServer')
  const low = lowLevel(server)
  if (low.transport !== undefined)
    throw new OptionError('gateServer', 'gate the server before it is connected: calls went past already')
  const connect = low.connect.bind(low)
  low.connect = (transport) => connect(gatedTransport(transport, gate))
  return server
}

interface LowLevel {
  connect(transport: McpTransport): Promise<void>
  readonly transport?: unknown
}

/** `McpServer` connects the server in it, which a program can also connect itself. */
function lowLevel(server: McpServerLike): LowLevel {
  const { server: inner } = server as { readonly server?: Partial<LowLevel> }
  return (typeof inner?.connect === 'function' ? inner : server) as LowLevel
}
