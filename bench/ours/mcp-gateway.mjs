// A gateway over standard streams, in a process of its own as clients start it, whose rules let every call run.
import { stdioGateway } from '@gatewright/mcp'
import { benchGate } from './gate.mjs'

const [command, ...args] = process.argv.slice(2)
process.exitCode = await stdioGateway({
  gate: benchGate([]),
  action: (tool) => `free.${tool}`,
  command,
  args,
}).ended
