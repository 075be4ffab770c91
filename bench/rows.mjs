// Every row: which script measures it, what that script is told, and what the figure must be.
import { median } from './measure/quantile.mjs'

/**
 * @typedef {'call' | 'memory' | 'seconds' | 'import' | 'bundle' | 'times' | 'event' | 'peak'} Kind rows of one kind are compared with each other
 * @typedef {{ value: number, p99?: number, note: string, more?: Record<string, number> }} Figure
 *   in µs for `call` and `event`, bytes for `memory`, `peak` and `bundle`, seconds for `seconds`, ms for `import`
 * @typedef {{
 *   name: string, group: 'gatewright' | 'limits' | 'peers', kind: Kind, script: string, told: object, quick?: object,
 *   node?: readonly string[], processes?: number, bound?: number, needsPeers?: boolean, read: (findings: any) => Figure
 * }} Row
 * `quick` replaces parts of `told` in a short run; of several `processes` the one with the middle value counts; `bound`
 * is the most a value may be; `needsPeers`: it measures against what only `bench/peers` has.
 */

const plan = { calls: 20_480, rounds: 1, warmUp: 10_240 }
const quickPlan = { calls: 2_048, rounds: 1, warmUp: 2_000 }
const memory = ['--expose-gc']

const readCost = ({ cost, bytes }) => ({
  value: cost.median,
  p99: cost.p99,
  note: `${bytes} B, ${count(cost.calls)} calls, ${cost.cpu.toFixed(1)} µs of processor each, ${cost.gc.count} GCs ${cost.gc.ms.toFixed(0)} ms`,
  more: { mean: cost.mean, cpu: cost.cpu, gcMs: cost.gc.ms },
})

const readImport = ({ ms, wallMs, bareMs, runs }) => ({
  value: ms,
  note: `${runs} starts each, processor time; by the clock ${wallMs.toFixed(0)} ms; bare Node ${bareMs.toFixed(0)} ms`,
  more: { wallMs, bareMs },
})

const readBundle = ({ bytes, gzipBytes }) => ({
  value: gzipBytes,
  note: `${(bytes / 1_024).toFixed(0)} KB before gzip`,
})

const readPending = ({ count: held, bytesEach, argumentBytes }) => ({
  value: bytesEach - argumentBytes,
  note: `${count(held)} held; ${bytesEach.toFixed(0)} B with the ${argumentBytes} B of arguments`,
  more: { bytesEach },
})

/** @type {(name: string, what: string, bytes: number) => Row} */
const limit = (name, what, bytes) => ({
  name,
  group: 'limits',
  kind: 'call',
  script: 'ours/limits.mjs',
  told: { ...plan, what, bytes },
  quick: quickPlan,
  read: readCost,
})

/** @type {(name: string, script: string, bytes: number, bound: number) => Row} */
const ourCall = (name, script, bytes, bound) => ({
  name,
  group: 'gatewright',
  kind: 'call',
  script: `ours/${script}.mjs`,
  told: { ...plan, bytes },
  quick: quickPlan,
  processes: 3,
  bound,
  read: readCost,
})

const pending = {
  script: 'ours/pending.mjs',
  told: { count: 100_000 },
  quick: { count: 10_000 },
  node: memory,
}

/** @type {readonly Row[]} */
const ours = [
  ourCall('allowed, 100 B', 'allowed', 100, 10),
  ourCall('allowed, 1 KB', 'allowed', 1_024, 25),
  ourCall('reviewed, 100 B', 'reviewed', 100, 40),
  ourCall('reviewed, 1 KB', 'reviewed', 1_024, 120),
  {
    name: 'pending, memory each',
    group: 'gatewright',
    kind: 'memory',
    bound: 1_536,
    read: readPending,
    ...pending,
  },
  {
    name: 'pending, approve and finish all',
    group: 'gatewright',
    kind: 'seconds',
    bound: 3,
    read: ({ count: held, finishSeconds, askSeconds }) => ({
      value: finishSeconds,
      note: `${count(held)} calls; asking took ${askSeconds.toFixed(1)} s`,
      more: { askSeconds },
    }),
    ...pending,
  },
  {
    name: 'cold import',
    group: 'gatewright',
    kind: 'import',
    script: 'measure/cold-import.mjs',
    told: { specifier: '@gatewright/core', from: '.', runs: 21 },
    quick: { runs: 5 },
    bound: 20,
    read: readImport,
  },
  {
    name: 'core, min+gzip',
    group: 'gatewright',
    kind: 'bundle',
    script: 'measure/bundle-size.mjs',
    told: { specifier: '@gatewright/core', from: '.' },
    bound: 24 * 1_000,
    read: readBundle,
  },
]

