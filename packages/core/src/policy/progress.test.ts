import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Requirement } from '../contracts/policy'
import { personKey } from './eligibility'
import { type CountedVote, progress, type StageRefs } from './progress'
import { group } from './reviewers'
import { counting, staged, two } from './test/progress-samples'
import { approval, DIGEST, OTHER_DIGEST, required, someone } from './test/samples'

describe('progress', () => {
  test('nothing is met without votes, or without requirements', () => {
    expect(progress([two], [], DIGEST, [])).toEqual({
      open: [{ requirement: 0, stage: 0, missing: 2, escalated: false }],
      met: false,
    })
    expect(progress([], [], DIGEST, [])).toEqual({ open: [], met: false })
  })

  test('T05: one person approving again and again is one person', () => {
    const ada = someone('ada', ['ops', 'security', 'leads'])
    expect(progress([two], [approval(ada), approval(ada), approval({ ...ada })], DIGEST, []).met).toBe(false)
    expect(progress([two], [approval(ada), approval(someone('ben'))], DIGEST, []).met).toBe(true)
  })

  test('T05: one person fills one stage, even with votes that state all of them', () => {
    const everywhere: [number, number][] = [
      [0, 0],
      [0, 1],
      [0, 1],
    ]
    const votes = [approval(someone('ada'), ...everywhere), approval(someone('ben'), ...everywhere)]
    expect(progress([staged], votes, DIGEST, [])).toEqual({
      open: [{ requirement: 0, stage: 1, missing: 2, escalated: false }],
      met: false,
    })
    const again = [
      approval(someone('ada')),
      approval(someone('ada'), [0, 1]),
      approval(someone('ben'), [0, 1]),
    ]
    expect(progress([staged], again, DIGEST, []).open[0]?.missing).toBe(1)
  })

  test('T06: more votes than needed still meet', () => {
    const votes = ['a', 'b', 'c', 'd'].map((subject) => approval(someone(subject)))
    expect(progress([two], votes, DIGEST, [])).toEqual({ open: [], met: true })
  })

  test('I2: approvals of other arguments, and rejections, count for nothing', () => {
    const votes: CountedVote[] = [
      approval(someone('ada')),
      { ...approval(someone('ben')), argumentsDigest: OTHER_DIGEST },
      { ...approval(someone('cat')), decision: 'reject' },
    ]
    expect(progress([two], votes, DIGEST, []).open[0]?.missing).toBe(1)
    expect(progress([two], votes, OTHER_DIGEST, []).open[0]?.missing).toBe(1)
  })

  test('a later stage opens when the earlier one is met, and votes cast for it before count for nothing', () => {
    const early = [approval(someone('ben'), [0, 1]), approval(someone('cat'), [0, 1])]
    expect(progress([staged], early, DIGEST, []).open).toEqual([
      { requirement: 0, stage: 0, missing: 1, escalated: false },
    ])
    expect(progress([staged], [...early, approval(someone('ada'))], DIGEST, []).met).toBe(false)
    expect(progress([staged], [approval(someone('ada')), ...early], DIGEST, []).met).toBe(true)
  })

  test('every requirement must be met, and one person may count in several', () => {
    const other = required({ id: 'other', reviewers: group('security') })
    const ada = someone('ada', ['ops', 'security'])
    const votes = [approval(ada, [0, 0], [1, 0])]
    expect(progress([two, other], votes, DIGEST, []).open).toEqual([
      { requirement: 0, stage: 0, missing: 1, escalated: false },
    ])
    expect(progress([two, other], [...votes, approval(someone('ben'))], DIGEST, []).met).toBe(true)
  })

  test('an open stage says whether it was escalated', () => {
    expect(progress([staged], [], DIGEST, [[0, 0]]).open[0]?.escalated).toBe(true)
    expect(progress([staged], [], DIGEST, [[0, 1]]).open[0]?.escalated).toBe(false)
  })

  function withQuorum(atLeast: unknown): Requirement {
    return { ...required(), stages: [{ ...required().stages[0], atLeast } as Requirement['stages'][number]] }
  }

  test.each([0, -1])('I1: a quorum of %s is not met by nobody: it needs one', (atLeast) => {
    expect(progress([withQuorum(atLeast)], [], DIGEST, [])).toMatchObject({
      open: [{ missing: 1 }],
      met: false,
    })
    expect(progress([withQuorum(atLeast)], [approval(someone('ada'))], DIGEST, []).met).toBe(true)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5, '1', undefined, null])(
    'I1: a quorum of %s is never met',
    (atLeast) => {
      const votes = ['a', 'b', 'c'].map((subject) => approval(someone(subject)))
      expect(progress([withQuorum(atLeast)], votes, DIGEST, []).met).toBe(false)
    },
  )

  test('I1: a requirement without stages is never met', () => {
    const broken = { ...required(), stages: [] }
    expect(progress([broken], [approval(someone('ada'))], DIGEST, [])).toEqual({ open: [], met: false })
  })

  test('stages that do not exist are ignored', () => {
    const votes = [
      approval(someone('a'), [0, 7]),
      approval(someone('b'), [5, 0]),
      approval(someone('c'), [0, -1]),
    ]
    expect(progress([two], votes, DIGEST, []).open[0]?.missing).toBe(2)
  })
})

