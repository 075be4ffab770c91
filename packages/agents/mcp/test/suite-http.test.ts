import { join } from 'node:path'
import { describeAgentAdapter, type SuiteTool } from '@gatewright/testing/agents'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { McpServer } from '@modelcontextprotocol/server'
import { httpGateway } from '../src'
import { listenStateless, listenWithSessions } from './http-servers'
import { type Connect, mcpHarness } from './suite-agent'

const INFO = { name: 'suite', version: '1.0.0' }
const AGENT = { name: 'scripted-agent', version: '1.0.0' }
const how = { resetTimeoutOnProgress: true, onprogress() {} }
const cannot = { nested: 'the server is another process' }

const withSessions: Connect = async ({ options, tools }, runId) => {
  const server = new McpServer1(INFO)
  const add = ({ description, name, run, schema }: SuiteTool) =>
    void server.registerTool(name, { description, inputSchema: schema }, async (args, { signal }) => ({
      content: [{ type: 'text', text: await run(args, signal) }],
    }))
  tools.forEach(add)
  const behind = await listenWithSessions(() => server)
  const gateway = options && (await gatewayOr(behind, { ...options, runId, url: behind.url }))
  const client = new Client1(AGENT)
  await client.connect(new Transport1(new URL((gateway ?? behind).url)) as Parameters<Client1['connect']>[0])
  return {
    call: (params, more) => client.callTool(params, undefined, { ...how, ...more }),
    addTool: add,
    async close() {
      await client.close()
      await gateway?.close()
      await behind.close()
    },
  }
}

const stateless: Connect = async ({ options, tools }, runId) => {
  const all = [...tools]
  const behind = await listenStateless(() => {
    const server = new McpServer(INFO)
    for (const { description, name, run, schema } of all)
      server.registerTool(name, { description, inputSchema: schema }, async (args, { mcpReq }) => ({
        content: [{ type: 'text', text: await run(args, mcpReq.signal) }],
      }))
    return server
  })
  const gateway = options && (await gatewayOr(behind, { ...options, runId, url: behind.url }))
  const client = new Client(AGENT, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new StreamableHTTPClientTransport(new URL((gateway ?? behind).url)))
  return {
    call: (params, more) => client.callTool(params, { ...how, ...more }),
    addTool: (tool) => void all.push(tool),
    async close() {
      await client.close()
      await gateway?.close()
      await behind.close()
    },
  }
}

/** A gateway; the server behind it closes where there is none to be made. */
async function gatewayOr(behind: { close(): Promise<void> }, options: Parameters<typeof httpGateway>[0]) {
  try {
    return await httpGateway(options)
  } catch (error) {
    await behind.close()
    throw error
  }
}

describeAgentAdapter('httpGateway, sessions', mcpHarness(withSessions, cannot))
describeAgentAdapter('the MCP gateway', mcpHarness(stateless, cannot), {
  results: join(import.meta.dirname, '../../../../docs/agents/mcp-gateway.json'),
})
