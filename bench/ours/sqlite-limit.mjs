// What 256 reviewed calls at once cannot be faster than over an SQLite file: the rows that they leave, in as many synced
// commits, by the bare driver on its own thread, without an index, an engine or a gate.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sampleEvent } from '@gatewright/testing'
import Database from 'libsql/promise'
import { report, told } from '../measure/report.mjs'
import { requestOf } from './sqlite-rows.mjs'

/** What a reviewed call writes, counted on its way to the driver. */
const MOVES = 3
const EVENTS = 6
const DELIVERIES = 2
/** A transaction takes 128 writes together, and a call makes nine. */
const CALLS_A_COMMIT = 14

const { calls } = told()
const directory = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
const database = new Database(join(directory, 'raw.db'), {})
for (const sql of [
  'PRAGMA journal_mode = WAL',
  'PRAGMA synchronous = FULL',
  'CREATE TABLE rows (id TEXT PRIMARY KEY, doc TEXT, state TEXT)',
])
  await database.exec(sql)
const insert = await database.prepare('INSERT INTO rows VALUES (?, ?, ?)')
const move = await database.prepare('UPDATE rows SET state = ? WHERE id = ?')

function writeOf(number) {
  const request = requestOf(number)
  // What a request is, 1.5 KB, is written once; how it stands is written at every move.
  const doc = JSON.stringify(request).slice(0, 1_500)
  const state = ' '.repeat(1_000)
  const event = JSON.stringify({ ...sampleEvent(request.id, 1), more: ' '.repeat(430) })
  return () => {
    insert.run([request.id, doc, state.slice(0, 400)])
    for (let left = MOVES; left > 0; left -= 1) move.run([state, request.id])
    for (let seq = 1; seq <= EVENTS; seq += 1) insert.run([`${request.id}/${seq}`, event, null])
    for (let one = 1; one <= DELIVERIES; one += 1)
      insert.run([`${request.id}-${one}`, event.slice(0, 300), null])
  }
}

async function commit(from) {
  const writes = Array.from({ length: CALLS_A_COMMIT }, (_, index) => writeOf(from + index))
  const before = performance.now()
  await database.exec('BEGIN IMMEDIATE')
  for (const write of writes) write()
  await database.exec('COMMIT')
  return performance.now() - before
}

let ms = 0
const commits = Math.ceil(calls / CALLS_A_COMMIT)
for (let made = 0; made < commits; made += 1) ms += await commit(made * CALLS_A_COMMIT)
database.close()
rmSync(directory, { recursive: true })
report({ calls: commits * CALLS_A_COMMIT, commits, seconds: ms / 1_000 })
