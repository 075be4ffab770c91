import type { SimulationResult } from '../src/simulation/simulate'
import type { PlantedBug } from './bug'
import { buildWith } from './build'

/** How a planted bug was found. */
export interface Finding {
  readonly bug: PlantedBug
  /** How many seeds were run; the last one found it. */
  readonly seeds: number
  readonly seconds: number
  /** The world that showed it; `null`: none did. */
  readonly result: SimulationResult | null
}

/** Runs worlds of a build with a bug, from seed 1 on, until the checker says that the bug's promise is broken. */
export async function findPlanted(bug: PlantedBug, mostSeeds: number): Promise<Finding> {
  const began = performance.now()
  const { simulate } = await buildWith(bug)
  const seconds = (): number => (performance.now() - began) / 1_000
  for (let seed = 1; seed <= mostSeeds; seed += 1) {
    const result = await simulate({ seed })
    if (result.violations.some(({ promise }) => promise === bug.promise))
      return { bug, seeds: seed, seconds: seconds(), result }
  }
  return { bug, seeds: mostSeeds, seconds: seconds(), result: null }
}
