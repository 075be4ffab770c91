// LangGraph with its saver over a database: threads that interrupt and are resumed, so many at once. Nothing is deleted.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from '@langchain/langgraph'
import { argumentsOf } from '../measure/arguments.mjs'
import { measureCallers } from '../measure/callers.mjs'
import { startPostgres } from '../measure/postgres-server.mjs'
import { report, told } from '../measure/report.mjs'
import { guardedGraph } from './langgraph-graph.mjs'

const { saver: kind, synchronous, callers, calls } = told()

/** In a file, which is synced as the driver does by default, or as was told. */
async function sqliteSaver() {
  const { SqliteSaver } = await import('@langchain/langgraph-checkpoint-sqlite')
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
  const saver = SqliteSaver.fromConnString(join(directory, 'checkpoints.db'))
  saver.setup()
  if (synchronous !== undefined) saver.db.pragma(`synchronous = ${synchronous}`)
  return {
    saver,
    synced: ['off', 'normal', 'full'][saver.db.pragma('synchronous', { simple: true })],
    close() {
      saver.db.close()
      rmSync(directory, { recursive: true })
    },
  }
}

/** On a server as it is by default, which syncs each commit. */
async function postgresSaver() {
  const { PostgresSaver } = await import('@langchain/langgraph-checkpoint-postgres')
  const server = await startPostgres()
  const saver = PostgresSaver.fromConnString(server.connectionString)
  // The pool counts connections as closed that still hear of the server's end. Queries that fail still reject.
  saver.pool.on('error', () => {})
  await saver.setup()
  return {
    saver,
    synced: 'every commit',
    async close() {
      await saver.end()
      await server.stop()
    },
  }
}

const { saver, synced, close } = await { sqlite: sqliteSaver, postgres: postgresSaver }[kind]()
let runs = 0
const graph = guardedGraph((args) => {
  runs += 1
  return args.id
}, saver)
const make = argumentsOf(100)
let asked = 0
const cost = await measureCallers({
  callers,
  calls,
  async call(index) {
    asked += 1
    const config = { configurable: { thread_id: `thread-${index}` } }
    await graph.invoke({ args: make(index) }, config)
    await graph.invoke(new Command({ resume: true }), config)
  },
})
await close()
if (runs !== asked) throw new Error(`the tool ran ${runs} times of ${asked}`)
report({ ...cost, synced })
