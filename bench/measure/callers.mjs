import { performance } from 'node:perf_hooks'

/**
 * What a call costs with so many callers at once, each making its next call when its last one has settled.
 *
 * @param {{ callers: number, calls: number, call: (index: number) => Promise<unknown> }} plan `index` never repeats; a
 *   quarter as many calls go before, as a warm-up
 * @returns {Promise<{ calls: number, seconds: number, cpuMicros: number }>} `cpuMicros`: processor time of this process, each
 */
export async function measureCallers({ callers, calls, call }) {
  let next = 0
  async function run(count) {
    const end = next + count
    const lanes = Array.from({ length: callers }, async () => {
      while (next < end) {
        const index = next
        next += 1
        await call(index)
      }
    })
    await Promise.all(lanes)
  }
  await run(Math.ceil(calls / 4))
  const cpu = process.cpuUsage()
  const before = performance.now()
  await run(calls)
  const seconds = (performance.now() - before) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  return { calls, seconds, cpuMicros: (user + system) / calls }
}
