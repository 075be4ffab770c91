import { gateToolCalls } from '@gatewright/core/agents'
import type { McpOptions } from '@gatewright/mcp'
import type { Config } from '../config'
import { checkReviewers } from '../mcp'
import { type DoctorFindings, reasonOf } from './findings'

/** What `gatewright mcp` takes beside the options of all adapters, over standard streams or HTTP. */
const MORE = ['beatEvery', 'cwd', 'env', 'grace', 'hosts', 'maxBytes', 'resumeWithin', 'reviewers']

/** Looks at the export `mcp`, where a config has one: with a misspelt option `gatewright mcp` does not start. */
export function checkMcp(config: Config, findings: DoctorFindings): void {
  const { mcp } = config.named
  if (mcp === undefined) return
  try {
    gateToolCalls(mcp as McpOptions, 'mcp', MORE)
    checkReviewers(config)
    findings.ok('config', 'the export "mcp" has options that gatewright mcp knows')
  } catch (error) {
    findings.problem(
      'config',
      `gatewright mcp would not start: ${reasonOf(error)}`,
      'correct the export "mcp" of the config',
    )
  }
}
