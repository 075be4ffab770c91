import { parseArgs } from 'node:util'
import { type SimulationResult, simulate, simulateMany } from './simulate'

/** `npm run simulate -- --seeds 10000 --from 1`, or `--seed 42` to tell the whole story of one. */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    turns: { type: 'string' },
    store: { type: 'string', default: 'serialising' },
    full: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})

const options = {
  ...(values.turns === undefined ? {} : { turns: Number(values.turns) }),
  store: values.store === 'memory' ? 'memory' : 'serialising',
} as const
process.exitCode = values.seed === undefined ? await runMany() : await runOne(Number(values.seed))

async function runOne(seed: number): Promise<number> {
  const result = await simulate({ seed, ...options, fullStory: values.full })
  console.log(result.story.join('\n'))
  print(result)
  return result.violations.length === 0 ? 0 : 1
}

async function runMany(): Promise<number> {
  const from = Number(values.from)
  const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => from + index)
  const began = performance.now()
  const { failures, ...sum } = await simulateMany(seeds, options, (result) => {
    if (result.violations.length === 0) return true
    print(result)
    return values.keep
  })
  const seconds = (performance.now() - began) / 1_000
  const { seeds: ran, steps, effects, requests } = sum
  console.log(
    `${ran} seeds in ${seconds.toFixed(1)} s (${(ran / seconds).toFixed(1)} a second): ${steps} steps, ${requests} requests, ${effects} executions, ${failures.length} failing seeds`,
  )
  return failures.length === 0 ? 0 : 1
}

function print({ seed, violations, story }: SimulationResult): void {
  console.log(
    violations.length === 0 ? `seed ${seed}: all promises held` : `seed ${seed} BROKE ${violations.length}:`,
  )
  for (const { promise, subject, what } of violations)
    console.log(`  ${promise}: ${what}${subject === null ? '' : ` (${subject})`}`)
  if (violations.length > 0)
    console.log(`tell it with: npm run simulate -- --seed ${seed} (${story.length} lines)`)
}
