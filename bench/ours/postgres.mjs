// The PostgreSQL store on a server whose commits are synced: whole cycles under concurrency, how soon another process
// hears of a move, and what finding costs as the store grows.
import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { createGate, group, memoryAudit } from '@gatewright/core'
import { postgresStore } from '@gatewright/store-postgres'
import { mockApprover, sampleEvent } from '@gatewright/testing'
import { measureCallers } from '../measure/callers.mjs'
import { startPostgres } from '../measure/postgres-server.mjs'
import { median, quantile } from '../measure/quantile.mjs'
import { report, told } from '../measure/report.mjs'
import { benchRequest, fillRequests } from './postgres-rows.mjs'

const options = told()
const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }
const server = await startPostgres()
const { connectionString } = server
const measured = { cycles, wake, growth }
const findings = await measured[options.what](options).finally(() => server.stop())
report(findings)

/** Calls that are asked for, approved, run and recorded, so many at once. */
async function cycles({ calls, callers }) {
  const store = postgresStore({ connectionString })
  await store.ready()
  const gate = createGate({
    agent: { id: 'bench', owner: null },
    approvers: [mockApprover({ otherwise: 'approve', record: false })],
    store,
    audit: memoryAudit(),
    logger: quiet,
    rateLimit: false,
    reviewers: group('ops'),
  })
  const gated = gate.requireApproval(async ({ id }) => id, { action: 'held.export' })
  const cost = await measureCallers({ callers, calls, call: (id) => gated({ id }) })
  await gate.close()
  await store.close()
  return cost
}

/** From the moment a move was acknowledged in one store until another store's listener heard of it. */
async function wake({ moves }) {
  const writer = postgresStore({ connectionString })
  const reader = postgresStore({ connectionString })
  await Promise.all([writer.ready(), reader.ready()])
  const waiting = new Map()
  reader.changes((ids) => {
    for (const id of ids) waiting.get(id)?.()
  }, new AbortController().signal)
  const latencies = []
  for (let move = 0; move < moves; move += 1) {
    const request = benchRequest(randomUUID(), writer.now())
    const events = [sampleEvent(request.id, 1)]
    const heard = new Promise((resolve) => waiting.set(request.id, resolve))
    const started = performance.now()
    await writer.create(request, events)
    await heard
    waiting.delete(request.id)
    latencies.push(performance.now() - started)
  }
  await Promise.all([writer.close(), reader.close()])
  // The first ones wait for the connection that listens.
  const own = latencies.slice(Math.ceil(moves / 10))
  return { moves, median: median(own), p99: quantile(own, 0.99) }
}

/** What finding costs with so many requests. */
async function growth({ sizes, samples }) {
  const store = postgresStore({ connectionString })
  await store.ready()
  const found = []
  let held = 0
  for (const size of sizes) {
    await fillRequests(connectionString, held, size)
    held = size
    const costs = {}
    for (const [name, ask] of Object.entries(asked(store, size))) {
      const taken = []
      for (let sample = 0; sample < samples; sample += 1) {
        const started = performance.now()
        await ask(sample)
        taken.push(performance.now() - started)
      }
      costs[name] = { median: median(taken), p99: quantile(taken, 0.99) }
    }
    found.push({ size, costs })
  }
  await store.close()
  return { found }
}

/** Each way to find requests. */
function asked(store, size) {
  const any = (sample) => (sample * 7_919) % size
  return {
    get: (sample) => store.get(`r-${any(sample)}`),
    getByKey: (sample) => store.getByKey(`key-${any(sample)}`),
    list: () => store.list({}, { limit: 20 }),
    'list pending': () => store.list({ status: 'pending' }, { limit: 20 }),
    'list of an action': (sample) => store.list({ action: `data.action-${sample % 50}` }, { limit: 20 }),
    'list of a kind': (sample) =>
      store.list({ action: `data.action-${sample % 50}`, argumentShape: 'shape-1' }, { limit: 20 }),
    'list of a requester': (sample) => store.list({ requesterId: `bot-${sample % 100}` }, { limit: 20 }),
    'list of a run': (sample) => store.list({ runId: `run-${any(sample) >> 3}` }, { limit: 20 }),
    similar: (sample) => store.similar(`data.action-${sample % 50}`, 'shape-1', 5),
    due: () => store.due(20),
    unpublished: () => store.outbox.unpublished({ logId: 'log', limit: 20 }),
    'unpublished of one': (sample) =>
      store.outbox.unpublished({ logId: 'log', subject: `r-${any(sample)}`, limit: 20 }),
  }
}
