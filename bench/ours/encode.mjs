// Writing an entry beside JSON.stringify of the same events, in turns; both as bytes, as a log or a socket takes them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeEntry, readLog } from '@gatewright/audit'
import { runInChild } from '../child.mjs'
import { report, told } from '../measure/report.mjs'

const { events, turns } = told()
const parent = mkdtempSync(join(tmpdir(), 'gatewright-bench-'))
const directory = join(parent, 'log')
const all = []
try {
  await runInChild('ours/write-log.mjs', { told: { directory, origin: 'bench.test/log', events } })
  for await (const { event } of readLog(directory)) all.push(event)
} finally {
  rmSync(parent, { recursive: true, force: true })
}

/** µs of the processor an event. */
function cost(write) {
  const before = process.cpuUsage()
  let bytes = 0
  for (const event of all) bytes += write(event).length
  const { user, system } = process.cpuUsage(before)
  if (bytes === 0) throw new Error('nothing was written')
  return (user + system) / all.length
}

const stringify = (event) => Buffer.from(JSON.stringify(event))
for (const warmUp of [stringify, encodeEntry, stringify, encodeEntry]) cost(warmUp)
const pairs = []
for (let turn = 0; turn < turns; turn += 1)
  pairs.push({
    limit: cost(stringify),
    ours: cost(encodeEntry),
    text: cost((event) => JSON.stringify(event)),
  })
report({ pairs, events: all.length })
