import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { McpServer } from '@modelcontextprotocol/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ownPort } from '../../../tests/own-port'
import { listenStateless } from '../../agents/mcp/test/http-servers'
import { cliStart } from './cli-start'
import { type Ends, people } from './run-program'

const require = createRequire(import.meta.url)
const FILESYSTEM = join(
  require.resolve('@modelcontextprotocol/server-filesystem/package.json'),
  '../dist/index.js',
)

let place = ''
let data = ''
const ends: Ends = []
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-mcp-restart-')))
  data = join(place, 'data')
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  rmSync(place, { recursive: true, force: true })
})

/** What every process of the gateway reads. */
function configure(mcp: string): void {
  writeFileSync(
    join(place, 'gatewright.config.mjs'),
    `export default {
       agent: { id: 'desk', owner: null }, reviewers: { type: 'group', name: 'ops' }, approvers: [],
       dataDirectory: ${JSON.stringify(data)}, link: (id) => 'https://gate.test/' + id,
     }
     export const mcp = ${mcp}`,
  )
}

/** The gateway before a server that listens, in a process of its own: resolves once it listens itself. */
async function listening(args: readonly string[]) {
  const start = cliStart(place, ['mcp', ...args])
  const child = spawn(process.execPath, start.args, {
    cwd: place,
    env: start.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  const kill = async () => {
    child.kill('SIGKILL')
    expect(await closed).toEqual([null, 'SIGKILL'])
  }
  ends.push(() => (child.exitCode === null && child.signalCode === null ? kill() : undefined))
  const [said] = await Promise.race([once(child.stdout, 'data'), closed])
  return { url: String(said).trim(), kill }
}

/** How the requests of the store stand, after the processes over it. */
async function standing(rita: ReturnType<typeof people>) {
  return (await rita.gate.requests.list()).requests.map(({ status }) => status)
}

describe('gatewright mcp, killed while people decide', () => {
  test('I3, I8: the client comes back with the state to the next process, which runs the call once', async () => {
    const notes: unknown[] = []
    const server = await listenStateless(() => {
      const notebook = new McpServer({ name: 'notes', version: '1.0.0' })
      notebook.registerTool('note', { inputSchema: z.object({ text: z.string() }) }, ({ text }) => {
        notes.push(text)
        return { content: [{ type: 'text', text: `noted: ${text}` }] }
      })
      return notebook
    })
    ends.push(() => server.close())
    configure(`{ wait: 'suspend' }`)
    const args = ['--url', server.url, '--port', String(await ownPort())]
    const first = await listening(args)

    // The official client, whose user comes back from the address when the gateway is another process.
    const client = new Client(
      { name: 'desk', version: '1.0.0' },
      { versionNegotiation: { mode: 'auto' }, capabilities: { elicitation: { url: {} } } },
    )
    const rita = people(ends, data)
    const links: unknown[] = []
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      links.push((params as { url?: string }).url)
      expect(await standing(rita)).toEqual(['pending'])
      await first.kill()
      expect((await listening(args)).url).toBe(first.url)
      await rita.decide('approve')
      return { action: 'accept' }
    })
    const sent: RequestInit[] = []
    const transport = new StreamableHTTPClientTransport(new URL(first.url), {
      fetch(to, init) {
        if (init?.method === 'POST') sent.push(init)
        return fetch(to, init)
      },
    })
    await client.connect(transport)
    ends.push(() => client.close())

    expect(await client.callTool({ name: 'note', arguments: { text: 'milk' } })).toMatchObject({
      content: [{ text: 'noted: milk' }],
    })
    const request = await rita.request()
    expect(links).toEqual([`https://gate.test/${request.id}`])
    expect([await standing(rita), notes]).toEqual([['succeeded'], ['milk']])

    // Its last message, delivered twice: the state is used up.
    const { signal: _signal, ...last } = sent.at(-1) ?? {}
    expect(String(last.body)).toContain('requestState')
    expect(await (await fetch(first.url, last)).text()).toMatch(/"isError":true/)
    expect([await standing(rita), notes]).toEqual([['succeeded'], ['milk']])
  })

  test('I3, I8: a client that names its calls finds the call again in the next process, which runs it once', async () => {
    configure(`{ runId: 'shift-7' }`)
    const [source, destination] = [join(place, 'draft'), join(place, 'final')]
    writeFileSync(source, 'text')
    const opened = async () => {
      const start = cliStart(place, ['mcp', '--', process.execPath, FILESYSTEM, place])
      const transport = new StdioClientTransport({
        command: process.execPath,
        ...start,
        cwd: place,
        stderr: 'ignore',
      })
      const client = new Client({ name: 'desk', version: '1.0.0' })
      await client.connect(transport)
      ends.push(() => client.close())
      return { client, transport }
    }
    const move = (client: Client) =>
      client.callTool({
        name: 'move_file',
        arguments: { source, destination },
        _meta: { 'claudecode/toolUseId': 'toolu_1' },
      })

    const first = await opened()
    const rita = people(ends, data)
    const lost = expect(move(first.client)).rejects.toThrow(/closed/i)
    await expect.poll(() => standing(rita)).toEqual(['pending'])
    process.kill(first.transport.pid ?? 0, 'SIGKILL')
    await lost

    const { client } = await opened()
    const again = move(client)
    await rita.decide('approve')
    expect(await again).not.toHaveProperty('isError', true)
    expect([existsSync(source), existsSync(destination)]).toEqual([false, true])
    expect(await move(client)).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/already ran/) }],
    })
    expect(await standing(rita)).toEqual(['succeeded'])
  })
})
