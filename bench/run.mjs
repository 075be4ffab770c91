// `npm run bench`: installs the peers, builds what is measured, runs every row in a process of its own, prints the table
// and writes it down. Exits with a failure only when something could not run: figures are judged by people.
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { install, pnpm, requireNode, say, turbo } from '../scripts/install.mjs'
import { runInChild } from './child.mjs'
import { rows } from './rows.mjs'
import { describeResults } from './table.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    row: { type: 'string', multiple: true, default: [] },
    'no-peers': { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
})

requireNode()
const chosen = rows.filter(isChosen)
if (chosen.length === 0)
  stop(
    `no row has "${options.row.join('" or "')}" in its name. Rows:\n  ${rows.map(({ name }) => name).join('\n  ')}`,
  )
if (!options['no-build']) build()
if (chosen.some(({ group, needsPeers }) => group === 'peers' || needsPeers)) installPeers()

const started = new Date()
const loadBefore = loadavg()[0]
const results = []
const failures = []
const seen = new Map()
for (const row of chosen) {
  try {
    const figure = await measure(row)
    results.push({ row, figure })
    say(`${row.name}: ${figure.value.toFixed(2)} (${figure.note})`)
  } catch (error) {
    failures.push({ row: row.name, error: error.message })
    say(`${row.name} could not run: ${error.message}`)
  }
}

const machine = describeMachine()
const text = `${machine.line}\n\n${describeResults(results)}\n`
console.log(`\n${text}`)
writeResults()
if (failures.length > 0) stop(`${failures.length} of ${chosen.length} rows could not run`)

function isChosen({ name, group, needsPeers }) {
  if (options['no-peers'] && (group === 'peers' || needsPeers)) return false
  return options.row.length === 0 || options.row.some((part) => name.includes(part))
}

function build() {
  install('all')
  const adapters = ['ai-sdk', 'anthropic', 'langchain', 'mcp', 'openai']
  const names = ['core', 'audit', 'server', 'testing', 'store-sqlite', 'store-postgres', ...adapters]
  const built = names.map((name) => `--filter=@gatewright/${name}`)
  if (turbo(['build', ...built], { quiet: true }) !== 0) stop('the build failed')
}

function installPeers() {
  say('installing the peers into bench/peers ...')
  const folder = join(here, 'peers')
  const args = [
    '--dir',
    folder,
    'install',
    // Two peers ask for Node 22 and run on 20; the root's own strictness would come in through npm's environment.
    '--config.engine-strict=false',
    '--frozen-lockfile',
    '--prefer-offline',
    '--reporter=append-only',
    '--loglevel=error',
  ]
  if (pnpm(args, { quiet: true }) !== 0) stop('the peers could not be installed; --no-peers leaves them out')
}

/** Rows that read the same script with the same words share one run of it. */
async function measure({ script, told, quick, node, processes = 1, read }) {
  const words = options.quick ? { ...told, ...quick } : told
  const key = JSON.stringify([script, words])
  if (!seen.has(key)) {
    const found = []
    for (let left = options.quick ? 1 : processes; left > 0; left -= 1) {
      found.push(await runInChild(script, { told: words, ...(node === undefined ? {} : { node }) }))
    }
    seen.set(key, found)
  }
  const figures = seen
    .get(key)
    .map(read)
    .sort((one, other) => one.value - other.value)
  const { ...middle } = figures[figures.length >> 1]
  return { ...middle, all: figures.map(({ value }) => value) }
}

function describeMachine() {
  const [{ model } = { model: 'unknown' }] = cpus()
  const load = Math.max(loadBefore, loadavg()[0])
  const about = {
    date: started.toISOString(),
    node: process.version,
    cpu: model.trim(),
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    load,
    quick: options.quick,
  }
  const busy = load > about.cores * 0.75 ? ' (BUSY: figures are worse than the code)' : ''
  const length = options.quick ? ', a short run' : ''
  return {
    ...about,
    line: `${about.date.slice(0, 10)}, Node ${about.node}, ${about.cores} x ${about.cpu}, ${about.memoryGb} GB, load ${load.toFixed(1)}${busy}${length}`,
  }
}

function writeResults() {
  const folder = join(here, 'results')
  mkdirSync(folder, { recursive: true })
  const { line: _, ...about } = machine
  const written = results.map(({ row: { name, group, kind, bound }, figure }) => ({
    name,
    group,
    kind,
    bound,
    ...figure,
  }))
  writeFileSync(
    join(folder, 'latest.json'),
    `${JSON.stringify({ ...about, rows: written, failures }, null, 2)}\n`,
  )
  writeFileSync(join(folder, 'latest.md'), text)
  say('written to bench/results/latest.json and latest.md')
}

function stop(why) {
  console.error(`gatewright: ${why}`)
  process.exit(1)
}
