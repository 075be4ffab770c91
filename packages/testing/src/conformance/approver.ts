import { describe, it } from 'vitest'
import { answeredCases } from './approver-cases-answered'
import { decidedCases } from './approver-cases-decided'
import { deliveredCases } from './approver-cases-delivered'
import { shownCases } from './approver-cases-shown'
import { type ApproverCase, type ApproverHarness, runApproverCase } from './approver-harness'

/** Everything that an approver must do, as named cases. */
export const approverCases: readonly ApproverCase[] = [
  ...shownCases,
  ...decidedCases,
  ...answeredCases,
  ...deliveredCases,
]

/**
 * Tests an approver against its contract, with a fresh one for each case: what people see, what their decisions become,
 * what they are told, and how messages are sent. Cases that the channel's `capabilities` rule out are reported as skipped.
 */
export function describeApprover(name: string, harness: ApproverHarness): void {
  describe(`${name} is an approver`, () => {
    for (const one of approverCases) {
      if (one.needs !== undefined && harness.capabilities?.[one.needs] === false)
        it.skip(`${one.name} (no ${one.needs})`)
      else it(one.name, () => runApproverCase(one, harness))
    }
  })
}
