// What a gateway adds to a call that needs nobody: the filesystem server over standard streams, with and without one, and a
// server over HTTP, in rounds that take turns, by the official client.
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { httpGateway } from '@gatewright/mcp'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { median, quantile } from '../measure/quantile.mjs'
import { report, told } from '../measure/report.mjs'
import { benchGate } from './gate.mjs'

const { what, calls, warmUp } = told()
const filesystem = join(
  createRequire(import.meta.url).resolve('@modelcontextprotocol/server-filesystem/package.json'),
  '../dist/index.js',
)

async function connected(transport) {
  const client = new Client({ name: 'bench', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(transport)
  return client
}

async function overStreams() {
  const server = [filesystem, tmpdir()]
  const gateway = [join(import.meta.dirname, 'mcp-gateway.mjs'), process.execPath, ...server]
  const open = (args) =>
    connected(new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }))
  return { tool: 'list_allowed_directories', direct: await open(server), gated: await open(gateway) }
}

async function overHttp() {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'bench', version: '1.0.0' })
    server.registerTool('nothing', { description: 'Does nothing.' }, () => ({ content: [] }))
    return server
  })
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const answer = await handler.fetch(
      new Request(`http://${request.headers.host}/mcp`, {
        method: request.method,
        headers: request.headers,
        ...(body.length > 0 && { body }),
      }),
    )
    response.writeHead(answer.status, Object.fromEntries(answer.headers))
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${server.address().port}/mcp`
  const gateway = await httpGateway({ gate: benchGate([]), action: (tool) => `free.${tool}`, url })
  const open = (address) => connected(new StreamableHTTPClientTransport(new URL(address)))
  return { tool: 'nothing', direct: await open(url), gated: await open(gateway.url) }
}

const { direct, gated, tool } = what === 'http' ? await overHttp() : await overStreams()
const ROUND = 50
const samples = { direct: [], gated: [] }
// The processor's time of this process, per call: over HTTP, client, gateway and server are in it.
const spent = { direct: [], gated: [] }
for (let made = 0; made < warmUp + calls; made += ROUND) {
  for (const [name, client] of Object.entries({ direct, gated })) {
    const cpu = process.cpuUsage()
    const round = []
    for (let left = ROUND; left > 0; left -= 1) {
      const before = performance.now()
      const { isError } = await client.callTool({ name: tool, arguments: {} })
      if (isError) throw new Error(`${name}: the call did not run`)
      round.push((performance.now() - before) * 1_000)
    }
    const { user, system } = process.cpuUsage(cpu)
    if (made < warmUp) continue
    samples[name].push(...round)
    spent[name].push((user + system) / ROUND)
  }
}
const cpuMicros = median(spent.gated) - median(spent.direct)
const directMicros = median(samples.direct)
await Promise.all([direct.close(), gated.close()])
report({
  directMicros,
  gatedMicros: median(samples.gated),
  cpuMicros,
  p99: quantile(samples.gated, 0.99),
  calls,
})
