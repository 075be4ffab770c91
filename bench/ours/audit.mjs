// The durable log beside what it cannot be faster than: a bare append with its sync, and a logger that syncs nothing. Both
// take turns in one process, since disks change their mind from one second to the next.
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileAudit } from '@gatewright/audit'
import { median } from '../measure/quantile.mjs'
import { report, told } from '../measure/report.mjs'

const { what, turns, events } = told()
const waiting = 256
const directory = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
let made = 0

/** The start of an allowed call, as the engine records it: about 800 bytes. */
function nextEvent() {
  made += 1
  const subject = `01J${String(made).padStart(23, '0')}`
  return {
    data: {
      action: 'refund.create',
      arguments: [
        ['/amount', `${made}`],
        ['/customer', `customer-${made % 1_000}`],
        ['/reason', 'damaged on arrival'],
      ],
      argumentsDigest: 'a'.repeat(64),
      basis: 'policy',
      context: null,
      intent: 'refund a damaged article',
      onBehalfOf: null,
      origin: null,
      policyHash: 'b'.repeat(64),
      processId: '01J00000000000000000000000',
      requester: { id: 'bench', name: 'bench', owner: null },
      risk: { failed: [], level: 'low', reasons: [], score: 0 },
      rules: [{ effect: 'allow', failed: false, id: 'small refunds', reason: null, version: null }],
    },
    id: `${subject}/1`,
    previous: null,
    seq: 1,
    source: 'bench',
    subject,
    time: 1_790_000_000_000 + made,
    type: 'execution.started',
  }
}

/** µs of each call, one after the other. */
async function oneByOne(call) {
  const all = []
  for (let left = events; left > 0; left -= 1) {
    const event = nextEvent()
    const before = performance.now()
    await call(event)
    all.push((performance.now() - before) * 1_000)
  }
  return median(all)
}

async function rawAppend() {
  const file = await open(join(directory, `raw-${made}`), 'a', 0o600)
  const micros = await oneByOne(async (event) => {
    const bytes = Buffer.from(`${JSON.stringify(event)}\n`)
    await file.write(bytes, 0, bytes.length, null)
    await file.datasync()
  })
  await file.close()
  return micros
}

async function ourAppend() {
  const log = fileAudit({ directory: join(directory, `log-${made}`) })
  await log.opened
  const micros = await oneByOne((event) => log.append([event]))
  await log.close()
  return micros
}

/** µs an event, with 256 that wait at any time. */
async function ourMany() {
  const log = fileAudit({ directory: join(directory, `log-${made}`) })
  await log.opened
  const all = Array.from({ length: events }, nextEvent)
  const before = performance.now()
  let next = 0
  const lanes = Array.from({ length: waiting }, async () => {
    while (next < all.length) {
      const event = all[next]
      next += 1
      await log.append([event])
    }
  })
  await Promise.all(lanes)
  const micros = ((performance.now() - before) * 1_000) / events
  await log.close()
  return micros
}

/** µs an event until pino has handed all of them to the system; it syncs none. */
async function pinoMany() {
  const pino = createRequire(new URL('../peers/package.json', import.meta.url))('pino')
  const destination = pino.destination({
    dest: join(directory, `pino-${made}`),
    minLength: 4_096,
    sync: false,
  })
  await new Promise((resolve) => destination.once('ready', resolve))
  const logger = pino(destination)
  const all = Array.from({ length: events }, nextEvent)
  const before = performance.now()
  for (let at = 0; at < all.length; at += 1) {
    logger.info(all[at])
    // As a program that also does something else: what is buffered can go out.
    if (at % waiting === 0) await new Promise(setImmediate)
  }
  await new Promise((resolve, reject) => destination.flush((error) => (error ? reject(error) : resolve())))
  const micros = ((performance.now() - before) * 1_000) / events
  destination.end()
  return micros
}

const [limit, ours] = what === 'one' ? [rawAppend, ourAppend] : [pinoMany, ourMany]
await limit()
await ours()
const pairs = []
for (let turn = 0; turn < turns; turn += 1) pairs.push({ limit: await limit(), ours: await ours() })
rmSync(directory, { recursive: true })
report({ pairs, events })
