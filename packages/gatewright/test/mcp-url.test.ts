import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolRequestSchema,
  ElicitRequestSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cliIn } from './cli-process'
import { cliStart } from './cli-start'

const TOKEN = 'rita-0123456789-0123456789-0123456789'
const APPROVER = `elicitationApprover({ reviewers: [
  { issuer: 'https://idp.test', subject: 'rita', name: 'Rita', groups: ['ops'], token: '${TOKEN}' },
] })`
const NOTE = {
  name: 'note',
  inputSchema: { type: 'object' as const, properties: { text: { type: 'string' } }, required: ['text'] },
}

let place = ''
const ends: (() => unknown)[] = []
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-mcp-url-')))
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  rmSync(place, { recursive: true, force: true })
})

/** A server that nobody changed, over Streamable HTTP without sessions; `notes` is what its tool was called with. */
async function upstream() {
  const notes: unknown[] = []
  const http = createServer(async (request, response) => {
    const server = new Server({ name: 'notes', version: '1.0.0' }, { capabilities: { tools: {} } })
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [NOTE] }))
    server.setRequestHandler(CallToolRequestSchema, ({ params }) => {
      notes.push(params.arguments?.text)
      return { content: [{ type: 'text', text: `noted: ${params.arguments?.text}` }] }
    })
    const transport = new StreamableHTTPServerTransport({})
    await server.connect(transport as Transport)
    await transport.handleRequest(request, response)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    http.closeAllConnections()
    return new Promise((resolve) => http.close(resolve))
  })
  return { notes, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp` }
}

/** The command in a process of its own, over a config that makes `reviewers` and names it where `named` says. */
function gateway(url: string, named: { readonly approvers: string; readonly mcp: string }) {
  const file = join(place, 'gatewright.config.mjs')
  writeFileSync(
    file,
    `import { elicitationApprover } from '@gatewright/mcp'
     const reviewers = ${APPROVER}
     export default {
       agent: { id: 'desk', owner: null }, reviewers: { type: 'group', name: 'ops' }, ephemeral: true,
       approvers: ${named.approvers},
     }
     export const mcp = ${named.mcp}`,
  )
  const { args, env } = cliStart(place, ['mcp', '--url', url, '--config', file])
  const child = spawn(process.execPath, args, { cwd: place, env, stdio: ['ignore', 'pipe', 'pipe'] })
  ends.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'close')
  })
  return child
}

/** Its first two lines: where clients connect, and where reviewers do. */
async function addresses(child: ChildProcess) {
  let out = ''
  for await (const piece of child.stdout ?? []) {
    out += piece
    const [, url, reviewers] = /^(http:\S+)\nreviewers: (http:\S+)\n/.exec(out) ?? []
    if (url !== undefined && reviewers !== undefined) return { url, reviewers }
  }
  throw new Error(`it printed no addresses: ${out}`)
}

async function connected(client: Client, url: string, more: object = {}) {
  await client.connect(new StreamableHTTPClientTransport(new URL(url), more) as Transport)
  ends.push(() => client.close())
  return client
}

/** A reviewer's client, with somebody at it who accepts the form. Resolves once it listens. */
async function reviewer(url: string, token: string, asked: string[]) {
  const client = new Client(
    { name: 'reviewer', version: '1.0.0' },
    { capabilities: { elicitation: { form: {} } } },
  )
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params.message)
    return { action: 'accept' as const, content: { decision: 'approve' } }
  })
  let listens = () => {}
  const listening = new Promise<void>((resolve) => {
    listens = resolve
  })
  await connected(client, url, {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
    async fetch(to: URL, init: RequestInit) {
      const answer = await fetch(to, init)
      if (init.method === 'GET' && answer.ok) listens()
      return answer
    },
  })
  await listening
}

describe('gatewright mcp --url, with a config whose mcp.reviewers is its approver', () => {
  test('a reviewer’s client at the printed address decides on the call of another client', async () => {
    const server = await upstream()
    const { url, reviewers } = await addresses(
      gateway(server.url, { approvers: '[reviewers]', mcp: '{ reviewers }' }),
    )
    const asked: string[] = []
    await expect(reviewer(reviewers, `${TOKEN}x`, asked)).rejects.toThrow(/token is needed/)
    await reviewer(reviewers, TOKEN, asked)

    const desk = await connected(new Client({ name: 'desk', version: '1.0.0' }), url)
    expect(await desk.callTool({ name: 'note', arguments: { text: 'milk' } })).toMatchObject({
      content: [{ text: 'noted: milk' }],
    })
    expect(server.notes).toEqual(['milk'])
    expect(asked).toEqual([expect.stringMatching(/Action: tool\.note[\s\S]*milk/)])
  })

  test.each([
    ['a group', '[reviewers]', "{ reviewers: { type: 'group', name: 'ops' } }"],
    ['nothing', '[reviewers]', '{ reviewers: null }'],
    ['another approver', '[reviewers]', `{ reviewers: ${APPROVER} }`],
    ['one that the gate does not know', '[]', '{ reviewers }'],
  ])('mcp.reviewers that is %s is wrong usage, which names it', async (_what, approvers, mcp) => {
    const child = gateway('http://127.0.0.1:9/mcp', { approvers, mcp })
    const said = { out: '', err: '' }
    child.stdout.on('data', (piece) => {
      said.out += piece
    })
    child.stderr.on('data', (piece) => {
      said.err += piece
    })
    const [code] = await once(child, 'close')
    expect([code, said.out]).toEqual([4, ''])
    expect(said.err).toMatch(/^gatewright: .*mcp\.reviewers must be an elicitationApprover/m)
  })
})

describe('gatewright mcp --url, where nothing can listen', () => {
  test.each([
    [
      'a port that is taken',
      (port: number) => ['--port', `${port}`],
      /port \d+ of 127\.0\.0\.1 is taken: name another/,
    ],
    ['a port that there is not', () => ['--port', '99999'], /--port must be a number from 0 to 65535/],
    [
      'an address of no machine',
      () => ['--host', 'no.such.invalid'],
      /nothing can listen at no\.such\.invalid \(E/,
    ],
  ])('%s is told with what to do', async (_what, more, words) => {
    const { url } = await upstream()
    const taken = Number(new URL(url).port)
    const { code, err } = await cliIn(place, 'mcp', '--reviewers', 'ops', '--url', url, ...more(taken))
    expect([code, err]).toEqual([4, expect.stringMatching(words)])
  })
})
