import { describe, it } from 'vitest'
import { sinkCases } from './sink-cases'
import { canTrySink, runSinkCase, type SinkHarness } from './sink-harness'

/**
 * Tests an audit sink against its contract, with a fresh one for each case. Cases that the harness cannot try, for want
 * of a way to read the log, to restart it or to break it, are reported as skipped.
 */
export function describeAuditSink(name: string, harness: SinkHarness): void {
  describe(`${name} is an audit sink`, () => {
    for (const one of sinkCases) {
      if (canTrySink(one, harness)) it(one.name, () => runSinkCase(one, harness))
      else it.skip(`${one.name} (no ${one.needs})`)
    }
  })
}
