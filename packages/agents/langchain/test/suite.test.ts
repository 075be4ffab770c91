import { join } from 'node:path'
import { describeAgentAdapter } from '@gatewright/testing/agents'
import { agentHarness, graphHarness } from './driver'

const results = (name: string) => ({
  results: join(import.meta.dirname, `../../../../docs/agents/${name}.json`),
})

describeAgentAdapter('LangGraph', graphHarness, results('langgraph'))
describeAgentAdapter('LangChain agents', agentHarness, results('langchain-agents'))
