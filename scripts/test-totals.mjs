// A vitest reporter: leaves the number of tests that passed, failed and were skipped for `npm test` to add up.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

export default class TestTotals {
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.GATEWRIGHT_TOTALS
    if (!file) return
    const totals = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      if (module.state() === 'failed' && module.errors().length > 0) totals.failed += 1
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed' || state === 'failed') totals[state] += 1
        else totals.skipped += 1
      }
    }
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(totals))
  }
}
