// The rows of the API over HTTP.
import { count } from './count.mjs'

/** @typedef {import('./rows.mjs').Row} Row */

const streams = {
  group: 'gatewright',
  script: 'ours/http.mjs',
  node: ['--expose-gc'],
  told: { what: 'streams', clients: 5_000, events: 10 },
  quick: { clients: 200, events: 3 },
}

/** @type {readonly Row[]} */
export const httpRows = [
  {
    name: 'HTTP, 1,000 votes a second over SQLite',
    group: 'gatewright',
    kind: 'call',
    script: 'ours/http.mjs',
    told: { what: 'votes', rate: 1_000, seconds: 30 },
    quick: { rate: 200, seconds: 3 },
    // Of the slowest but one in a hundred.
    bound: 100_000,
    read: ({ rate, seconds, perSecond, errors, medianMs, p99Ms, cpuMicros, senderMicros }) => ({
      value: p99Ms * 1_000,
      note: `p99 from when it was due; median ${medianMs.toFixed(1)} ms, ${count(rate)} a second for ${seconds} s, ${count(Math.round(perSecond))} done, ${errors} errors, ${cpuMicros.toFixed(0)} µs of processor each, and ${senderMicros.toFixed(0)} of the sender's`,
      more: { perSecond, errors, cpuMicros, senderMicros },
    }),
  },
  {
    ...streams,
    name: 'HTTP, event streams, memory each',
    kind: 'memory',
    bound: 32_768,
    read: ({ bytes, clients }) => ({
      value: bytes,
      note: `${count(clients)} open, in the server, sockets included`,
    }),
  },
  {
    ...streams,
    name: 'HTTP, telling all event streams',
    kind: 'call',
    bound: 1_000_000,
    read: ({ clients, events, medianMs, p99Ms }) => ({
      value: medianMs * 1_000,
      p99: p99Ms * 1_000,
      note: `from asking until each of ${count(clients)} clients in one other process heard of it; ${events} events`,
    }),
  },
]
