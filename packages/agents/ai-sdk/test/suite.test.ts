import { fileURLToPath } from 'node:url'
import { describeAgentAdapter } from '@gatewright/testing/agents'
import { harness } from './driver'
import { sdks } from './sdk'

for (const sdk of sdks) {
  const results = fileURLToPath(new URL(`../../../../docs/agents/ai-sdk-${sdk.major}.json`, import.meta.url))
  describeAgentAdapter(`AI SDK ${sdk.major}`, harness(sdk), { results })
}
