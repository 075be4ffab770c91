import { type MemoryAudit, memoryAudit } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { type BrokenSink, brokenSinks, rightSinkHarness } from './broken-sinks'
import { describeAuditSink } from './sink'
import { sinkCases } from './sink-cases'
import { canTrySink, runSinkCase, type SinkCase } from './sink-harness'

describeAuditSink('a right one', rightSinkHarness())
describeAuditSink('the memory log', {
  create: () => memoryAudit(),
  read: (sink) => (sink as MemoryAudit).events,
})

/** The cases that should notice a flaw. */
function casesFor({ caughtBy, harness }: BrokenSink): readonly SinkCase[] {
  return sinkCases.filter((one) => caughtBy.test(one.name) && canTrySink(one, harness()))
}

describe('the suite for sinks notices that', () => {
  test.each(brokenSinks)('$flaw', async (broken) => {
    const cases = casesFor(broken)
    expect(cases).not.toEqual([])
    const missed: string[] = []
    for (const one of cases) {
      await runSinkCase(one, broken.harness()).then(
        () => missed.push(one.name),
        () => {},
      )
    }
    expect(missed).toEqual([])
  })

  test('something is wrong, in each of its cases', () => {
    const used = new Set(brokenSinks.flatMap(casesFor))
    expect(sinkCases.filter((one) => !used.has(one)).map(({ name }) => name)).toEqual([])
  })
})

test('cases that cannot be tried are left out by what is missing', () => {
  const tried = sinkCases.filter((one) => canTrySink(one, { create: () => memoryAudit() }))
  expect(new Set(sinkCases.filter((one) => !tried.includes(one)).map(({ needs }) => needs))).toEqual(
    new Set(['read', 'reopen', 'lose']),
  )
})
