import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Policy, PolicyDecision } from '../contracts/policy'
import { decide, UNAVAILABLE } from './decide'
import { createRecordCache } from './record'
import { NO_RISK } from './risk'
import { allow, call, now, options, standard, strict } from './test/deciding'
import { callOf, policyThat } from './test/samples'

const failedRisk = { ...NO_RISK, score: 1, level: 'critical' as const, failed: ['scan'] }

const deny = policyThat('deny', () => ({ effect: 'deny', reason: 'not today' }))
const require = policyThat('require', () => ({ effect: 'require', requirement: strict }))
const abstain = policyThat('abstain', () => ({ effect: 'abstain' }))

describe('deciding', () => {
  test('deny beats require beats allow, in any order, and every answer is kept', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(allow, deny, require, abstain), { maxLength: 8 }), (policies) => {
        const record = now(policies)
        const said = policies.map(({ id }) => id).filter((id) => id !== 'abstain')
        const effect = ['deny', 'require', 'allow'].find((one) => said.includes(one)) ?? 'require'
        expect(record.effect).toBe(effect)
        expect(record.rules.map(({ id }) => id)).toEqual(said)
        expect(record.requirements.length > 0).toBe(effect === 'require')
      }),
    )
  })

  test('I1: with no rule, or when all abstain, the default requirement applies', () => {
    expect(now([])).toMatchObject({ effect: 'require', requirements: [standard], rules: [] })
    expect(now([abstain, abstain])).toMatchObject({ effect: 'require', requirements: [standard], rules: [] })
  })

  test('all requirements must be met; equal ones once', () => {
    const copy = JSON.parse(JSON.stringify(strict))
    const again = policyThat('again', () => ({ effect: 'require', requirement: copy }))
    const other = policyThat('other', () => ({ effect: 'require', requirement: standard }))
    expect(now([require, again, other]).requirements).toEqual([strict, standard])
    const changed = policyThat('changed', () => ({
      effect: 'require',
      requirement: { ...copy, withinMs: 5 },
    }))
    expect(now([require, changed]).requirements).toHaveLength(2)
  })

  test('reasons are kept, and a denial always has one', () => {
    expect(now([deny]).rules).toEqual([{ id: 'deny', version: 1, effect: 'deny', reason: 'not today' }])
    const silent = policyThat('silent', () => ({ effect: 'deny' }))
    expect(now([silent]).rules[0]?.reason).toBe('no reason was given')
  })

  test('the record is frozen, and keeps nothing a policy can change later (T07)', () => {
    const requirement = JSON.parse(JSON.stringify(strict))
    const record = now([policyThat('p', () => ({ effect: 'require', requirement }))])
    requirement.stages[0].atLeast = 1
    expect(record.requirements[0]?.stages[0]?.atLeast).toBe(2)
    const parts = [
      record,
      record.rules,
      record.rules[0],
      record.requirements,
      record.requirements[0]?.stages[0],
    ]
    expect(parts.every(Object.isFrozen)).toBe(true)
  })

  test('the hash covers ids, versions, effects and requirements, and nothing else', () => {
    const hash = (...policies: readonly Policy[]) => now(policies).hash
    expect(hash(allow)).toMatch(/^[0-9a-f]{64}$/)
    expect(hash(deny)).toBe(hash({ ...deny, decide: () => ({ effect: 'deny', reason: 'another' }) }))
    const hashes = [
      hash(),
      hash(allow),
      hash(deny),
      hash(require),
      hash({ ...allow, version: 2 }),
      hash({ ...allow, decide: () => ({ effect: 'deny', reason: '' }) }),
      hash({ ...allow, id: 'allow2' }),
      hash(allow, require),
      hash({ ...require, decide: () => ({ effect: 'require', requirement: standard }) }),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
  })
})

