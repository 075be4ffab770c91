import { parseArgs } from 'node:util'
import { type SimulationResult, simulate, simulateMany } from '../src/simulation/simulate'
import { PLANTED } from './bugs'
import { type Finding, findPlanted } from './find'

const HELP = `npm run simulate -- [options]
  --seeds N      run N worlds (1000), from --from N (1) on; stops at the first that breaks a promise
  --keep         goes on after a broken promise
  --seed N       runs one world and tells its story; --full tells every step
  --turns N      how long each world goes on (500)
  --store NAME   what its processes share: serialising, or memory
  --planted      plants each known bug into a build of the engine and looks for it; --bug WORDS takes those alone
  --most N       gives up on a planted bug after N seeds (10000)
  --story        tells the story of the world that found a planted bug`

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    turns: { type: 'string' },
    store: { type: 'string', default: 'serialising' },
    full: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
    bug: { type: 'string', default: '' },
    most: { type: 'string', default: '10000' },
    story: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const options = {
  ...(values.turns === undefined ? {} : { turns: Number(values.turns) }),
  store: values.store === 'memory' ? 'memory' : 'serialising',
} as const
process.exitCode = await run()

async function run(): Promise<number> {
  if (values.help) {
    console.log(HELP)
    return 0
  }
  if (values.planted) return runPlanted()
  return values.seed === undefined ? runMany() : runOne(Number(values.seed))
}

async function runOne(seed: number): Promise<number> {
  const result = await simulate({ seed, ...options, fullStory: values.full })
  console.log(result.story.join('\n'))
  console.log(`trace ${result.trace}`)
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
  const rate = (count: number): string =>
    `${count} (${(count / seconds).toFixed(count < 1_000 ? 1 : 0)} a second)`
  console.log(`${rate(sum.seeds)} worlds in ${seconds.toFixed(1)} s`)
  console.log(
    `${rate(sum.calls)} calls, ${rate(sum.steps)} steps, ${sum.requests} requests, ${sum.effects} executions`,
  )
  console.log(`${failures.length} worlds broke a promise`)
  return failures.length === 0 ? 0 : 1
}

async function runPlanted(): Promise<number> {
  const bugs = PLANTED.filter(({ name }) => name.includes(values.bug))
  const findings: Finding[] = []
  console.log('| planted bug | promise | seeds | seconds |\n| --- | --- | ---: | ---: |')
  for (const bug of bugs) {
    const finding = await findPlanted(bug, Number(values.most))
    findings.push(finding)
    const { seeds, seconds, result } = finding
    const found = result === null ? `not in ${seeds}` : String(seeds)
    console.log(`| ${bug.name} | ${bug.promise} | ${found} | ${seconds.toFixed(1)} |`)
    if (!values.story || result === null) continue
    console.log(result.story.join('\n'))
    tellBreaches(result)
  }
  const missed = findings.filter(({ result }) => result === null).length
  console.log(`\n${findings.length - missed} of ${findings.length} planted bugs were found`)
  return missed === 0 ? 0 : 1
}

function print(result: SimulationResult): void {
  const { seed, story, violations } = result
  tellBreaches(result)
  if (violations.length > 0)
    console.log(`tell it with: npm run simulate -- --seed ${seed} (${story.length} lines)`)
}

function tellBreaches({ seed, violations }: SimulationResult): void {
  console.log(
    violations.length === 0 ? `seed ${seed}: all promises held` : `seed ${seed} BROKE ${violations.length}:`,
  )
  for (const { promise, subject, what } of violations)
    console.log(`  ${promise}: ${what}${subject === null ? '' : ` (${subject})`}`)
}
