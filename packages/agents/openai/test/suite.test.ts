import { join } from 'node:path'
import { describeAgentAdapter } from '@gatewright/testing/agents'
import { chatHarness, responsesHarness, runTools6Harness, runToolsHarness } from './driver'

const results = (name: string) => ({
  results: join(import.meta.dirname, `../../../../docs/agents/${name}.json`),
})

describeAgentAdapter('OpenAI Chat Completions', chatHarness, results('openai-chat'))
describeAgentAdapter('OpenAI Responses', responsesHarness, results('openai-responses'))
describeAgentAdapter('OpenAI runTools', runToolsHarness, results('openai-run-tools'))
describeAgentAdapter('OpenAI runTools, version 6', runTools6Harness)
