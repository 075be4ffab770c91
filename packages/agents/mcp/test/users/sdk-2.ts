// A user's program: compiled and run against the packed package, with these peers alone (tests/packed/adapters.test.ts).
import { strict as assert } from 'node:assert'
import { createGate, group, when } from '@gatewright/core'
import { gateClient, gateServer } from '@gatewright/mcp'
import { Client } from '@modelcontextprotocol/client'
import { InMemoryTransport, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** `true` where two types are the very same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

const gate = createGate({
  agent: { id: 'bot', owner: null },
  approvers: [],
  reviewers: group('ops'),
  policy: [
    when('tool.find_user').allow(),
    when('client.*').allow(),
    when('tool.drop_user').deny('never from an agent'),
  ],
  ephemeral: true,
})
async function main(): Promise<void> {
  const made = new McpServer({ name: 'users', version: '1.0.0' })
  const server = gateServer(made, { gate })
  const exact: Same<typeof server, typeof made> = true
  assert.ok(exact)
  for (const name of ['find_user', 'drop_user']) {
    server.registerTool(name, { inputSchema: z.object({ id: z.string() }) }, async ({ id }) => ({
      content: [{ type: 'text', text: `did ${name} ${id}` }],
    }))
  }
  const client = gateClient(new Client({ name: 'user', version: '1.0.0' }), {
    gate,
    action: (tool) => `client.${tool}`,
  })
  const [here, there] = InMemoryTransport.createLinkedPair()
  await Promise.all([server.connect(there), client.connect(here)])
  const call = async (name: string) =>
    JSON.stringify(await client.callTool({ name, arguments: { id: 'ada' } }))
  assert.match(await call('find_user'), /did find_user ada/)
  assert.match(await call('drop_user'), /drop_user was not executed/)
  await client.close()
  console.log('gated')
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