describe('missing facts', () => {
  const cases = [
    { contextUnavailable: true },
    { risk: failedRisk },
    { contextUnavailable: true, risk: failedRisk },
  ]

  test.each(cases)('I1: an allowed call is reviewed when %j', (facts) => {
    const record = now([allow], callOf('x', {}, facts))
    expect(record).toMatchObject({ effect: 'require', requirements: [standard] })
    expect(record.rules.map(({ id }) => id)).toEqual(['allow', UNAVAILABLE])
    expect(record.hash).not.toBe(now([]).hash)
  })

  test('I1: a policy that rewrites the facts hides nothing', () => {
    const input = { ...callOf('x', {}, { contextUnavailable: true }) }
    const liar = policyThat('liar', () => {
      input.contextUnavailable = false
      return { effect: 'allow' }
    })
    expect(now([liar], input).effect).toBe('require')
  })

  test.each(cases)('a denial stays, and so does a requirement, when %j', (facts) => {
    const input = callOf('x', {}, facts)
    expect(now([allow, deny], input).effect).toBe('deny')
    expect(now([allow, require], input)).toMatchObject({ effect: 'require', requirements: [strict] })
    expect(now([require], input).rules.map(({ id }) => id)).toEqual(['require'])
  })
})

describe('asynchronous policies', () => {
  test('all are asked in order, at once, and answers keep that order', async () => {
    const asked: string[] = []
    const waits = (id: string, decision: PolicyDecision, turns: number) =>
      policyThat(id, async () => {
        asked.push(id)
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
        return decision
      })
    const policies = [
      allow,
      waits('a', { effect: 'allow' }, 9),
      abstain,
      waits('b', { effect: 'abstain' }, 1),
      waits('c', { effect: 'deny', reason: 'c' }, 2),
    ]
    const deciding = decide(policies, standard, call, options())
    expect(asked).toEqual(['a', 'b', 'c'])
    const record = await deciding
    expect(record.rules.map(({ id }) => id)).toEqual(['allow', 'a', 'c'])
    expect(record.effect).toBe('deny')
  })
})

describe('shared records', () => {
  const calls = fc.array(fc.constantFrom(allow, deny, require, abstain), { maxLength: 4 })

  test('calls that are decided alike share one object; others never do', () => {
    const records = createRecordCache(8)
    const shared = (policies: readonly Policy[], input = call) => now(policies, input, { records })
    expect(shared([require])).toBe(shared([require]))
    expect(shared([require])).not.toBe(shared([require, allow]))
    expect(shared([allow])).not.toBe(shared([allow], callOf('x', {}, { contextUnavailable: true })))
    expect(shared([allow], callOf('x', {}, { contextUnavailable: true }))).not.toBe(
      shared([allow], callOf('x', {}, { risk: failedRisk })),
    )
  })

  test('a shared record is equal to one that was made for the call, however small the cache', () => {
    const records = createRecordCache(2)
    fc.assert(
      fc.property(calls, fc.boolean(), (policies, contextUnavailable) => {
        const input = callOf('x', {}, { contextUnavailable })
        expect(now(policies, input, { records })).toEqual(now(policies, input))
      }),
      { numRuns: 300 },
    )
  })

  test('reasons that differ are not mixed up', () => {
    const records = createRecordCache(8)
    let reason = 'one'
    const talking = policyThat('talking', () => ({ effect: 'deny', reason }))
    expect(now([talking], call, { records }).rules[0]?.reason).toBe('one')
    reason = 'two'
    expect(now([talking], call, { records }).rules[0]?.reason).toBe('two')
  })

  test('a policy that requires something else than before is not given its earlier record', () => {
    const records = createRecordCache(8)
    let requirement = standard
    const changing = policyThat('changing', () => ({ effect: 'require', requirement }))
    expect(now([changing], call, { records }).requirements).toEqual([standard])
    requirement = strict
    expect(now([changing], call, { records }).requirements).toEqual([strict])
  })

  test('failures are not shared: each is its own', () => {
    const records = createRecordCache(8)
    const odd = policyThat('odd', () => undefined)
    expect(now([odd], call, { records })).not.toBe(now([odd], call, { records }))
  })
})
