import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createGate, group, person, sqliteStore } from 'gatewright'
import { expect, test } from 'vitest'
import { openDesk } from './src/desk'

const root = join(import.meta.dirname, '../..')
const require = createRequire(import.meta.url)
const filesystem = join(
  require.resolve('@modelcontextprotocol/server-filesystem/package.json'),
  '../dist/index.js',
)

test('the agent writes and moves what people approve, and reads without them', async () => {
  const place = realpathSync(mkdtempSync(join(tmpdir(), 'gatewright-example-')))
  const [files, data] = [join(place, 'notes.txt'), join(place, 'data')]
  const config = join(import.meta.dirname, 'gatewright.config.ts')
  // What "gatewright mcp --config … -- mcp-server-filesystem <folder>" runs, from the sources.
  const desk = await openDesk({
    command: process.execPath,
    args: [
      '--import',
      pathToFileURL(require.resolve('tsx')).href,
      join(root, 'tests/terminal/cli-program.ts'),
    ],
    env: {
      ARGS: JSON.stringify(['mcp', '--config', config, '--', process.execPath, filesystem, place]),
      GATEWRIGHT_DATA: data,
      TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'),
    },
    stderr: 'ignore',
  })
  expect(await desk.call('list_directory', { path: place })).toContain('[DIR] data')

  const store = sqliteStore({ file: join(data, 'requests.db') })
  const people = createGate({
    agent: { id: 'people', owner: null },
    reviewers: group('ops'),
    approvers: [],
    store,
    audit: null,
  })
  const rita = person('https://idp.example', 'rita', {
    name: 'Rita',
    groups: ['ops'],
    assurance: { method: 'sso' },
  })
  const decide = async (decision: 'approve' | 'reject', note: string) => {
    const look = async () => (await people.requests.list({ status: ['pending'] })).requests[0]
    let request = await look()
    // The call has to go out, too.
    for (; request === undefined; request = await look()) await new Promise(setImmediate)
    const { digest = '' } = (await people.requests.review(request.id)) ?? {}
    await people.vote({ requestId: request.id, digest, actor: rita, decision, note })
  }

  const written = desk.call('write_file', { path: files, content: 'milk' })
  await decide('approve', 'yes')
  expect(await written).toContain('Successfully wrote')
  const emptied = desk.call('write_file', { path: files, content: '' })
  await decide('reject', 'do not delete the notes')
  expect(await emptied).toMatch(/^error: write_file was not executed\..*Rita.*do not delete the notes/)
  expect(readFileSync(files, 'utf8')).toBe('milk')
  expect(await desk.call('move_file', { source: files, destination: `${files}.hidden` })).toContain(
    'not hidden here',
  )
  expect(existsSync(files)).toBe(true)

  await desk.close()
  await people.close()
  await store.close()
  rmSync(place, { recursive: true, force: true })
})
