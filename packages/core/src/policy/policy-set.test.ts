import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Policy, PolicyInput, PolicyRecord } from '../contracts/policy'
import { decide } from './decide'
import { createPolicySet } from './policy-set'
import { group } from './reviewers'
import { manualClock } from './test/manual-clock'
import { callOf, policyThat, required } from './test/samples'
import { when } from './when'

const standard = required()
const options = { clock: manualClock(), timeoutMs: 1_000 }
const ops = { reviewers: group('ops') }

function setOf(...policies: readonly Policy[]) {
  return createPolicySet(policies, standard, options)
}

function decideNow(
  set: { decide(input: PolicyInput): PolicyRecord | Promise<PolicyRecord> },
  action: string,
  args = {},
) {
  const record = set.decide(callOf(action, args))
  if (record instanceof Promise) throw new Error('it answered with a promise')
  return record
}

describe('a policy set', () => {
  test('decides every call as asking every rule would', () => {
    const big = ({ args }: PolicyInput) => (args.rows as number) > 10
    const policies = [
      when('data.*').except('data.count').require(ops),
      when('data.export')
        .if(big)
        .require({ id: 'big', reviewers: group('security', { atLeast: 2 }) }),
      when('data.count').allow(),
      when('user.delete').deny('never'),
      when('*')
        .if(({ risk }) => risk.score > 0.5)
        .deny('too risky'),
      policyThat('foreign', () => ({ effect: 'abstain' })),
    ]
    const set = setOf(...policies)
    const action = fc.constantFrom('data.export', 'data.count', 'data.raw.read', 'user.delete', 'mail.send')
    fc.assert(
      fc.property(action, fc.integer({ min: 0, max: 20 }), (name, rows) => {
        const input = callOf(name, { rows })
        expect(set.decide(input)).toEqual(decide(policies, standard, input, options))
      }),
    )
  })

  test('asks only rules that speak of the action, and every policy that is not a rule', () => {
    const asked: string[] = []
    const asking = (name: string) =>
      when(`${name}.*`)
        .if(() => asked.push(name) > 0)
        .allow()
    const foreign = policyThat('foreign', () => {
      asked.push('foreign')
      return { effect: 'abstain' }
    })
    const set = setOf(asking('a'), asking('b'), foreign)
    expect(decideNow(set, 'a.x').effect).toBe('allow')
    expect(asked).toEqual(['a', 'foreign'])
  })

  test('a rule that was copied and changed is asked as what it says now', () => {
    const changed = { ...when('a').allow(), decide: () => ({ effect: 'deny', reason: 'changed' }) as const }
    expect(decideNow(setOf(changed), 'b').effect).toBe('deny')
  })

  test('gives 100,000 calls that are decided alike one record', () => {
    const set = setOf(
      when('data.*').require(ops),
      when('*')
        .if(({ args }) => args.rows === -1)
        .deny('no'),
    )
    const records = new Set<PolicyRecord>()
    for (let rows = 0; rows < 100_000; rows += 1) records.add(decideNow(set, 'data.export', { rows }))
    expect(records.size).toBe(1)
  })

  test('goes on deciding rightly for more actions than it keeps in mind', () => {
    const set = setOf(when('a.*').allow(), when('b.*').deny('no'))
    for (let index = 0; index < 2_500; index += 1) {
      expect(decideNow(set, `a.n${index}`).effect).toBe('allow')
      expect(decideNow(set, `b.n${index}`).effect).toBe('deny')
    }
  })

  test('equal ids are told apart, in answers and in the requirements named after them', () => {
    const set = setOf(
      when('a').require(ops),
      when('a').require({ reviewers: group('security') }),
      when('a').require({ id: 'own', reviewers: group('legal') }),
      policyThat('a:require', () => ({ effect: 'allow' })),
    )
    const record = decideNow(set, 'a')
    expect(record.rules.map(({ id }) => id)).toEqual(['a:require', 'a:require#2', 'own', 'a:require#3'])
    expect(record.requirements.map(({ id }) => id)).toEqual(['a:require', 'a:require#2', 'own'])
    expect(decideNow(set, 'a')).toBe(record)
  })

  test('a suffix that is taken is passed over', () => {
    const allow = () => ({ effect: 'allow' })
    const set = setOf(policyThat('x', allow), policyThat('x#2', allow), policyThat('x', allow))
    expect(set.policies.map(({ id }) => id)).toEqual(['x', 'x#2', 'x#3'])
  })

  test.each<[string, unknown]>([
    ['policy[0]', when('a')],
    ['policy[0]', undefined],
    ['policy[0].id', { ...policyThat('', () => undefined) }],
    ['policy[0].version', { id: 'x', decide: () => ({ effect: 'allow' }) }],
    ['policy[0].version', { id: 'x', version: '1', decide: () => ({ effect: 'allow' }) }],
  ])('T40: %s is named when it is no policy', (option, policy) => {
    expect(() => setOf(policy as Policy)).toThrow(
      expect.objectContaining({ option, code: 'ERR_OPTION_INVALID' }),
    )
  })

  test('I1: a policy among equal ids that fails still denies', () => {
    const odd = policyThat('x', () => undefined)
    expect(decideNow(setOf(odd, odd), 'a').rules.map(({ id, failed }) => [id, failed])).toEqual([
      ['x', true],
      ['x#2', true],
    ])
  })
})

describe('the configuration hash', () => {
  const base = () => [
    when('a')
      .if(({ args }) => args.rows === 1)
      .require(ops),
  ]
  const hash = (policies: readonly Policy[], requirement = standard) =>
    createPolicySet(policies, requirement, options).configurationHash

  test('is equal for equal configuration', () => {
    expect(hash(base())).toMatch(/^[0-9a-f]{64}$/)
    expect(hash(base())).toBe(hash(base()))
  })

  test('T31: changes with anything that is static', () => {
    const changed = [
      hash([]),
      hash(base()),
      hash(base(), required({ reviewers: group('anybody') })),
      hash([...base(), when('b').allow()]),
      hash([when('a').require(ops)]),
      hash([
        when('a')
          .if(({ args }) => args.rows === 2)
          .require(ops),
      ]),
      hash([
        when('a')
          .except('b')
          .if(({ args }) => args.rows === 1)
          .require(ops),
      ]),
      hash([
        when('a')
          .if(({ args }) => args.rows === 1)
          .require({ ...ops, version: 2 }),
      ]),
      hash([
        when('a')
          .if(({ args }) => args.rows === 1)
          .require({ ...ops, within: '2h' }),
      ]),
      hash([
        when('*')
          .if(({ args }) => args.rows === 1)
          .require({ ...ops, id: 'a:require' }),
      ]),
      hash([when('a').deny('no')]),
      hash([when('a').deny('no!')]),
      hash([policyThat('foreign', () => undefined)]),
      hash([{ ...policyThat('foreign', () => undefined), version: 2 }]),
    ]
    expect(new Set(changed).size).toBe(changed.length)
  })
})