describe('progress, for any votes', () => {
  const people = ['a', 'b', 'c', 'd', 'e'].map((subject) => someone(subject))
  const index = fc.integer({ min: -1, max: 3 })
  const vote = fc.record({
    decision: fc.constantFrom<'approve' | 'reject'>('approve', 'approve', 'approve', 'reject'),
    person: fc.constantFrom(...people),
    argumentsDigest: fc.constantFrom(DIGEST, DIGEST, DIGEST, OTHER_DIGEST),
    countsIn: fc.array(fc.tuple(index, index), { maxLength: 4 }),
  })
  const requirement = fc
    .array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 })
    .map((quorums) =>
      required({ stages: quorums.map((atLeast) => ({ reviewers: group('ops', { atLeast }) })) }),
    )
  const requirements = fc.array(requirement, { minLength: 1, maxLength: 3 })
  const votes = fc.array(vote, { maxLength: 25 })

  test('I4: it is never met without enough distinct people in every requirement', () => {
    fc.assert(
      fc.property(requirements, votes, (asked, cast) => {
        if (!progress(asked, cast, DIGEST, []).met) return
        asked.forEach(({ stages }, r) => {
          const approving = cast.filter(
            ({ decision, argumentsDigest, countsIn }) =>
              decision === 'approve' && argumentsDigest === DIGEST && countsIn.some(([index]) => index === r),
          )
          const distinct = new Set(approving.map(({ person }) => personKey(person)))
          const needed = stages.reduce((sum, { atLeast }) => sum + atLeast, 0)
          expect(distinct.size).toBeGreaterThanOrEqual(needed)
          stages.forEach(({ atLeast }, s) => {
            const here = approving.filter(({ countsIn }) => countsIn.some(([a, b]) => a === r && b === s))
            expect(new Set(here.map(({ person }) => personKey(person))).size).toBeGreaterThanOrEqual(atLeast)
          })
        })
      }),
      { numRuns: 500 },
    )
  })

  test('one more vote never undoes a quorum or adds to what is missing', () => {
    fc.assert(
      fc.property(requirements, votes, vote, (asked, cast, next) => {
        const before = progress(asked, cast, DIGEST, [])
        const after = progress(asked, [...cast, next], DIGEST, [])
        expect(after.met || !before.met).toBe(true)
        for (const { requirement, stage, missing } of after.open) {
          const earlier = before.open.find((open) => open.requirement === requirement)
          expect(earlier).toBeDefined()
          expect(stage).toBeGreaterThanOrEqual(earlier?.stage ?? 0)
          if (stage === earlier?.stage) expect(missing).toBeLessThanOrEqual(earlier.missing)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('the order of votes within a stage does not matter', () => {
    const single = fc
      .integer({ min: 1, max: 4 })
      .map((atLeast) => required({ reviewers: group('ops', { atLeast }) }))
    const inStage = fc.array(fc.record({ ...votePart(), countsIn: fc.constant<StageRefs>([[0, 0]]) }), {
      maxLength: 10,
    })
    const shuffled = inStage.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    )
    fc.assert(
      fc.property(single, shuffled, (asked, [list, other]) => {
        expect(progress([asked], other, DIGEST, [])).toEqual(progress([asked], list, DIGEST, []))
      }),
    )
  })

  test('I4: casting votes only where they count, it is met exactly when enough people of each stage approved', () => {
    const voters = fc.array(fc.constantFrom(...people), { maxLength: 12 })
    fc.assert(
      fc.property(requirements, voters, (asked, order) => {
        const cast: CountedVote[] = []
        for (const voter of order) {
          const where = counting(asked, cast, voter)
          if (where.status === 'counts')
            cast.push(approval(voter, ...where.stages.map(([r, s]) => [r, s] as [number, number])))
        }
        const distinct = new Set(order.map(personKey)).size
        const enough = asked.every(
          ({ stages }) => stages.reduce((sum, { atLeast }) => sum + atLeast, 0) <= distinct,
        )
        expect(progress(asked, cast, DIGEST, []).met).toBe(enough)
      }),
      { numRuns: 500 },
    )
  })

  function votePart() {
    return {
      decision: fc.constantFrom<'approve' | 'reject'>('approve', 'reject'),
      person: fc.constantFrom(...people),
      argumentsDigest: fc.constantFrom(DIGEST, OTHER_DIGEST),
    }
  }
})
