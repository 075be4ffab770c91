import { describe, expect, test } from 'vitest'
import { defineAction } from '../define-action'
import { OptionError } from '../errors'
import { group } from './reviewers'
import { callOf } from './test/samples'
import { partsOf, when } from './when'

const ABSTAINS = { effect: 'abstain' }
const count = defineAction({ name: 'data.count' })

describe('a rule', () => {
  test('speaks of the actions under its pattern, less its exceptions', () => {
    const rule = when('data.*').except(count, 'data.raw.*').allow()
    expect(rule.decide(callOf('data.export'))).toEqual({ effect: 'allow' })
    for (const action of ['data.count', 'data.raw.read', 'data', 'user.delete']) {
      expect(rule.decide(callOf(action))).toEqual(ABSTAINS)
    }
  })

  test('applies when all its conditions hold, asked in order', () => {
    const asked: string[] = []
    const ask = (name: string, answer: unknown) => {
      asked.push(name)
      return answer === true
    }
    const rule = when('x')
      .if(({ args }) => ask('a', args.a))
      .if(async ({ args }) => ask('b', args.b))
      .if(({ args }) => ask('c', args.c))
      .deny('no')
    expect(rule.decide(callOf('x', { a: false }))).toEqual(ABSTAINS)
    expect(asked).toEqual(['a'])
    return Promise.all([
      expect(rule.decide(callOf('x', { a: true, b: true, c: true }))).resolves.toEqual({
        effect: 'deny',
        reason: 'no',
      }),
      expect(rule.decide(callOf('x', { a: true, b: true, c: false }))).resolves.toEqual(ABSTAINS),
      expect(rule.decide(callOf('x', { a: true, b: false, c: true }))).resolves.toEqual(ABSTAINS),
    ])
  })

  test('answers without a promise as long as its conditions do', () => {
    const rule = when('x')
      .if(() => true)
      .if(({ risk }) => risk.score < 0.3)
      .allow()
    expect(rule.decide(callOf('x'))).toEqual({ effect: 'allow' })
  })

  test('does not ask its conditions about other actions', () => {
    const rule = when('x')
      .if(() => {
        throw new Error('asked')
      })
      .allow()
    expect(rule.decide(callOf('y'))).toEqual(ABSTAINS)
  })

  test('a builder can be continued twice without mixing', () => {
    const base = when('x').if(() => true)
    const strict = base.if(() => false).allow()
    expect(base.allow().decide(callOf('x'))).toEqual({ effect: 'allow' })
    expect(strict.decide(callOf('x'))).toEqual(ABSTAINS)
  })

  test('is named after its pattern and effect unless it says otherwise, and its requirement like it', () => {
    expect(when('data.*').allow()).toMatchObject({ id: 'data.*:allow', version: 1 })
    expect(when(count).deny('no')).toMatchObject({ id: 'data.count:deny', version: 1 })
    const named = when('x').require({ id: 'big', version: 4, reviewers: group('ops'), reason: 'it is big' })
    expect(named).toMatchObject({ id: 'big', version: 4 })
    expect(named.decide(callOf('x'))).toMatchObject({
      reason: 'it is big',
      requirement: { id: 'big', version: 4 },
    })
    const unnamed = when('x').require({ reviewers: group('ops') })
    expect(unnamed.decide(callOf('x'))).toMatchObject({ requirement: { id: 'x:require', version: 1 } })
  })

  test('gives the same frozen decision for every call', () => {
    const rule = when('*').require({ reviewers: group('ops') })
    expect(rule.decide(callOf('a'))).toBe(rule.decide(callOf('b')))
    expect(Object.isFrozen(rule) && Object.isFrozen(rule.decide(callOf('a')))).toBe(true)
  })

  test('unfinished, it is no policy', () => {
    expect('decide' in when('x')).toBe(false)
    expect(partsOf({ id: 'x', version: 1, decide: () => ({ effect: 'allow' }) })).toBeUndefined()
  })

  test.each([undefined, null, 0, 1, '', 'true', {}, Number.NaN])(
    'T40: a condition that answers %j throws instead of not applying',
    async (answer) => {
      const sync = when('x')
        .if(() => answer as never)
        .require({ reviewers: group('ops') })
      expect(() => sync.decide(callOf('x'))).toThrow(TypeError)
      const later = when('x')
        .if(async () => answer as never)
        .require({ reviewers: group('ops') })
      await expect(later.decide(callOf('x'))).rejects.toThrow(TypeError)
    },
  )

  test.each([undefined, null, 7, 'rows', [], new Map()])(
    'T33: a condition that trips over %j throws instead of not applying',
    (args) => {
      const rule = when('x')
        .if((call) => (call.args.table as string).startsWith('tmp'))
        .allow()
      expect(() => rule.decide(callOf('x', args))).toThrow(TypeError)
    },
  )

  test.each<[string, () => unknown]>([
    ['when', () => when('Data')],
    ['when', () => when({ name: 'data.export' } as never)],
    ["when('x').except", () => when('x').except('')],
    ["when('x').if", () => when('x').if(true as never)],
    ["when('x').deny.reason", () => when('x').deny('')],
    ["when('x').deny.reason", () => when('x').deny('no', { reason: 'twice' } as never)],
    ["when('x').allow.id", () => when('x').allow({ id: '' })],
    ["when('x').allow.version", () => when('x').allow({ version: 1.5 })],
    ["when('x').allow.if", () => when('x').allow({ if: () => false } as never)],
    ["when('x').allow.reason", () => when('x').allow({ reason: 7 as never })],
    ["when('x').require", () => when('x').require(undefined as never)],
    ["when('x').require.reviewers", () => when('x').require({})],
    [
      "when('x').require.whithin",
      () => when('x').require({ reviewers: group('ops'), whithin: '1h' } as never),
    ],
  ])('T40: %s is named when it is wrong or unknown', (option, make) => {
    expect(make).toThrow(OptionError)
    expect(make).toThrow(expect.objectContaining({ option }))
  })
})
