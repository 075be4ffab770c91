// Calls that wait: their callers hold promises, and nobody has answered yet. Then all are approved and finish.
import { performance } from 'node:perf_hooks'
import { argumentsOf, bytesOf } from '../measure/arguments.mjs'
import { reachableBytes } from '../measure/heap.mjs'
import { report, told } from '../measure/report.mjs'
import { benchGate, work } from './gate.mjs'
import { votingApprover } from './voting-approver.mjs'

const { count } = told()
const WARM_UP = Math.min(2_000, count)
const make = argumentsOf(100)
const approver = votingApprover(count)
const gated = benchGate([approver]).requireApproval(work, { action: 'held.export' })

async function hold(from, to) {
  const held = []
  for (let index = from; index < to; index += 1) held.push(gated(make(index)))
  while (approver.shown < held.length) await new Promise(setImmediate)
  // What follows a delivery (its row, its event) is written after the approver has answered.
  for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate)
  return held
}

async function finish(held) {
  const counted = await approver.approveAll()
  if (counted !== held.length) throw new Error(`${held.length} calls waited and ${counted} votes counted`)
  await Promise.all(held)
}

// So that compiled code and caches do not count as requests' memory.
await finish(await hold(0, WARM_UP))

const empty = await reachableBytes()
const asking = performance.now()
const held = await hold(10_000_000, 10_000_000 + count)
const asked = performance.now()
const full = await reachableBytes()
const approving = performance.now()
await finish(held)
const finished = performance.now()
report({
  count,
  bytesEach: (full - empty) / count,
  argumentBytes: bytesOf(make(1)),
  askSeconds: (asked - asking) / 1_000,
  finishSeconds: (finished - approving) / 1_000,
})
