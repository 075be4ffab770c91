import { describe, expect, test } from 'vitest'
import { approverCases, describeApprover } from './approver'
import { type ApproverHarness, runApproverCase } from './approver-harness'
import { brokenApprovers } from './broken-approvers'
import { chatHarness } from './chat-seat'

describeApprover('a right one', chatHarness())

/** The names of the cases that notice something. */
async function caught(harness: ApproverHarness): Promise<readonly string[]> {
  const names: string[] = []
  for (const one of approverCases) {
    await runApproverCase(one, harness).catch(() => names.push(one.name))
  }
  return names
}

describe('the suite notices that', () => {
  test.each(brokenApprovers)('$flaw', async ({ make, caughtBy }) => {
    const names = await caught(chatHarness(make))
    expect(names.join('\n')).toMatch(caughtBy)
    expect(names.length).toBeLessThan(approverCases.length)
  })

  test('every flaw, and each case notices at least one of them', async () => {
    const noticed = new Set<string>()
    for (const { make } of brokenApprovers)
      for (const name of await caught(chatHarness(make))) noticed.add(name)
    expect(approverCases.map(({ name }) => name).filter((name) => !noticed.has(name))).toEqual([])
  })
})
