import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type SimulationResult, simulate, simulateMany } from './simulate'

// CI runs more of them: see .ci/run.
test('I1 to I10 hold in seeded worlds 1 to 1000, of crashes, faults, races and late messages', async () => {
  const seeds = Array.from({ length: 1_000 }, (_, index) => 1 + index)
  const summary = await simulateMany(seeds, {}, ({ violations }) => violations.length === 0)
  expect(summary.failures.map(tellBroken).join('\n')).toBe('')
  expect(summary.seeds).toBe(1_000)
  // A world in which little happens proves little.
  expect(summary.effects).toBeGreaterThan(1_000)
  expect(summary.requests).toBeGreaterThan(3_000)
}, 180_000)

test('I1 to I10 hold where processes share the memory store', async () => {
  const seeds = Array.from({ length: 50 }, (_, index) => 10_001 + index)
  const summary = await simulateMany(seeds, { store: 'memory' }, ({ violations }) => violations.length === 0)
  expect(summary.failures.map(tellBroken).join('\n')).toBe('')
  expect(summary.seeds).toBe(50)
}, 60_000)

test('the same seed tells the same story, step by step', async () => {
  for (const seed of [7, 21, 42]) {
    const first = await simulate({ seed, fullStory: true })
    const second = await simulate({ seed, fullStory: true })
    expect(second.story).toEqual(first.story)
    expect(first.story.length).toBeGreaterThan(500)
  }
}, 30_000)

test('the same seed leaves the same trace, told in full or not', async () => {
  const traces = new Set<string>()
  for (let seed = 1; seed <= 30; seed += 1) {
    const first = await simulate({ seed })
    const second = await simulate({ seed, fullStory: seed % 2 === 0 })
    expect({ seed, trace: second.trace }).toEqual({ seed, trace: first.trace })
    expect(second.steps).toBe(first.steps)
    traces.add(first.trace)
  }
  expect(traces.size).toBe(30)
}, 60_000)

test('different seeds tell different stories', async () => {
  const [one, other] = [await simulate({ seed: 1 }), await simulate({ seed: 2 })]
  expect(one.story).not.toEqual(other.story)
})

test('the checker takes nothing but types from what it judges', () => {
  const folder = join(import.meta.dirname, 'check')
  const files = [
    ...readdirSync(folder).map((name) => join(folder, name)),
    join(import.meta.dirname, 'check.ts'),
  ]
  const imports = files.flatMap(
    (file) => readFileSync(file, 'utf8').match(/^import .* from '[^']*'$/gm) ?? [],
  )
  const fromOutside = imports.filter(
    (line) =>
      !/from '\.{1,2}\/(check\/)?(case|facts|history|canonical|read-logs|basis|votes|documents|messages|record|told|grants|credentials|retention|commitments)'/.test(
        line,
      ),
  )
  expect(
    fromOutside.filter((line) => !line.startsWith('import type') && !line.includes("from 'node:crypto'")),
  ).toEqual([])
  expect(imports.length).toBeGreaterThan(10)
})

/** What a world broke, and how it came to that. */
function tellBroken({ seed, violations, story }: SimulationResult): string {
  const broken = violations.map(({ promise, subject, what }) => `  ${promise}: ${what} (${subject})`)
  return [`seed ${seed} broke:`, ...broken, 'its story:', ...story].join('\n')
}
