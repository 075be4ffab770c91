// Three workers over one PostgreSQL: a process asks and ends, people decide, and each approved call runs once, in one of them.
// Run it: DATABASE_URL=postgres://user:secret@localhost/app npm start
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { postgresStore } from '@gatewright/store-postgres'
import { createGate, group, person } from 'gatewright'
import { Pool } from 'pg'

/** Starts a program of this folder, and passes on what it says. When it fails, all of this does. */
function start(program: string, ...told: readonly string[]) {
  const command = ['--import', 'tsx', join(import.meta.dirname, program), ...told]
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill())
  const said = createInterface(child.stdout).on('line', (line) => console.log(line))
  // Listened to from the beginning, since an end is told once. It is told last, after every line.
  const ended = once(child, 'close').then(([code]) => code === 0 || process.exit(code ?? 1))
  return { child, said, ended }
}

// Once, before anybody needs it: of processes that do so side by side, PostgreSQL lets one fail, even with IF NOT EXISTS.
const connectionString = process.env.DATABASE_URL ?? ''
const database = new Pool({ connectionString })
await database.query('CREATE TABLE IF NOT EXISTS exports (made_of text NOT NULL, by_worker text NOT NULL)')

const tables = Array.from({ length: 12 }, (_, number) => `table-${number}`)
const workers = ['one', 'two', 'three'].map((name) => start('worker.ts', name))
await Promise.all(workers.map(({ said }) => once(said, 'line'))) // each says that it is ready
await start('ask.ts', ...tables).ended

// People decide through a gate without a log: it takes votes, and nothing runs through it. The inbox's is one like that.
const store = postgresStore({ connectionString })
const agent = { id: 'people', owner: null }
const gate = createGate({ agent, approvers: [], reviewers: group('ops'), store, audit: null })
const rita = person('https://idp.example.com', 'rita', { name: 'Rita', groups: ['ops'] })
for (const { id, arguments: shown } of (await gate.requests.list({ status: ['pending'] })).requests) {
  const { digest = '' } = (await gate.requests.review(id)) ?? {}
  const decision = shown.includes('table-7') ? 'reject' : 'approve'
  await gate.vote({ requestId: id, digest, decision, actor: rita, note: 'seen' })
}
const approved = tables.filter((table) => table !== 'table-7')
const succeeded = async () => (await gate.requests.list({ status: ['succeeded'] })).requests.length
while ((await succeeded()) < approved.length) await pause(100)

for (const { child } of workers) child.kill('SIGTERM')
await Promise.all(workers.map(({ ended }) => ended))
await gate.close()
await store.close()

const { rows } = await database.query<{ made_of: string; by_worker: string }>('SELECT * FROM exports')
await database.end()
for (const { made_of, by_worker } of rows) console.log(`${made_of} was exported by ${by_worker}`)
const made = rows.map(({ made_of }) => made_of)
if (made.sort().join() !== approved.sort().join()) throw new Error(`not each approved call ran once: ${made}`)
console.log('each approved call ran once, and what was rejected did not run')
