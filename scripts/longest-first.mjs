// Vitest's order of test files: the few that take a minute begin first, so that no worker ends with one while the other idles.
import { BaseSequencer } from 'vitest/node'

const longest = [
  'packages/testing/src/simulation/simulation.test.ts',
  'tests/stores/processes.test.ts',
  'tests/docs/code-blocks.test.ts',
  'packages/audit/src/journal/recover.test.ts',
  'packages/approvers/console/src/console-approver.pty.test.ts',
  'packages/core/src/engine/retention.test.ts',
]

export default class LongestFirst extends BaseSequencer {
  async sort(files) {
    const sorted = await super.sort(files)
    const begun = longest.flatMap((name) => sorted.filter((file) => file.moduleId.endsWith(`/${name}`)))
    return [...begun, ...sorted.filter((file) => !begun.includes(file))]
  }
}
