import { join } from 'node:path'
import { describeAgentAdapter, type SuiteTool } from '@gatewright/testing/agents'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { gateServer } from '../src'
import { type Connect, mcpHarness } from './suite-agent'

const connect: Connect = async ({ options, tools }, runId) => {
  const server = new McpServer({ name: 'suite', version: '1.0.0' })
  const add = ({ description, name, run, schema }: SuiteTool) =>
    void server.registerTool(name, { description, inputSchema: schema }, async (args, { signal }) => ({
      content: [{ type: 'text', text: await run(args, signal) }],
    }))
  tools.forEach(add)
  if (options !== null) gateServer(server, { ...options, runId })
  const client = new Client({ name: 'scripted-agent', version: '1.0.0' })
  const [near, far] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(far), client.connect(near)])
  return {
    call: (params, how) =>
      client.callTool(params, undefined, { resetTimeoutOnProgress: true, onprogress() {}, ...how }),
    addTool: add,
    close: () => client.close(),
  }
}

describeAgentAdapter('an MCP server', mcpHarness(connect), {
  results: join(import.meta.dirname, '../../../../docs/agents/mcp-server.json'),
})
