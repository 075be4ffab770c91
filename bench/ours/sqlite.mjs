// The SQLite store: beside what it cannot be faster than (a synced commit of the same bytes, in turns in one process), under
// 256 callers at once, and with more and more requests in the file.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileAudit } from '@gatewright/audit'
import { createGate, group, memoryAudit } from '@gatewright/core'
import { sqliteStore } from '@gatewright/store-sqlite'
import { mockApprover, sampleEvent, sampleMove } from '@gatewright/testing'
import Database from 'libsql/promise'
import { argumentsOf } from '../measure/arguments.mjs'
import { measureCallers } from '../measure/callers.mjs'
import { median } from '../measure/quantile.mjs'
import { report, told } from '../measure/report.mjs'
import { work } from './gate.mjs'
import { digest, requestOf } from './sqlite-rows.mjs'

const { what, ...plan } = told()
const directory = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }
let made = 0

/** What a synced commit of a request and its event costs without anything of ours, beside `create` and `transition`. */
async function commits({ turns, each }) {
  const raw = new Database(join(directory, 'raw.db'), {})
  for (const sql of [
    'PRAGMA journal_mode = WAL',
    'PRAGMA synchronous = FULL',
    'CREATE TABLE rows (id TEXT PRIMARY KEY, doc TEXT)',
    'CREATE TABLE events (id TEXT PRIMARY KEY, doc TEXT)',
  ])
    await raw.exec(sql)
  const insert = await raw.prepare('INSERT INTO rows VALUES (?, ?)')
  const insertEvent = await raw.prepare('INSERT INTO events VALUES (?, ?)')
  const store = sqliteStore({ file: join(directory, 'ours.db') })
  await store.opened
  const timed = async (call) => {
    const all = []
    for (let left = each; left > 0; left -= 1) {
      made += 1
      const request = requestOf(made)
      const before = performance.now()
      await call(request)
      all.push((performance.now() - before) * 1_000)
    }
    return median(all)
  }
  const rows = []
  for (let turn = 0; turn < turns; turn += 1) {
    const kept = []
    rows.push({
      limit: await timed(async (request) => {
        await raw.exec('BEGIN IMMEDIATE')
        insert.run([request.id, JSON.stringify(request)])
        insertEvent.run([`${request.id}/1`, JSON.stringify(sampleEvent(request.id, 1))])
        await raw.exec('COMMIT')
      }),
      create: await timed(async (request) => {
        kept.push(request)
        await store.create(request, [sampleEvent(request.id, 1)])
      }),
      transition: await timed(() => store.transition(sampleMove(kept.pop(), { reminders: 1 }))),
    })
  }
  await store.close()
  raw.close()
  return { rows, each }
}

/** Full cycles, from the call to its outcome, with so many callers at once; the log in memory, or signed in files. */
async function cycles({ callers, calls, log }) {
  const store = sqliteStore({ file: join(directory, 'cycles.db') })
  const audit = log === 'file' ? fileAudit({ directory: join(directory, 'log') }) : memoryAudit()
  await Promise.all([store.opened, audit.opened])
  const gate = createGate({
    agent: { id: 'bench', owner: null },
    approvers: [mockApprover({ otherwise: 'approve', record: false })],
    audit,
    store,
    secrets: ['0123456789abcdef0123456789abcdef'],
    logger: quiet,
    rateLimit: false,
    reviewers: group('ops'),
  })
  const gated = gate.requireApproval(work, { action: 'held.export' })
  const make = argumentsOf(100)
  const cost = await measureCallers({ callers, calls, call: (index) => gated(make(index)) })
  await gate.close()
  await store.close()
  await audit.close()
  return cost
}

/** ms of each query, with so many requests in the file. */
async function growth({ sizes, asks }) {
  const store = sqliteStore({ file: join(directory, 'growth.db'), synchronous: 'normal' })
  await store.opened
  const rows = []
  let count = 0
  for (const size of sizes) {
    while (count < size) {
      const batch = Array.from({ length: Math.min(1_000, size - count) }, (_, offset) => count + offset + 1)
      await Promise.all(batch.map((number) => fill(store, number)))
      count += batch.length
    }
    rows.push({ size, ...(await askAll(store, size, asks)) })
  }
  await store.close()
  return { rows }
}

async function fill(store, number) {
  // Most have ended, as in a store that is some years old.
  const open = number % 50 === 0
  const request = requestOf(number, open ? {} : { approvedAt: 1, status: 'approved', dueAt: null })
  await store.create(request, [sampleEvent(request.id, 1)])
  if (!open) await store.transition(sampleMove(request, { status: 'succeeded' }))
  await store.outbox.published('bench', [`${request.id}/1`, `${request.id}/2`])
}

async function askAll(store, size, asks) {
  const some = () => 1 + Math.floor(Math.random() * size)
  const queries = {
    get: () => store.get(requestOf(some()).id),
    getByKey: () => store.getByKey(digest(some())),
    list: () => store.list({}, { limit: 20 }),
    'list status': () => store.list({ status: 'pending' }, { limit: 20 }),
    'list action': () => store.list({ action: `data.export-${some() % 20}` }, { limit: 20 }),
    'list shape': () =>
      store.list(
        {
          action: requestOf(some()).action,
          argumentShape: requestOf(some()).argumentShape,
          status: ['succeeded', 'rejected'],
        },
        { limit: 20 },
      ),
    'list requester': () =>
      store.list({ requesterId: `agent-${some() % 50}`, status: 'succeeded' }, { limit: 20 }),
    'list run': () => store.list({ runId: `run-${some() % 10_000}` }, { limit: 20 }),
    'list time': () => store.list({ createdBefore: 1_790_000_000_000 + some() }, { limit: 20 }),
    similar: () => store.similar(requestOf(some()).action, requestOf(some()).argumentShape, 5),
    due: () => store.due(20),
    unpublished: () => store.outbox.unpublished({ logId: 'bench', limit: 256 }),
  }
  const found = {}
  for (const [name, query] of Object.entries(queries)) {
    const all = []
    for (let ask = 0; ask < asks; ask += 1) {
      const before = performance.now()
      await query()
      all.push(performance.now() - before)
    }
    all.sort((one, other) => one - other)
    found[name] = { median: median(all), p99: all[Math.floor(all.length * 0.99)] }
  }
  return found
}

const measured = await { commits, cycles, growth }[what](plan)
rmSync(directory, { recursive: true })
report(measured)
