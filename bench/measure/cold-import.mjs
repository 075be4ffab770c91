// What importing a package costs a program that starts: whole processes, an empty one and one that imports, in turns.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { median } from './quantile.mjs'
import { report, told } from './report.mjs'

const bench = dirname(dirname(fileURLToPath(import.meta.url)))
const { specifier, from, runs } = told()
const cwd = join(bench, from)

/** Says at its end how much processor time the process took: unlike the clock, it does not count what others do meanwhile. */
const TELL = "process.on('exit', () => console.log(JSON.stringify(process.cpuUsage())))"

function start(program) {
  const began = performance.now()
  const args = ['--input-type=module', '-e', `${program}\n${TELL}`]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`a process that runs ${program} ended with ${status}: ${stderr}`)
  const wall = performance.now() - began
  const { user, system } = JSON.parse(stdout)
  return { wall, cpu: (user + system) / 1_000 }
}

const programs = { bare: '', importing: `import '${specifier}'` }
const times = { bare: [], importing: [] }
// The first two bring the files into the operating system's cache.
for (const program of Object.values(programs)) start(program)
for (let run = 0; run < runs; run += 1) {
  for (const [name, program] of Object.entries(programs)) times[name].push(start(program))
}
const medianOf = (name, what) => median(times[name].map((one) => one[what]))
report({
  runs,
  ms: medianOf('importing', 'cpu') - medianOf('bare', 'cpu'),
  wallMs: medianOf('importing', 'wall') - medianOf('bare', 'wall'),
  bareMs: medianOf('bare', 'cpu'),
})
