import { expect } from 'vitest'
import { type SimulationResult, simulateMany } from './simulate'

/** Expects of a range of seeds that no world of theirs breaks a promise; tells the story of the first that does. */
export async function expectWorldsToHold(first: number, last: number): Promise<void> {
  const count = last - first + 1
  const seeds = Array.from({ length: count }, (_, index) => first + index)
  const summary = await simulateMany(seeds, {}, ({ violations }) => violations.length === 0)
  expect(summary.failures.map(tellBroken).join('\n')).toBe('')
  expect(summary.seeds).toBe(count)
  // A world in which little happens proves little.
  expect(summary.effects).toBeGreaterThan(count)
  expect(summary.requests).toBeGreaterThan(3 * count)
}

/** What a world broke, and how it came to that. */
export function tellBroken({ seed, violations, story }: SimulationResult): string {
  const broken = violations.map(({ promise, subject, what }) => `  ${promise}: ${what} (${subject})`)
  return [`seed ${seed} broke:`, ...broken, 'its story:', ...story].join('\n')
}