/** @type {(name: string, what: 'one' | 'many', beside: string, told: object, needsPeers: boolean) => Row} */
const auditRow = (name, what, beside, told, needsPeers) => ({
  name,
  group: 'gatewright',
  kind: 'times',
  script: 'ours/audit.mjs',
  told: { what, ...told },
  quick: { turns: 3 },
  needsPeers,
  // 0.8 of the other's speed.
  bound: 1.25,
  read: ({ pairs, events }) => {
    const own = median(pairs.map((pair) => pair.ours))
    const limit = median(pairs.map((pair) => pair.limit))
    return {
      value: median(pairs.map((pair) => pair.ours / pair.limit)),
      note: `${own.toFixed(0)} µs an event, ${beside} ${limit.toFixed(0)} µs; ${count(events)} events in each of ${pairs.length} turns`,
      more: { ours: own, limit },
    }
  },
})

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

const readWake = ({ medianMs, p99Ms, moves, core }) => ({
  value: medianMs * 1_000,
  p99: p99Ms * 1_000,
  note: `${count(moves)} moves; listening takes ${(core * 100).toFixed(2)} % of a core while requests wait`,
  more: { core },
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

/** @type {readonly Row[]} */
const sqliteRows = [
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
    { what: 'cycles', callers: 256, calls: 20_000 },
    { calls: 2_000 },
    200,
    readCycles,
  ),
  sqliteRow(
    'SQLite, wake-up in another store',
    'call',
    { what: 'wake', moves: 300, idleMs: 10_000 },
    { moves: 30, idleMs: 1_000 },
    20_000,
    readWake,
  ),
  sqliteRow(
    'SQLite, slowest query of a million',
    'call',
    { what: 'growth', sizes: [10_000, 100_000, 1_000_000], asks: 300 },
    { sizes: [1_000, 5_000], asks: 50 },
    5_000,
    readGrowth,
  ),
]

/** @type {readonly Row[]} */
const auditRows = [
  auditRow(
    'durable append, one awaited',
    'one',
    'bare append and fdatasync',
    { turns: 15, events: 300 },
    false,
  ),
  auditRow(
    'durable append, 256 awaiting',
    'many',
    'pino, which syncs nothing,',
    { turns: 9, events: 25_600 },
    true,
  ),
]

/** Rows over one log of a million events: they share the run that writes it. */
const log = {
  group: 'gatewright',
  script: 'ours/verification.mjs',
  told: { events: 1_000_000, turns: 3 },
  quick: { events: 20_000, turns: 1 },
}

const perEvent = (reading) => (reading.cpu * 1_000_000) / reading.entries
const perSecond = (micros) => `${count(Math.round(1_000_000 / micros / 1_000) * 1_000)} a second`

const readVerified = ({ entries, rounds }) => {
  const value = median(rounds.map(({ verified }) => perEvent(verified)))
  const times = median(rounds.map(({ verified, hashed }) => perEvent(verified) / perEvent(hashed)))
  const bytes = rounds[0].hashed.entryBytes / entries
  return {
    value,
    note: `${perSecond(value)} of processor time, ${times.toFixed(1)} times the hash-only pass; ${count(entries)} events of ${bytes.toFixed(0)} B`,
    more: { timesHashed: times },
  }
}

const readHashed = ({ rounds }) => {
  const value = median(rounds.map(({ hashed }) => perEvent(hashed)))
  return { value, note: `${perSecond(value)}: leaf hashes and the tree over them, of the same journal` }
}

const readOpened = ({ rounds }) => {
  const value = median(rounds.map(({ opened }) => perEvent(opened)))
  const seconds = median(rounds.map(({ opened }) => opened.seconds))
  return { value, note: `${perSecond(value)}; by the clock ${seconds.toFixed(1)} s` }
}

/** What a reading holds at the most, beyond a bare Node and 16 bytes a request. */
const readPeak = (name) => (found) => {
  const beyond = (round) => round[name].peakBytes - round.bare.peakBytes - 16 * round[name].subjects
  const { subjects } = found.rounds[0][name]
  return {
    value: median(found.rounds.map(beyond)),
    note: `beyond a bare Node and 16 B for each of ${count(subjects)} requests and calls`,
  }
}

/** @type {readonly Row[]} */
const logRows = [
  {
    ...log,
    name: 'full verification, 1,000,000 events',
    kind: 'event',
    bound: 1_000_000 / 60_000,
    read: readVerified,
  },
  { ...log, name: 'hash-only pass', kind: 'event', bound: 1_000_000 / 250_000, read: readHashed },
  { ...log, name: 'verification, memory', kind: 'peak', bound: 64 * 2 ** 20, read: readPeak('verified') },
  {
    ...log,
    name: 'verification, memory, as the command line runs it',
    kind: 'peak',
    bound: 64 * 2 ** 20,
    read: readPeak('small'),
  },
  { ...log, name: 'open a log', kind: 'event', bound: 10, read: readOpened },
  {
    name: 'encode an entry',
    group: 'gatewright',
    kind: 'times',
    script: 'ours/encode.mjs',
    told: { events: 20_000, turns: 21 },
    quick: { events: 5_000, turns: 5 },
    // 0.8 of the other's speed.
    bound: 1.25,
    read: ({ pairs, events }) => {
      const own = median(pairs.map((pair) => pair.ours))
      const text = median(pairs.map((pair) => pair.text))
      return {
        value: median(pairs.map((pair) => pair.ours / pair.limit)),
        note: `${own.toFixed(2)} µs; JSON.stringify and its bytes ${median(pairs.map((pair) => pair.limit)).toFixed(2)} µs, without the bytes ${text.toFixed(2)} µs; ${count(events)} events`,
        more: { ours: own, text },
      }
    },
  },
]

/** @type {readonly Row[]} */
const limits = [
  limit('closure', 'closure', 100),
  limit('smallest gate', 'smallest gate', 100),
  limit('clone + canonical JSON + SHA-256, 100 B', 'clone and digest', 100),
  limit('clone + canonical JSON + SHA-256, 1 KB', 'clone and digest', 1_024),
]

/**
 * The peers: `calls` of each kind and round, as many as their speed allows in a sensible time, and `held` calls for memory.
 *
 * @type {ReadonlyArray<{ name: string, peer: string, specifier: string, calls: number, held: number }>}
 */
const peers = [
  { name: 'HumanLayer 0.7.5', peer: 'humanlayer', specifier: 'humanlayer', calls: 20_000, held: 20_000 },
  { name: 'AI SDK 6', peer: 'ai-6', specifier: 'ai', calls: 2_000, held: 5_000 },
  { name: 'AI SDK 7', peer: 'ai-7', specifier: 'ai-7', calls: 2_000, held: 5_000 },
  {
    name: 'OpenAI Agents 0.20',
    peer: 'openai-agents',
    specifier: '@openai/agents',
    calls: 1_000,
    held: 2_000,
  },
  { name: 'LangGraph 1.4', peer: 'langgraph', specifier: '@langchain/langgraph', calls: 1_000, held: 2_000 },
  { name: 'Mastra 1.71', peer: 'mastra', specifier: '@mastra/core/agent', calls: 200, held: 300 },
]

const ROUNDS = 30

const peerRows = peers.flatMap(({ name, peer, specifier, calls, held }) => [
  {
    name: `${name}, call`,
    group: 'peers',
    kind: 'call',
    script: 'peers/call.mjs',
    // Short rounds that take turns: what the machine does meanwhile falls on both.
    told: { peer, calls: Math.ceil((3 * calls) / ROUNDS), rounds: ROUNDS, warmUp: Math.min(calls, 1_000) },
    quick: { calls: Math.ceil(calls / 100), rounds: ROUNDS / 2, warmUp: Math.ceil(calls / 10) },
    read: readPeer,
  },
  {
    name: `${name}, memory`,
    group: 'peers',
    kind: 'memory',
    script: 'peers/memory.mjs',
    told: { peer, count: held },
    quick: { count: Math.ceil(held / 10) },
    node: memory,
    read: ({ count: kept, bytesEach }) => ({
      value: bytesEach,
      note: `${count(kept)} held, arguments included`,
    }),
  },
  {
    name: `${name}, import`,
    group: 'peers',
    kind: 'import',
    script: 'measure/cold-import.mjs',
    told: { specifier, from: 'peers', runs: 11 },
    quick: { runs: 3 },
    read: readImport,
  },
  {
    name: `${name}, bundle`,
    group: 'peers',
    kind: 'bundle',
    script: 'measure/bundle-size.mjs',
    told: { specifier, from: 'peers' },
    read: readBundle,
  },
])

function readPeer({ costs, bytes }) {
  const gated = median(costs.gated.map((cost) => cost.median))
  const ungated = median(costs.ungated.map((cost) => cost.median))
  const differences = costs.gated.map((cost, round) => cost.median - costs.ungated[round].median)
  const calls = costs.gated.reduce((sum, { calls: some }) => sum + some, 0)
  return {
    value: median(differences),
    p99: median(costs.gated.map(({ p99 }) => p99)),
    note: `gated ${gated.toFixed(1)} µs, ungated ${ungated.toFixed(1)} µs, ${bytes} B, ${count(calls)} calls of each`,
    more: { gated, ungated },
  }
}

function count(number) {
  return number.toLocaleString('en-US')
}

/** @type {readonly Row[]} */
export const rows = [...limits, ...ours, ...auditRows, ...logRows, ...sqliteRows, ...peerRows]
