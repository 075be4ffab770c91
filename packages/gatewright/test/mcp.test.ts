import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Gate, group, person } from '@gatewright/core'
import { sqliteStore } from '@gatewright/store-sqlite'
import { Client as Client2 } from '@modelcontextprotocol/client'
import { StdioClientTransport as Transport2 } from '@modelcontextprotocol/client/stdio'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGate } from '../src'
import { cli } from './cli-log'
import { cliIn } from './cli-process'
import { cliStart } from './cli-start'

const require = createRequire(import.meta.url)
const FILESYSTEM = join(
  require.resolve('@modelcontextprotocol/server-filesystem/package.json'),
  '../dist/index.js',
)
const SILENT = { info() {}, warn() {}, error() {} }
const RITA = person('https://idp.test', 'rita', {
  name: 'Rita',
  groups: ['ops'],
  assurance: { method: 'sso' },
})

let place = ''
let ends: (() => Promise<unknown>)[] = []
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-mcp-')))
})
afterEach(async () => {
  for (const end of ends.reverse()) await end()
  ends = []
  rmSync(place, { recursive: true, force: true })
})

/** The command as a client starts it, in a process of its own. */
function gatewayProgram(...args: readonly string[]) {
  const start = cliStart(place, ['mcp', ...args])
  return { command: process.execPath, ...start, cwd: place, stderr: 'ignore' as const }
}

/** The people's own process, over the same requests. */
async function people(data: string) {
  const store = sqliteStore({ file: join(data, 'requests.db') })
  const gate: Gate = createGate({
    agent: { id: 'people', owner: null },
    reviewers: group('nobody'),
    approvers: [],
    store,
    audit: null,
    logger: SILENT,
  })
  ends.push(async () => {
    await gate.close()
    await store.close()
  })
  return {
    async decide(decision: 'approve' | 'reject', note?: string) {
      for (;;) {
        const [request] = (await gate.requests.list({ status: ['pending'] })).requests
        if (request === undefined) {
          await new Promise((resolve) => setImmediate(resolve))
          continue
        }
        const review = await gate.requests.review(request.id)
        await gate.vote({
          requestId: request.id,
          digest: review?.digest ?? '',
          actor: RITA,
          decision,
          ...(note === undefined ? {} : { note }),
        })
        return request
      }
    },
  }
}

interface AnyClient {
  listTools(): Promise<unknown>
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>
  close(): Promise<void>
}

const clients: readonly [string, (program: ReturnType<typeof gatewayProgram>) => Promise<AnyClient>][] = [
  [
    '1',
    async (program) => {
      const client = new Client1({ name: 'desk', version: '1.0.0' })
      await client.connect(new Transport1(program))
      return client
    },
  ],
  [
    '2',
    async (program) => {
      const client = new Client2({ name: 'desk', version: '1.0.0' })
      await client.connect(new Transport2(program))
      return client
    },
  ],
]

async function opened(open: (typeof clients)[number][1], program: ReturnType<typeof gatewayProgram>) {
  const client = await open(program)
  ends.push(() => client.close())
  return client
}

describe.each(clients)(
  'gatewright mcp before the filesystem server, a client of SDK version %s',
  (_version, open) => {
    test('lists the same tools, and writes what people approve, and nothing else', async () => {
      const data = join(place, 'data')
      const program = gatewayProgram(
        '--reviewers',
        'ops',
        '--data',
        data,
        '--',
        process.execPath,
        FILESYSTEM,
        place,
      )
      const gated = await opened(open, program)
      const bare = await opened(open, {
        ...program,
        args: [FILESYSTEM, place],
        env: { ...program.env, ARGS: '' },
      })
      expect(JSON.stringify(await gated.listTools())).toBe(JSON.stringify(await bare.listTools()))

      const { decide } = await people(data)
      const write = (name: string) =>
        gated.callTool({ name: 'write_file', arguments: { path: join(place, name), content: 'written' } })
      const approved = write('approved.txt')
      const request = await decide('approve')
      expect(request).toMatchObject({ action: 'tool.write_file', origin: { agent: 'desk' } })
      expect(await approved).not.toHaveProperty('isError', true)
      expect(readFileSync(join(place, 'approved.txt'), 'utf8')).toBe('written')

      const rejected = write('rejected.txt')
      await decide('reject', 'not that file')
      expect(await rejected).toMatchObject({
        isError: true,
        content: [{ text: expect.stringMatching(/not executed.*Rita.*not that file/) }],
      })
      expect(existsSync(join(place, 'rejected.txt'))).toBe(false)

      const moved = gated.callTool({
        name: 'move_file',
        arguments: { source: join(place, 'approved.txt'), destination: join(place, 'away.txt') },
      })
      await decide('approve')
      await moved
      expect([existsSync(join(place, 'approved.txt')), existsSync(join(place, 'away.txt'))]).toEqual([
        false,
        true,
      ])
    })
  },
)

