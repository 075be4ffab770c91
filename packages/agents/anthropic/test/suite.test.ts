import { join } from 'node:path'
import { describeAgentAdapter } from '@gatewright/testing/agents'
import { root } from '../../../../scripts/workspace.mjs'
import { harness } from './driver'

const results = (name: string) => ({ results: join(root, `docs/agents/${name}.json`) })

describeAgentAdapter('Anthropic, `gateRunner`', harness('gateRunner'), results('anthropic-runner'))
describeAgentAdapter('Anthropic, `gateTools`', harness('gateTools'), results('anthropic-tools'))
