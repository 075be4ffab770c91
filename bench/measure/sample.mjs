import { PerformanceObserver, performance } from 'node:perf_hooks'
import { quantile } from './quantile.mjs'

/**
 * What a measured call cost, in microseconds.
 *
 * `median` and `p99` are over all samples of all rounds; `medians` are the rounds'. `mean` is wall time and `cpu` is
 * processor time of the whole process (garbage collection on its other threads included), from a chunk's first call to
 * the end of what the chunk left behind. With `perSample` above 1, a sample is the mean of that many calls.
 *
 * @typedef {{
 *   calls: number, perSample: number, median: number, p99: number, mean: number, cpu: number,
 *   medians: number[], gc: { count: number, ms: number }
 * }} Cost
 */

/** Calls whose arguments are made together, ahead of them, so that making them is in no sample. */
const CHUNK = 512

/**
 * Times calls one after the other, each from just before it is made until its promise has settled.
 *
 * @param {{
 *   make?: (index: number) => unknown, call: (argument: any) => unknown, settle?: () => unknown,
 *   calls: number, warmUp: number, rounds: number, perSample?: number
 * }} plan `make` gets an index that never repeats; `calls` are those of one round; `settle` waits, between chunks, for
 *   what calls leave behind: outside the samples, inside `mean` and `cpu`
 * @returns {Promise<Cost>}
 */
export async function sample({ make = same, call, settle, calls, warmUp, rounds, perSample = 1 }) {
  let next = 0
  const samples = new Float64Array(rounds * Math.floor(calls / perSample))
  const totals = { wall: 0, cpu: 0, calls: 0 }
  let taken = 0

  async function run(count, counts) {
    for (let left = count; left > 0; left -= CHUNK) {
      const chunk = Array.from({ length: Math.min(left, CHUNK) }, () => make(next++))
      const cpuBefore = process.cpuUsage()
      const began = performance.now()
      for (let at = 0; at + perSample <= chunk.length; at += perSample) {
        const before = performance.now()
        for (let within = at; within < at + perSample; within += 1) await call(chunk[within])
        const after = performance.now()
        if (counts) samples[taken++] = ((after - before) * 1_000) / perSample
      }
      await settle?.()
      if (counts) addTotals(totals, began, cpuBefore, chunk.length)
    }
  }

  await run(warmUp, false)
  const gc = watchGarbageCollection()
  const medians = []
  for (let round = 0; round < rounds; round += 1) {
    const first = taken
    await run(calls, true)
    medians.push(quantile(samples.subarray(first, taken), 0.5))
  }
  const measured = samples.subarray(0, taken)
  return {
    calls: taken * perSample,
    perSample,
    median: quantile(measured, 0.5),
    p99: quantile(measured, 0.99),
    mean: (totals.wall * 1_000) / totals.calls,
    cpu: totals.cpu / totals.calls,
    medians,
    gc: await gc.stop(),
  }
}

const same = (index) => index

function addTotals(totals, began, cpuBefore, calls) {
  const { user, system } = process.cpuUsage(cpuBefore)
  totals.wall += performance.now() - began
  totals.cpu += user + system
  totals.calls += calls
}

function watchGarbageCollection() {
  const total = { count: 0, ms: 0 }
  const add = (entries) => {
    for (const { duration } of entries) {
      total.count += 1
      total.ms += duration
    }
  }
  const observer = new PerformanceObserver((list) => add(list.getEntries()))
  observer.observe({ entryTypes: ['gc'] })
  return {
    async stop() {
      await new Promise(setImmediate)
      add(observer.takeRecords())
      observer.disconnect()
      return total
    },
  }
}
