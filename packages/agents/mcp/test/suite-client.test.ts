import { join } from 'node:path'
import { describeAgentAdapter, type SuiteTool } from '@gatewright/testing/agents'
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport as InMemoryTransport1 } from '@modelcontextprotocol/sdk/inMemory.js'
import { McpServer as McpServer1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { McpServer } from '@modelcontextprotocol/server'
import { gateClient } from '../src'
import { type Connect, mcpHarness } from './suite-agent'

const INFO = { name: 'suite', version: '1.0.0' }
const AGENT = { name: 'scripted-agent', version: '1.0.0' }

const version1: Connect = async ({ options, tools }, runId) => {
  const server = new McpServer1(INFO)
  const add = ({ description, name, run, schema }: SuiteTool) =>
    void server.registerTool(name, { description, inputSchema: schema }, async (args, { signal }) => ({
      content: [{ type: 'text', text: await run(args, signal) }],
    }))
  tools.forEach(add)
  const client = new Client1(AGENT)
  if (options !== null) gateClient(client, { ...options, runId, agent: AGENT.name })
  const [near, far] = InMemoryTransport1.createLinkedPair()
  await Promise.all([server.connect(far), client.connect(near)])
  return {
    call: (params, how) => client.callTool(params, undefined, how),
    addTool: add,
    close: () => client.close(),
  }
}

const version2: Connect = async ({ options, tools }, runId) => {
  const server = new McpServer(INFO)
  const add = ({ description, name, run, schema }: SuiteTool) =>
    void server.registerTool(name, { description, inputSchema: schema }, async (args, { mcpReq }) => ({
      content: [{ type: 'text', text: await run(args, mcpReq.signal) }],
    }))
  tools.forEach(add)
  const client = new Client(AGENT)
  if (options !== null) gateClient(client, { ...options, runId, agent: AGENT.name })
  const [near, far] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(far as never), client.connect(near)])
  return {
    call: (params, how) => client.callTool(params, how),
    addTool: add,
    close: () => client.close(),
  }
}

describeAgentAdapter('gateClient, SDK version 1', mcpHarness(version1))
describeAgentAdapter('an MCP client', mcpHarness(version2), {
  results: join(import.meta.dirname, '../../../../docs/agents/mcp-client.json'),
})
