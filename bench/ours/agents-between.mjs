// Why a gated call takes more within a framework's run than in a loop that does nothing else: `what` (an adapter's row) called
// alone, and with one call of another row before each of its own, which is not timed. Nothing else differs.
import { argumentsOf } from '../measure/arguments.mjs'
import { median } from '../measure/quantile.mjs'
import { report, told } from '../measure/report.mjs'

const WARM_UP = 1_500
const ROUNDS = 10

const { what = 'own-loop', way = 'allowed', between = 'openai-agents', betweenWay = 'ungated' } = told()
const calls = 80
const make = argumentsOf(100)
const call = await wayOf(what, way)
const other = await wayOf(between, betweenWay)
let next = 0

async function wayOf(row, which) {
  const { create } = await import(`./agents/${row}.mjs`)
  return (await create())[which]
}

/** The median of a call, in microseconds. */
async function round(before) {
  const samples = []
  for (let made = 0; made < calls; made += 1) {
    await before(make(next++), next)
    const args = make(next++)
    const began = performance.now()
    await call(args, next)
    samples.push((performance.now() - began) * 1_000)
  }
  return median(samples)
}

for (let made = 0; made < WARM_UP; made += calls) {
  await round(other)
  await round(async () => {})
}
const found = { alone: [], after: [] }
for (let left = ROUNDS; left > 0; left -= 1) {
  found.alone.push(await round(async () => {}))
  found.after.push(await round(other))
}
report({ what, way, between, betweenWay, alone: median(found.alone), after: median(found.after) })