describe('gatewright mcp', () => {
  test('takes its gate and its options of tools from a config', async () => {
    const config = join(place, 'gatewright.config.mjs')
    writeFileSync(
      config,
      `console.log('what a config prints is not for the client')
       export default {
         agent: { id: 'desk', owner: null },
         reviewers: { type: 'group', name: 'ops' },
         ephemeral: true,
         policy: [{ id: 'no', version: 1, decide: ({ action }) => action === 'files.write_file' ? { effect: 'deny', reason: 'not here' } : { effect: 'allow' } }],
       }
       export const mcp = { action: (tool) => 'files.' + tool }`,
    )
    const client = await opened(
      clients[0]?.[1] as never,
      gatewayProgram('--', process.execPath, FILESYSTEM, place),
    )
    const call = (name: string, args: Record<string, unknown>) => client.callTool({ name, arguments: args })
    expect(await call('list_directory', { path: place })).toMatchObject({
      content: [{ text: '[FILE] gatewright.config.mjs' }],
    })
    expect(await call('write_file', { path: join(place, 'a'), content: '' })).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('not here') }],
    })
  })

  test.each([
    [['mcp'], 'name one server'],
    [['mcp', '--url', 'http://x', '--', 'y'], 'name one server'],
    [['mcp', 'npx', 'server', '--reviewers', 'ops'], 'who decides?'],
    [['mcp', '--'], 'name one server'],
    [['mcp', '--port', '1', '--', 'y'], 'go with --url'],
    [['mcp', '--', 'y'], 'who decides?'],
    [['mcp', '--config', '/no/such/config.mjs', '--', 'y'], 'there is no config /no/such/config.mjs'],
    [['mcp', '--confg', 'x', '--', 'y'], "Unknown option '--confg'"],
  ])('%j is wrong usage, and says what is', async (args, words) => {
    const { code, err } = await cli(...args)
    expect([code, err]).toEqual([4, expect.stringContaining(words)])
  })

  test('T20: the server gets no secret of the gate, and only what a config names where it names something', async () => {
    const shows = "require('fs').writeFileSync('seen', JSON.stringify(process.env))"
    const gate =
      "{ agent: { id: 'desk', owner: null }, reviewers: { type: 'group', name: 'ops' }, ephemeral: true }"
    async function seenWith(mcp: string): Promise<Record<string, string>> {
      writeFileSync(
        join(place, 'gatewright.config.mjs'),
        `Object.assign(process.env, { GATEWRIGHT_SECRET: 's', FILES_TOKEN: 't' })
         export default ${gate}
         ${mcp}`,
      )
      expect(await cliIn(place, 'mcp', '--', process.execPath, '-e', shows)).toMatchObject({ code: 0 })
      return JSON.parse(readFileSync(join(place, 'seen'), 'utf8'))
    }
    const { FILES_TOKEN, GATEWRIGHT_SECRET } = await seenWith('')
    expect([FILES_TOKEN, GATEWRIGHT_SECRET]).toEqual(['t', undefined])
    expect(await seenWith("export const mcp = { env: { ONLY: '1' } }")).toEqual({ ONLY: '1' })
  })

  test('a server that cannot be started is said, and keeps no process', async () => {
    const { code, err } = await cli(
      'mcp',
      '--reviewers',
      'ops',
      '--data',
      join(place, 'data'),
      '--',
      '/no/such/server',
    )
    expect([code, err]).toEqual([1, 'gatewright: /no/such/server cannot be started'])
  })
})
