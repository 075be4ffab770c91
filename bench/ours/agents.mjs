// What an adapter adds to a tool call of its framework: without a gate, allowed by policy, approved by an approver of this
// process, and under the framework's own approval where it has one. In turns, so that all meet the same machine.
import { setImmediate as turn } from 'node:timers/promises'
import { argumentsOf } from '../measure/arguments.mjs'
import { median } from '../measure/quantile.mjs'
import { report, told } from '../measure/report.mjs'

const { what, calls, rounds, warmUp } = told()
const make = argumentsOf(100)
const { create } = await import(`./agents/${what}.mjs`)
const { ran, ...ways } = await create()
let next = 0

/** Microseconds of one call, by the clock (the median) and of the processor in this program's own code (the mean). */
async function round(call, count) {
  // The scripted models never wait, and timers of the gate would not run for as long as the row does.
  await turn()
  const before = ran()
  const cpu = process.cpuUsage()
  const samples = []
  for (let made = 0; made < count; made += 1) {
    const args = make(next++)
    const began = performance.now()
    await call(args, next)
    samples.push((performance.now() - began) * 1_000)
  }
  const { user } = process.cpuUsage(cpu)
  if (ran() - before !== count) throw new Error(`${what}: the tool ran ${ran() - before} times of ${count}`)
  return { micros: median(samples), cpu: user / count }
}

for (const call of Object.values(ways)) await round(call, warmUp)
const found = Object.fromEntries(Object.keys(ways).map((way) => [way, []]))
for (let left = rounds; left > 0; left -= 1)
  for (const [way, call] of Object.entries(ways)) found[way].push(await round(call, calls))

const figures = Object.fromEntries(
  Object.entries(found).map(([way, its]) => [
    way,
    {
      micros: median(its.map(({ micros }) => micros)),
      cpu: median(its.map(({ cpu }) => cpu)),
      added: median(its.map(({ micros }, at) => micros - found.ungated[at].micros)),
      addedCpu: median(its.map(({ cpu }, at) => cpu - found.ungated[at].cpu)),
    },
  ]),
)
report({ figures, calls: calls * rounds })
