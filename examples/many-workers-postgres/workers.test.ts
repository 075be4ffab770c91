import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../../packages/stores/postgres/test/server'

const root = join(import.meta.dirname, '../..')
const logs = mkdtempSync(join(tmpdir(), 'gatewright-example-'))
let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
  rmSync(logs, { recursive: true, force: true })
})

test('calls that one process asked for are run by others, each once, and the program finds so itself', async () => {
  const env = {
    ...process.env,
    DATABASE_URL: server.connectionString,
    LOGS: logs,
    TSX_TSCONFIG_PATH: join(root, 'tsconfig.json'), // the packages from their sources
  }
  const start = join(import.meta.dirname, 'src/start.ts')
  const program = spawn(process.execPath, ['--import', 'tsx', start], { cwd: root, env })
  const ended = once(program, 'exit')
  const [said, complained] = await Promise.all([text(program.stdout), text(program.stderr)])
  expect([await ended, complained]).toEqual([[0, null], ''])
  expect(said).toContain('each approved call ran once, and what was rejected did not run')
  expect(said.match(/was exported by (one|two|three)/g)).toHaveLength(11)
  expect(said).not.toContain('table-7 was exported')
})
