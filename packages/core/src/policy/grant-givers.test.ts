import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Requirement } from '../contracts/policy'
import { type GrantedCall, type GrantGiver, grantCovers } from './grants'
import { anyOf, group, person } from './reviewers'
import { callWith, giver, grant, grantable, ops } from './test/grant-samples'
import { required } from './test/samples'

describe('who gave a grant', () => {
  const any = grant([{ path: '', any: true }])
  const given = (
    requirements: readonly Requirement[],
    givers: readonly GrantGiver[],
    excluded: GrantedCall['excluded'] = [],
  ) => grantCovers(any, callWith({}, { requirements, givers, excluded })).covers

  test('I1: it stands in for nothing where nothing is required, or grants are not let in', () => {
    expect(given([], [giver('ada')])).toBe(false)
    expect(given([required({ reviewers: group('ops') })], [giver('ada')])).toBe(false)
    expect(given([ops, required({ id: 'not', reviewers: group('ops') })], [giver('ada')])).toBe(false)
    expect(given([{ ...ops, stages: [] }], [giver('ada')])).toBe(false)
  })

  test('I4: it is not the owner’s, nor that of whom the agent acts for, to give', () => {
    expect(given([ops], [giver('ada')], [{ issuer: 'idp', subject: 'ada' }])).toBe(false)
    expect(given([ops], [giver('ada'), giver('ben')], [{ issuer: 'idp', subject: 'ada' }])).toBe(true)
    expect(given([ops], [giver('ada')], [{ issuer: 'other', subject: 'ada' }])).toBe(true)
  })

  test('T05: a quorum needs distinct people', () => {
    const two = grantable({ reviewers: group('ops', { atLeast: 2 }) })
    expect(given([two], [giver('ada'), giver('ada')])).toBe(false)
    expect(given([two], [giver('ada'), giver('ben')])).toBe(true)
  })

  test('T23: a giver who left the group since counts no more', () => {
    expect(given([ops], [giver('ada', [])])).toBe(false)
    expect(given([ops], [])).toBe(false)
  })

  test('one person fills one stage, and people are placed where they are needed', () => {
    const stages = grantable({
      stages: [
        { name: 'a', reviewers: anyOf(group('ops'), group('security')) },
        { name: 'b', reviewers: group('ops') },
      ],
    })
    expect(given([stages], [giver('ada', ['ops', 'security'])])).toBe(false)
    expect(given([stages], [giver('ada', ['ops']), giver('sec', ['security'])])).toBe(true)
    expect(given([stages], [giver('sec', ['security']), giver('ada', ['ops'])])).toBe(true)
    expect(given([stages], [giver('s1', ['security']), giver('s2', ['security'])])).toBe(false)
  })

  test('T22: the sign-in is judged at the time of giving', () => {
    const fresh = grantable({ reviewers: group('ops'), assurance: { sso: true, maxAge: 5_000 } })
    const at = (authTime: number, givenAt: number) =>
      giver('ada', ['ops'], { assurance: { method: 'sso', authTime }, givenAt })
    expect(given([fresh], [at(0, 5_000)])).toBe(true)
    expect(given([fresh], [at(0, 5_001)])).toBe(false)
    expect(given([fresh], [giver('ada')])).toBe(false)
    expect(given([fresh], [at(0, 5_001), at(5_001, 5_002)])).toBe(true)
  })

  test('escalation reviewers give no grants', () => {
    const escalating = grantable({ reviewers: group('ops'), escalate: { after: '1m', to: group('leads') } })
    expect(given([escalating], [giver('lead', ['leads'])])).toBe(false)
  })

  test('I1: a quorum that is no number, or absurd, is met by nobody', () => {
    for (const atLeast of [Number.NaN, Number.POSITIVE_INFINITY, 1e9]) {
      const stage = { ...ops.stages[0], atLeast } as Requirement['stages'][number]
      expect(given([{ ...ops, stages: [stage] }], [giver('ada')])).toBe(false)
    }
    const none = { ...ops.stages[0], atLeast: 0 } as Requirement['stages'][number]
    expect(given([{ ...ops, stages: [none] }], [giver('eve', [])])).toBe(false)
  })

  test('I4: the quorums are met exactly when distinct people can be placed in all of them', () => {
    const groups = ['a', 'b', 'c']
    const people = fc.array(fc.subarray(groups), { maxLength: 5 })
    const quorums = fc.array(fc.tuple(fc.constantFrom(...groups), fc.integer({ min: 1, max: 2 })), {
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(people, quorums, (memberships, asked) => {
        const requirement = grantable({
          stages: asked.map(([name, atLeast]) => ({ reviewers: group(name, { atLeast }) })),
        })
        const givers = memberships.map((memberOf, index) => giver(`p${index}`, memberOf))
        const places = asked.flatMap(([name, atLeast]) => Array.from({ length: atLeast }, () => name))
        expect(given([requirement], givers)).toBe(canPlace(places, memberships))
      }),
      { numRuns: 500 },
    )
  })

  function canPlace(
    [place, ...rest]: readonly string[],
    memberships: readonly (readonly string[])[],
  ): boolean {
    if (place === undefined) return true
    return memberships.some(
      (memberOf, index) =>
        memberOf.includes(place) &&
        canPlace(
          rest,
          memberships.filter((_, other) => other !== index),
        ),
    )
  }

  test('a person may be named instead of a group', () => {
    const named = grantable({ reviewers: person('idp', 'ada') })
    expect(given([named], [giver('ada', [])])).toBe(true)
    expect(given([named], [giver('ben', [])])).toBe(false)
  })
})
