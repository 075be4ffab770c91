// The rows of the MCP gateway.
import { count } from './count.mjs'

/** @typedef {import('./rows.mjs').Row} Row */

/** @type {(name: string, what: string) => Row} */
const added = (name, what) => ({
  name,
  group: 'gatewright',
  kind: 'call',
  script: 'ours/mcp.mjs',
  told: { what, calls: 2_000, warmUp: 500 },
  quick: { calls: 300, warmUp: 100 },
  bound: 1_000,
  read: ({ directMicros, gatedMicros, cpuMicros, p99, calls }) => ({
    value: gatedMicros - directMicros,
    note: `added to the median of ${count(calls)} calls in rounds: ${directMicros.toFixed(0)} µs without, ${gatedMicros.toFixed(0)} µs (p99 ${p99.toFixed(0)} µs) with; ${cpuMicros.toFixed(0)} µs more of the measuring process's processor`,
    more: { directMicros, gatedMicros, cpuMicros },
  }),
})

/** @type {readonly Row[]} */
export const mcpRows = [
  added('MCP gateway, standard streams, an allowed call', 'streams'),
  added('MCP gateway, HTTP, an allowed call', 'http'),
]
