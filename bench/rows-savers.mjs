// The rows of peers that keep what waits in a database, as our stores do.
import { count } from './count.mjs'

/** @typedef {import('./rows.mjs').Row} Row */

/** @type {(name: string, told: object, beside: string, times?: number) => Row} */
const saverRow = (name, told, beside, times) => ({
  name: `LangGraph 1.4, ${name}`,
  group: 'peers',
  kind: 'call',
  script: 'peers/langgraph-durable.mjs',
  told: { callers: 256, calls: 3_000, ...told },
  quick: { calls: 400 },
  beside,
  ...(times === undefined ? {} : { times }),
  read: ({ calls, seconds, cpuMicros, synced }) => ({
    value: (seconds * 1e6) / calls,
    note: `${count(Math.round(calls / seconds))} cycles a second, ${count(calls)} threads, 256 at once; synchronous: ${synced}; ${cpuMicros.toFixed(0)} µs of processor each`,
    more: { cpuMicros },
  }),
})

/** @type {readonly Row[]} */
export const saverRows = [
  saverRow('SQLite saver, 256 threads', { saver: 'sqlite', synchronous: 'full' }, 'SQLite, 256 callers', 20),
  saverRow('SQLite saver, not synced, 256 threads', { saver: 'sqlite' }, 'SQLite, 256 callers'),
  saverRow(
    'PostgreSQL saver, 256 threads',
    { saver: 'postgres' },
    'PostgreSQL, a reviewed call of 256 at once',
    20,
  ),
]
