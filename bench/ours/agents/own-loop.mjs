// A loop of one's own, by `gateToolCalls`.
import { gateToolCalls } from '@gatewright/core/agents'
import { allowed, approved, name, ran, schema, work } from './scene.mjs'

export function create() {
  const gated = (options) => {
    const call = gateToolCalls(options, 'bench').of({}, name, work, schema)
    return (args, index) => call(args, undefined, { callId: `c-${index}`, runId: 'run' })
  }
  return {
    ran,
    ungated: async (args) => work(schema.parse(args)),
    allowed: gated(allowed),
    approved: gated(approved),
  }
}
