import { describeAgentAdapter, type SuiteTool } from '@gatewright/testing/agents'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { createMcpHandler, InMemoryTransport, McpServer } from '@modelcontextprotocol/server'
import { gateServer, type McpOptions } from '../src'
import { type Connect, mcpHarness } from './suite-agent'

function serverOf(tools: readonly SuiteTool[], options: McpOptions | null): McpServer {
  const server = new McpServer({ name: 'suite', version: '1.0.0' })
  for (const { description, name, run, schema } of tools)
    server.registerTool(name, { description, inputSchema: schema }, async (args, { mcpReq }) => ({
      content: [{ type: 'text', text: await run(args, mcpReq.signal) }],
    }))
  return options === null ? server : gateServer(server, options)
}

const how = { resetTimeoutOnProgress: true, onprogress() {} }

const inMemory: Connect = async ({ options, tools }, runId) => {
  const server = serverOf(tools, options && { ...options, runId })
  const client = new Client({ name: 'scripted-agent', version: '1.0.0' })
  const [near, far] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(far), client.connect(near)])
  return {
    call: (params, more) => client.callTool(params, { ...how, ...more }),
    addTool({ description, name, run, schema }) {
      server.registerTool(name, { description, inputSchema: schema }, async (args, { mcpReq }) => ({
        content: [{ type: 'text', text: await run(args, mcpReq.signal) }],
      }))
    },
    close: () => client.close(),
  }
}

/** A server without sessions: made anew for each request, by its handler. */
const stateless: Connect = async ({ options, tools }, runId) => {
  const all = [...tools]
  const gated = options && { ...options, runId }
  if (gated !== null) serverOf(all, gated)
  const handler = createMcpHandler(() => serverOf(all, gated))
  const client = new Client(
    { name: 'scripted-agent', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  )
  await client.connect(
    new StreamableHTTPClientTransport(new URL('http://suite.test/mcp'), {
      fetch: (url, init) => handler.fetch(new Request(url, init)),
    }),
  )
  return {
    call: (params, more) => client.callTool(params, { ...how, ...more }),
    addTool: (tool) => void all.push(tool),
    close: () => client.close(),
  }
}

describeAgentAdapter('gateServer, SDK version 2', mcpHarness(inMemory))
describeAgentAdapter('gateServer, protocol 2026-07-28', mcpHarness(stateless))
