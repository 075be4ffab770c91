// How long a gate takes to start over a file in which many requests wait, whose process was killed; and what it holds then.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createGate, group, memoryAudit, person } from '@gatewright/core'
import { sqliteStore } from '@gatewright/store-sqlite'
import { argumentsOf } from '../measure/arguments.mjs'
import { report, told } from '../measure/report.mjs'
import { work } from './gate.mjs'

const BATCH = 1_000
const reviewer = person('bench', 'reviewer', { groups: ['ops'] })
const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }

/** A channel whose messages last, as a chat's do. */
function channel() {
  const updated = []
  let posted = 0
  return {
    name: 'channel',
    updated,
    get posted() {
      return posted
    },
    async deliver() {
      posted += 1
      return { reference: `message ${posted}` }
    },
    async update({ requestId, progress }) {
      updated.push(`${requestId} ${progress.status}`)
    },
  }
}

function gateOver(store, approver) {
  return createGate({
    agent: { id: 'bench', owner: null },
    approvers: [approver],
    audit: memoryAudit(),
    store,
    secrets: ['0123456789abcdef0123456789abcdef'],
    logger: quiet,
    rateLimit: false,
    reviewers: group('ops'),
  })
}

/** One request as the engine makes it, and as many like it as are asked for. Then the process is gone. */
async function fill({ file, count }) {
  const store = sqliteStore({ file, synchronous: 'normal' })
  const approver = channel()
  const gate = gateOver(store, approver)
  gate
    .requireApproval(work, { action: 'held.export' })(argumentsOf(100)(1))
    .catch(() => {})
  while (approver.posted === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  const [model] = (await store.list({}, { limit: 1 })).requests
  let [row] = await store.deliveries.of(model.id)
  while (row.status !== 'delivered') {
    await new Promise((resolve) => setTimeout(resolve, 5))
    ;[row] = await store.deliveries.of(model.id)
  }
  const copy = async (number) => {
    const id = `${model.id.slice(0, 10)}${String(number).padStart(16, '0')}`
    const hash = number.toString(16).padStart(64, '0')
    const event = {
      id: `${id}/1`,
      type: 'request.created',
      subject: id,
      data: { requestId: id },
      previous: null,
      seq: 1,
      source: 'bench',
      time: model.createdAt,
    }
    await store.create({ ...model, id, key: hash, version: 1, lastEvent: { seq: 1, hash } }, [event])
    await store.deliveries.put({ ...row, id: `${id}-d`, requestId: id, shownVersion: 1 })
    await store.outbox.published('bench', [event.id])
  }
  for (let from = 1; from < count; from += BATCH)
    await Promise.all(Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => copy(from + index)))
  await store.leases.release(model.processId)
  await store.close()
}

/** Seconds until it watches all of them, and what it shows that it does. */
async function restart({ count }) {
  const directory = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
  const file = join(directory, 'requests.db')
  const filled = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), JSON.stringify({ what: 'fill', file, count })],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  if (filled.status !== 0) throw new Error(`filling the file ended with ${filled.status}`)
  const store = sqliteStore({ file })
  const approver = channel()
  const gate = gateOver(store, approver)
  const before = performance.now()
  await gate.start()
  const seconds = (performance.now() - before) / 1_000
  const { rss } = process.memoryUsage()
  const peak = process.resourceUsage().maxRSS * 1_024
  const { requests } = await store.list({}, { limit: 1 })
  const [{ id }] = requests
  await gate.cancel(id, { by: reviewer, reason: 'enough' })
  while (approver.updated.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  if (approver.updated[0] !== `${id} cancelled` || approver.posted !== 0)
    throw new Error(`it does not watch: ${approver.updated}, ${approver.posted} sent anew`)
  rmSync(directory, { recursive: true })
  return { count, seconds, rss, peak }
}

const { what, ...plan } = told()
if (what === 'fill') {
  await fill(plan)
  process.exit(0)
}
report(await restart(plan))
