import { join } from 'node:path'
import { describeAgentAdapter } from '@gatewright/testing/agents'
import { asToolHarness, handoffHarness } from './agents-driver'
import { traced } from './traced'

traced()

const results = (name: string) => ({
  results: join(import.meta.dirname, `../../../../docs/agents/${name}.json`),
})

describeAgentAdapter('OpenAI Agents SDK', asToolHarness, results('openai-agents'))
describeAgentAdapter('OpenAI Agents SDK, hand-offs', handoffHarness)
