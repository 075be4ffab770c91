import { check } from './check'
import type { Evidence, Violation } from './evidence'
import type { Tamper } from './process'
import { createRng } from './rng'
import type { StoreKind } from './shared-store'
import type { Faults, Habits } from './stage'
import { runWorld } from './world'

/** What a run may be told. Whatever is left out is chosen by the seed. */
export interface SimulationOptions {
  /** A whole number. The same seed and options give the same run. */
  readonly seed: number
  /** 1 to 3. */
  readonly processes?: number
  /** How many turns are taken before all comes to rest. @default 500 */
  readonly turns?: number
  /** Which store the processes share. @default 'serialising' */
  readonly store?: StoreKind
  readonly faults?: Partial<Faults>
  /** Tell every step. @default false */
  readonly fullStory?: boolean
  /** Breaks a part on purpose, to see the checker find it. */
  readonly tamper?: Tamper
}

/** What a run came to. */
export interface SimulationResult {
  readonly seed: number
  /** Broken promises; empty when all held. */
  readonly violations: readonly Violation[]
  /** What happened, line by line. */
  readonly story: readonly string[]
  readonly steps: number
  /** Equal for equal runs: a digest of every step that was made. */
  readonly trace: string
  readonly evidence: Evidence
}

/** Runs one seeded world and judges it. Rejects only when the world does not come to rest. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const { seed, turns = 500, store = 'serialising', fullStory = false, tamper = {} } = options
  const rng = createRng(seed ^ 0x3a7)
  const processes = options.processes ?? 1 + rng.below(3)
  const faults: Faults = { ...CALM, ...rng.pick(WEATHERS), ...options.faults }
  const habits: Habits = {
    retention: rng.chance(0.3),
    personal: rng.chance(0.3),
    linkedLate: rng.chance(0.4),
  }
  const { evidence, story, steps, trace } = await runWorld({
    seed,
    processes,
    turns,
    store,
    faults,
    habits,
    fullStory,
    tamper,
  })
  return { seed, violations: check(evidence), story, steps, trace, evidence }
}

const CALM: Faults = {
  store: 0,
  sink: 0,
  silence: 0,
  directory: 0,
  channel: 0,
  crash: 0,
  lostHints: 0.05,
  sloppiness: 0.1,
  jumps: 0.003,
  stuckFunctions: 0,
}

/** Kinds of weather: calm worlds find other faults than stormy ones. */
const WEATHERS: readonly Partial<Faults>[] = [
  {},
  { crash: 0.004 },
  {
    crash: 0.002,
    sink: 0.04,
    silence: 0.01,
    directory: 0.05,
    channel: 0.05,
    stuckFunctions: 0.03,
    jumps: 0.006,
  },
  { crash: 0.001, channel: 0.85 },
  { store: 0.07, lostHints: 0.2 },
  {
    crash: 0.004,
    store: 0.02,
    sink: 0.03,
    silence: 0.005,
    directory: 0.03,
    channel: 0.03,
    lostHints: 0.3,
    sloppiness: 0.2,
    jumps: 0.006,
    stuckFunctions: 0.02,
  },
]

/** What many runs came to. */
export interface SimulationSummary {
  readonly seeds: number
  readonly steps: number
  readonly effects: number
  readonly requests: number
  /** Calls that programs made. */
  readonly calls: number
  readonly failures: readonly SimulationResult[]
}

/**
 * Runs seeds one after the other, and keeps those that broke a promise.
 *
 * @param onResult - called after each seed; answering `false` stops
 */
export async function simulateMany(
  seeds: Iterable<number>,
  options: Omit<SimulationOptions, 'seed'> = {},
  onResult?: (result: SimulationResult) => boolean | undefined,
): Promise<SimulationSummary> {
  const failures: SimulationResult[] = []
  const sum = { seeds: 0, steps: 0, effects: 0, requests: 0, calls: 0 }
  for (const seed of seeds) {
    const result = await simulate({ ...options, seed })
    sum.seeds += 1
    sum.steps += result.steps
    sum.effects += result.evidence.effects.length
    sum.requests += new Set(result.evidence.shown.map(({ requestId }) => requestId)).size
    sum.calls += result.evidence.operations.filter(({ kind }) => kind === 'call').length
    if (result.violations.length > 0) failures.push(result)
    if (onResult?.(result) === false) break
  }
  return { ...sum, failures }
}
