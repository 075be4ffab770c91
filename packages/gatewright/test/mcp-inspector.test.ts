import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const require = createRequire(import.meta.url)
const FILESYSTEM = join(
  require.resolve('@modelcontextprotocol/server-filesystem/package.json'),
  '../dist/index.js',
)
const inspector = (process.env.PATH ?? '')
  .split(delimiter)
  .map((directory) => join(directory, 'mcp-inspector'))
  .find((file) => existsSync(file))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const missing =
  inspector === undefined
    ? 'mcp-inspector is not in the PATH'
    : major < 22 || (major === 22 && minor < 19)
      ? 'the Inspector needs Node 22.19'
      : null

describe.skipIf(missing !== null)(`the MCP Inspector${missing === null ? '' : ` (${missing})`}`, () => {
  const place = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-inspector-')))
  afterAll(() => rmSync(place, { recursive: true, force: true }))
  const config = join(place, 'gate.mjs')
  writeFileSync(
    config,
    `export default {
       agent: { id: 'desk', owner: null },
       reviewers: { type: 'group', name: 'ops' },
       ephemeral: true,
       policy: [{ id: 'rule', version: 1, decide: ({ args }) => String(args.path).endsWith('no.txt') ? { effect: 'deny', reason: 'not that file' } : { effect: 'allow' } }],
     }`,
  )

  /** What the Inspector prints of one request to the gated filesystem server. */
  async function inspect(...request: readonly string[]): Promise<unknown> {
    const env = {
      NODE_OPTIONS: `--import=${pathToFileURL(require.resolve('tsx')).href}`,
      TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'),
      ARGS: JSON.stringify(['mcp', '--config', config, '--', process.execPath, FILESYSTEM, place]),
    }
    const settings = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    const program = join(root, 'tests/terminal/cli-program.ts')
    const { stdout } = await promisify(execFile)(inspector ?? '', [
      '--cli',
      ...settings,
      process.execPath,
      program,
      ...request,
    ])
    return JSON.parse(stdout)
  }

  test('lists the tools of the server, and calls those that may run', async () => {
    expect(await inspect('--method', 'tools/list')).toMatchObject({
      tools: expect.arrayContaining([expect.objectContaining({ name: 'write_file' })]),
    })
    const write = (name: string) =>
      inspect(
        ...['--method', 'tools/call', '--tool-name', 'write_file', '--tool-arg', `path=${join(place, name)}`],
        ...['--tool-arg', 'content=hi'],
      )
    expect(await write('yes.txt')).not.toHaveProperty('isError')
    expect(readFileSync(join(place, 'yes.txt'), 'utf8')).toBe('hi')
    expect(await write('no.txt')).toMatchObject({ isError: true })
    expect(existsSync(join(place, 'no.txt'))).toBe(false)
  })
})
