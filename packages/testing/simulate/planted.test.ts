import { describe, expect, test } from 'vitest'
import { PLANTED } from './bugs'
import { buildWith, changedSources } from './build'
import { findPlanted } from './find'

/** Bugs that a few seeds find: the others are for `npm run simulate -- --planted`. */
const QUICK = [
  'a quorum of one less is enough',
  'nothing is checked once more before running',
  'what was proposed runs, whatever was edited',
  'a person who votes twice counts twice',
  'anybody may approve calls of their own',
  'a voter is who the transport says, whatever the directory knows',
  'an approval needs not be of the document that is complete',
  'the version is not compared',
  'a vote counts however late it comes',
  'the story is published after the run',
  'only the first event of a move reaches the outbox',
  'all commitments have one salt',
  'executions that were cut off stay as they are',
  'what runs here counts as a claim whose answer was lost',
  'the id of a message is saved after it was sent',
  'a message that was being sent when its request ended is left alone',
]
const MOST_SEEDS = 60

test.each(PLANTED)('"$name" still fits the sources', (bug) => {
  expect(changedSources(bug).size).toBeGreaterThan(0)
})

test('a bug that no longer fits the sources is told, with the place', () => {
  const file = 'packages/core/src/engine/claim.ts'
  const bug = { name: 'gone', promise: 'I1', changes: [{ file, find: 'no such text', replace: '' }] } as const
  expect(() => changedSources(bug)).toThrow(/"gone" cannot be planted: packages\/core\/src\/engine\/claim.ts/)
})

test('every promise that is about running has a bug that breaks it, and all have names of their own', () => {
  const promises = new Set(PLANTED.map(({ promise }) => promise))
  expect([...promises].sort()).toEqual(['I1', 'I10', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9'])
  expect(new Set(PLANTED.map(({ name }) => name)).size).toBe(PLANTED.length)
  expect(PLANTED.length).toBeGreaterThan(20)
})

describe('the simulation finds', () => {
  const quick = PLANTED.filter(({ name }) => QUICK.includes(name))

  test.each(quick)('$promise: $name', async (bug) => {
    const { result } = await findPlanted(bug, MOST_SEEDS)
    expect(result?.violations.map(({ promise }) => promise)).toContain(bug.promise)
    // The story is what a person reads first.
    expect(result?.story.length).toBeGreaterThan(20)
  })

  test('all of those, by their names', () => {
    expect(quick.map(({ name }) => name).sort()).toEqual([...QUICK].sort())
  })
})

test('the same build without a bug breaks nothing', async () => {
  const { simulateMany } = await buildWith({ name: 'nothing', promise: 'I1', changes: [] })
  const { failures, seeds } = await simulateMany([1, 2, 3, 4, 5])
  expect(seeds).toBe(5)
  expect(failures).toEqual([])
})
