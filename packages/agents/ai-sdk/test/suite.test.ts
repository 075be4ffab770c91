import { describeAgentAdapter } from '@gatewright/testing/agents'
import { harness } from './driver'
import { sdks } from './sdk'

for (const sdk of sdks) describeAgentAdapter(`AI SDK ${sdk.major}`, harness(sdk))
