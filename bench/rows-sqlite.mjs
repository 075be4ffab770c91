// The rows of the SQLite store.
import { count } from './count.mjs'
import { median } from './measure/quantile.mjs'

/** @typedef {import('./rows.mjs').Row} Row */

/** @type {(name: string, kind: Kind, told: object, quick: object, bound: number | undefined, read: Row['read']) => Row} */
const sqliteRow = (name, kind, told, quick, bound, read) => ({
  name,
  group: 'gatewright',
  kind,
  script: 'ours/sqlite.mjs',
  told,
  quick,
  ...(bound === undefined ? {} : { bound }),
  read,
})

const readCommits = ({ rows: turns, each }) => {
  const own = median(turns.map(({ create, transition }) => (create + transition) / 2))
  const limit = median(turns.map((turn) => turn.limit))
  return {
    value: own / limit,
    note: `create or move ${own.toFixed(0)} µs, a bare synced commit of as much ${limit.toFixed(0)} µs; ${count(each)} of each in each of ${turns.length} turns`,
    more: { own, limit },
  }
}

const readCycles = ({ calls, seconds, cpuMicros }) => ({
  value: (seconds * 1e6) / calls,
  note: `${count(Math.round(calls / seconds))} cycles a second, ${count(calls)} calls, ${cpuMicros.toFixed(0)} µs of processor each`,
  more: { cpuMicros },
})

const readWake = ({ medianMs, p99Ms, moves }) => ({
  value: medianMs * 1_000,
  p99: p99Ms * 1_000,
  note: `${count(moves)} moves by another process, from acknowledged there to heard of here`,
})

const readListening = ({ core, idleCore, seconds }) => ({
  value: core,
  note: `${count(seconds)} s in which a request waits and nothing happens; a process that does nothing, taken off, ${(idleCore * 100).toFixed(3)} %`,
  more: { idleCore },
})

const readRestart = ({ count: waiting, seconds, peak }) => ({
  value: seconds,
  note: `${count(waiting)} wait, ${((seconds * 1e6) / waiting).toFixed(0)} µs each, ${(peak / 1e6).toFixed(0)} MB of memory at its peak`,
  more: { peak },
})

/** The slowest query at the largest size, by its median. */
const readGrowth = ({ rows: sizes }) => {
  const slowest = ({ size: _, ...queries }) =>
    Object.entries(queries)
      .map(([name, { median: ms }]) => ({ name, ms }))
      .sort((one, other) => other.ms - one.ms)[0]
  const each = sizes.map((row) => ({ size: row.size, ...slowest(row) }))
  return {
    value: each[each.length - 1].ms * 1_000,
    note: each.map(({ size, name, ms }) => `${count(size)}: ${name} ${ms.toFixed(2)} ms`).join('; '),
    more: {},
  }
}

/** Both rows read one run. */
const wake = {
  group: 'gatewright',
  script: 'ours/sqlite-wake.mjs',
  told: { what: 'listen', moves: 240, idleMs: 60_000 },
  quick: { moves: 30, idleMs: 5_000 },
}

/** @type {readonly Row[]} */
export const sqliteRows = [
  sqliteRow(
    'SQLite, a commit awaited',
    'times',
    { what: 'commits', turns: 9, each: 200 },
    { turns: 3, each: 50 },
    1.5,
    readCommits,
  ),
  sqliteRow(
    'SQLite, 256 callers',
    'call',
    { what: 'cycles', callers: 256, calls: 20_000, log: 'memory' },
    { calls: 2_000 },
    200,
    readCycles,
  ),
  sqliteRow(
    'SQLite, 256 callers, with the signed file log',
    'call',
    { what: 'cycles', callers: 256, calls: 20_000, log: 'file' },
    { calls: 2_000 },
    // 2,500 a second.
    400,
    readCycles,
  ),
  {
    name: 'SQLite, the rows of 256 callers',
    group: 'limits',
    kind: 'call',
    script: 'ours/sqlite-limit.mjs',
    told: { calls: 20_000 },
    quick: { calls: 2_000 },
    read: ({ calls, commits, seconds }) => ({
      value: (seconds * 1e6) / calls,
      note: `${count(Math.round(calls / seconds))} calls a second; their rows in ${count(commits)} synced commits by the bare driver`,
    }),
  },
  { ...wake, name: 'SQLite, wake-up in another process', kind: 'call', bound: 20_000, read: readWake },
  { ...wake, name: 'SQLite, listening', kind: 'share', bound: 0.001, read: readListening },
  sqliteRow(
    'SQLite, slowest query of a million',
    'call',
    { what: 'growth', sizes: [10_000, 100_000, 1_000_000], asks: 300 },
    { sizes: [1_000, 5_000], asks: 50 },
    5_000,
    readGrowth,
  ),
  {
    name: 'SQLite, start over waiting requests',
    group: 'gatewright',
    kind: 'seconds',
    script: 'ours/restart.mjs',
    told: { what: 'restart', count: 100_000 },
    quick: { count: 1_000 },
    bound: 5,
    read: readRestart,
  },
]
