// `npm test`: installs, builds, lints, type-checks and runs every test. What did not change is not run again.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { install, requireNode, say, turbo } from './install.mjs'
import { root } from './workspace.mjs'

const tasks = [
  'build',
  '//#types',
  '//#lint',
  '//#typecheck',
  '//#knip',
  '//#test:unit',
  '//#test:packed',
  '//#size',
]
const reports = ['unit', 'packed'].map((name) => join(root, '.reports', `${name}.json`))

requireNode()
const started = Date.now()
install('all')
mkdirSync(join(root, '.reports'), { recursive: true })
for (const report of reports) rmSync(report, { force: true })
say(`building, linting, type-checking and testing on Node ${process.version} ...`)
const status = turbo([...tasks, '--continue=dependencies-successful', '--concurrency=2'])
const seconds = ((Date.now() - started) / 1000).toFixed(1)
say(status === 0 ? `all of it passed in ${seconds} s` : `FAILED after ${seconds} s, see above`)
console.log(`tests: ${totals()}`)
process.exit(status)

/** The sum of vitest's own reports; a run that left none counts as failed. */
function totals() {
  const sum = { passed: 0, failed: 0, skipped: 0 }
  for (const report of reports) {
    const counted = readReport(report)
    for (const key of Object.keys(sum)) sum[key] += counted[key]
  }
  return `${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}`
}

function readReport(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
}
