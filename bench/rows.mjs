// Every row: which script measures it, what that script is told, and what the figure must be.
import { count } from './count.mjs'
import { median } from './measure/quantile.mjs'
import { agentRows } from './rows-agents.mjs'
import { httpRows } from './rows-http.mjs'
import { auditRows, logRows } from './rows-log.mjs'
import { mcpRows } from './rows-mcp.mjs'
import { postgresRows } from './rows-postgres.mjs'
import { saverRows } from './rows-savers.mjs'
import { sqliteRows } from './rows-sqlite.mjs'

/**
 * @typedef {'call' | 'memory' | 'seconds' | 'import' | 'bundle' | 'times' | 'event' | 'peak' | 'share'} Kind rows of one kind are compared with each other
 * @typedef {{ value: number, p99?: number, times?: number, bound?: number, note: string, more?: Record<string, number> }} Figure
 *   in µs for `call` and `event`, bytes for `memory`, `peak` and `bundle`, seconds for `seconds`, ms for `import`,
 *   the part of a core for `share`
 * @typedef {{
 *   name: string, group: 'gatewright' | 'limits' | 'peers', kind: Kind, script: string, told: object, quick?: object,
 *   node?: readonly string[], processes?: number, bound?: number, needsPeers?: boolean,
 *   times?: number, read: (findings: any) => Figure
 * }} Row
 * `quick` replaces parts of `told` in a short run; of several `processes` the one with the middle value counts; `bound`
 * is the most a value may be; `needsPeers`: it measures against what only `bench/peers` has. `times`, of a peer: how many
 * times ours it must be at least; of a figure: how many times it was, when both were measured in turns.
 * A figure's own `bound` counts in place of the row's.
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
  {
    name: 'a gate, min+gzip',
    group: 'gatewright',
    kind: 'bundle',
    script: 'measure/bundle-size.mjs',
    told: { specifier: '@gatewright/core', from: '.', names: ['createGate', 'requireApproval'] },
    bound: 24 * 1_000,
    read: readBundle,
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
 * @type {ReadonlyArray<{ name: string, peer: string, specifier: string, calls: number, held: number, times?: number }>}
 */
const peers = [
  { name: 'HumanLayer 0.7.5', peer: 'humanlayer', specifier: 'humanlayer', calls: 20_000, held: 20_000 },
  { name: 'AI SDK 6', peer: 'ai-6', specifier: 'ai', calls: 2_000, held: 5_000, times: 10 },
  { name: 'AI SDK 7', peer: 'ai-7', specifier: 'ai-7', calls: 2_000, held: 5_000, times: 10 },
  {
    name: 'OpenAI Agents 0.20',
    peer: 'openai-agents',
    specifier: '@openai/agents',
    calls: 1_000,
    held: 2_000,
    times: 10,
  },
  { name: 'LangGraph 1.4', peer: 'langgraph', specifier: '@langchain/langgraph', calls: 1_000, held: 2_000 },
  { name: 'Mastra 1.71', peer: 'mastra', specifier: '@mastra/core/agent', calls: 200, held: 300 },
]

const ROUNDS = 30

const peerRows = peers.flatMap(({ name, peer, specifier, calls, held, times }) => [
  {
    name: `${name}, call`,
    group: 'peers',
    kind: 'call',
    script: 'peers/call.mjs',
    times,
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

/** @type {readonly Row[]} */
export const rows = [
  ...limits,
  ...ours,
  ...auditRows,
  ...logRows,
  ...sqliteRows,
  ...httpRows,
  ...mcpRows,
  ...agentRows,
  ...postgresRows,
  ...peerRows,
  ...saverRows,
]
