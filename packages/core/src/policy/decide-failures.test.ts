import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PolicyDecision } from '../contracts/policy'
import { decide } from './decide'
import { group } from './reviewers'
import { allow, call, now, options, standard, strict } from './test/deciding'
import { manualClock } from './test/manual-clock'
import { callOf, policyThat } from './test/samples'
import { when } from './when'

describe('a policy that fails', () => {
  const nonsense: unknown[] = [
    undefined,
    null,
    true,
    false,
    'allow',
    1,
    [],
    {},
    { effect: 'ALLOW' },
    { effect: 'approve' },
    { effect: ['allow'] },
    { effect: 'allow', reason: 7 },
    { effect: 'deny', reason: {} },
    { effect: 'require' },
    { effect: 'require', requirement: {} },
    { effect: 'require', reviewers: group('ops') },
    { effect: 'require', requirement: { ...strict, stages: [] } },
    { effect: 'require', requirement: { ...strict, stages: [{ ...strict.stages[0], atLeast: 0 }] } },
  ]

  test.each(nonsense)('T40: denies with %j, whatever others allow', async (answer) => {
    const odd = policyThat('odd', () => answer)
    const later = policyThat('later', async () => answer)
    for (const record of [
      now([allow, odd, allow]),
      await decide([allow, later], standard, call, options()),
    ]) {
      expect(record.effect).toBe('deny')
      expect(record.rules.filter(({ failed }) => failed)).toHaveLength(1)
      expect(record.rules[1]).toMatchObject({ effect: 'deny', failed: true })
    }
  })

  test('T40: nothing but a decision ever allows', () => {
    fc.assert(
      fc.property(fc.anything(), (answer) => {
        const effect = (answer as PolicyDecision | null | undefined)?.effect
        const record = now([policyThat('any', () => answer)])
        if (record.effect === 'allow') expect(effect).toBe('allow')
        else expect(['deny', 'require']).toContain(record.effect)
      }),
    )
  })

  test('I1: denies when it throws, and tells the log what and the caller only its kind', async () => {
    const error = new RangeError('4111 1111 1111 1111')
    const told: unknown[] = []
    const onFailure = (...what: unknown[]) => told.push(what)
    const throwing = policyThat('odd', () => {
      throw error
    })
    const rejecting = policyThat('later', () => Promise.reject(error))
    const record = await decide([allow, throwing, rejecting], standard, call, options({ onFailure }))
    expect(record.effect).toBe('deny')
    expect(record.rules.slice(1)).toEqual([
      {
        id: 'odd',
        version: 1,
        effect: 'deny',
        reason: 'policy odd failed: it threw RangeError',
        failed: true,
      },
      {
        id: 'later',
        version: 1,
        effect: 'deny',
        reason: 'policy later failed: it threw RangeError',
        failed: true,
      },
    ])
    expect(JSON.stringify(record)).not.toContain('4111')
    expect(told).toEqual([
      ['odd', error],
      ['later', error],
    ])
  })

  test('an error that carries arguments in its name, or throws when it is read, reveals nothing', () => {
    const named = Object.assign(new Error('x'), { name: 'card 4111 1111' })
    const hostile = Object.defineProperty(new Error('x'), 'name', {
      get() {
        throw new Error('again')
      },
    })
    for (const error of [named, hostile, undefined, null, 'card 4111', Symbol('4111')]) {
      const record = now([
        policyThat('odd', () => {
          throw error
        }),
      ])
      expect(record.effect).toBe('deny')
      expect(JSON.stringify(record)).not.toContain('4111')
    }
  })

  test('a listener that throws changes nothing', () => {
    const onFailure = () => {
      throw new Error('logger')
    }
    expect(now([policyThat('odd', () => undefined)], call, { onFailure }).effect).toBe('deny')
  })

  test('I1: denies when it is late, and what it says afterwards changes nothing', async () => {
    const clock = manualClock()
    let answer: (decision: PolicyDecision) => void = () => undefined
    const slow = policyThat(
      'slow',
      () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    )
    const deciding = decide([slow, allow], standard, call, options({ clock }))
    clock.advance(999)
    expect(clock.pending).toBe(1)
    clock.advance(1)
    const record = await deciding
    answer({ effect: 'allow' })
    expect(record.effect).toBe('deny')
    expect(record.rules[0]).toMatchObject({
      failed: true,
      reason: 'policy slow failed: it gave no answer within 1000 ms',
    })
    expect(clock.pending).toBe(0)
  })

  test('an answer that cannot be read denies', () => {
    const hostile = {
      get effect() {
        throw new Error('no')
      },
    }
    expect(now([allow, policyThat('odd', () => hostile)]).effect).toBe('deny')
    const thenable = Object.defineProperty({}, 'then', {
      get() {
        throw new Error('no')
      },
    })
    expect(now([allow, policyThat('odd', () => thenable)]).effect).toBe('deny')
  })

  test('a promise-like answer that calls back twice, or throws in then, is settled once', async () => {
    const thenable = (then: (resolve: (value: unknown) => void) => void) =>
      Object.defineProperty({}, 'then', { value: then })
    const twice = thenable((resolve) => {
      resolve({ effect: 'deny', reason: 'first' })
      resolve({ effect: 'allow' })
    })
    expect((await decide([policyThat('odd', () => twice)], standard, call, options())).effect).toBe('deny')
    const bad = thenable(() => {
      throw new Error('no')
    })
    expect((await decide([allow, policyThat('odd', () => bad)], standard, call, options())).effect).toBe(
      'deny',
    )
  })

  test('T33: nonsense arguments that trip a condition deny, instead of passing it by', () => {
    const rules = [
      when('data.export')
        .if(({ args }) => (args.table as string).startsWith('tmp'))
        .allow(),
      allow,
    ]
    for (const args of [undefined, null, 'x', 7, [], { table: null }, { table: 5 }, { Table: 'tmp' }]) {
      expect(now(rules, callOf('data.export', args)).effect).toBe('deny')
    }
    expect(now(rules, callOf('data.export', { table: 'tmp1' })).effect).toBe('allow')
  })
})
