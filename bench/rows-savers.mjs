// The rows of peers that keep what waits in a database, as our stores do.
import { count } from './count.mjs'
import { median } from './measure/quantile.mjs'

/** @typedef {import('./rows.mjs').Row} Row */

const sqlite = {
  script: 'ours/sqlite.mjs',
  told: { what: 'cycles', callers: 256, calls: 6_000, log: 'memory' },
}
const postgres = { script: 'ours/postgres.mjs', told: { what: 'cycles', callers: 256, calls: 4_000 } }

const micros = ({ calls, seconds }) => (seconds * 1e6) / calls

function readTurns({ rounds }) {
  const own = median(rounds.map(({ ours }) => micros(ours)))
  const value = median(rounds.map(({ theirs }) => micros(theirs)))
  const cpu = median(rounds.map(({ theirs }) => theirs.cpuMicros))
  const cpuTimes = median(rounds.map(({ ours, theirs }) => theirs.cpuMicros / ours.cpuMicros))
  const [{ theirs }] = rounds
  return {
    value,
    times: median(rounds.map((round) => micros(round.theirs) / micros(round.ours))),
    note: `${count(Math.round(1e6 / value))} cycles a second, ours ${count(Math.round(1e6 / own))}; ${cpu.toFixed(0)} µs of processor each, ${cpuTimes.toFixed(1)} times ours; 256 threads at once, synchronous: ${theirs.synced}; ${rounds.length} turns`,
    more: { cpu, cpuTimes, ours: own },
  }
}

/** @type {(name: string, ours: typeof sqlite | typeof postgres, told: object, times?: number) => Row} */
const saverRow = (name, ours, told, times) => ({
  name: `LangGraph 1.4, ${name}`,
  group: 'peers',
  kind: 'call',
  script: 'peers/in-turns.mjs',
  told: {
    turns: 5,
    share: 1,
    ours,
    theirs: { script: 'peers/langgraph-durable.mjs', told: { callers: 256, calls: 1_000, ...told } },
  },
  quick: { turns: 1, share: 0.3 },
  times,
  read: readTurns,
})

/** @type {readonly Row[]} */
export const saverRows = [
  saverRow('SQLite saver, 256 threads', sqlite, { saver: 'sqlite', synchronous: 'full' }, 20),
  saverRow('SQLite saver, not synced, 256 threads', sqlite, { saver: 'sqlite' }),
  saverRow('PostgreSQL saver, 256 threads', postgres, { saver: 'postgres' }, 20),
]
