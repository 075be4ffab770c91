import { group, when } from '@gatewright/core'
import { describe, expect, test } from 'vitest'
import { brokenPolicies, rightAsyncPolicy, rightPolicy } from './broken-policies'
import { describePolicy } from './policy'
import { type PolicyHarness, policyCases, runPolicyCase } from './policy-cases'
import { policyInputs } from './policy-inputs'
import { decisionProblem } from './policy-legality'

describePolicy('a right one', { create: rightPolicy })
describePolicy('a right one that looks something up', { create: rightAsyncPolicy })
describePolicy('a rule with conditions', {
  create: () =>
    when('data.*')
      .except('data.count')
      .if(({ args }) => Number(args.rows) > 10_000)
      .require({ reviewers: group('security', { atLeast: 2 }), within: '30m', remindEvery: '5m' }),
  actions: ['data.export'],
})
describePolicy('a denying rule', {
  create: () =>
    when('*')
      .if(({ risk }) => risk.score > 0.8)
      .deny('too risky'),
})
describePolicy('an allowing rule', { create: () => when('data.count').allow(), actions: ['data.count'] })

/** The names of the cases that notice something. */
async function caught(harness: PolicyHarness): Promise<readonly string[]> {
  const names: string[] = []
  for (const one of policyCases) {
    await runPolicyCase(one, { ...harness, deadlineMs: 20 }).catch(() => names.push(one.name))
  }
  return names
}

describe('the suite notices that', () => {
  test.each(brokenPolicies)('$flaw', async ({ make, caughtBy }) => {
    expect((await caught({ create: make })).join('\n')).toMatch(caughtBy)
  })

  test('something is wrong with at least one policy, for each case', async () => {
    const noticed = new Set<string>()
    for (const { make } of brokenPolicies)
      for (const name of await caught({ create: make })) noticed.add(name)
    expect(policyCases.map(({ name }) => name).filter((name) => !noticed.has(name))).toEqual([])
  })
})

describe('the generated calls', () => {
  test('are the same for the same seed, and others for another', () => {
    const source = { actions: ['a.b'], args: null }
    expect(policyInputs(50, source, 7)).toEqual(policyInputs(50, source, 7))
    expect(policyInputs(50, source, 7)).not.toEqual(policyInputs(50, source, 8))
  })

  test('cover known and unknown actions, missing facts, failed signals and nonsense', () => {
    const inputs = policyInputs(400, { actions: ['a.b'], args: null })
    const share = (matches: (input: (typeof inputs)[number]) => boolean) => inputs.filter(matches).length
    expect(share(({ action }) => action === 'a.b')).toBeGreaterThan(50)
    expect(share(({ action }) => action !== 'a.b')).toBeGreaterThan(50)
    expect(share(({ contextUnavailable }) => contextUnavailable)).toBeGreaterThan(20)
    expect(share(({ risk }) => risk.failed.length > 0)).toBeGreaterThan(10)
    expect(share(({ args }) => Object.keys(args).length === 0)).toBeGreaterThan(20)
    expect(share(({ args }) => Object.values(args).includes(undefined))).toBeGreaterThan(5)
  })

  test('have only the given arguments, where some are given', () => {
    const args = [{ rows: 1 }, { rows: 2 }]
    expect(new Set(policyInputs(50, { actions: [], args }).map((input) => input.args.rows))).toEqual(
      new Set([1, 2]),
    )
  })
})

test('what a gate’s own rules require is legal, with everything that can be said', () => {
  const rule = when('*').require({
    stages: [
      { name: 'a', reviewers: group('ops'), atLeast: 2, escalate: { after: '5m', to: group('leads') } },
      { name: 'b', reviewers: group('security'), assurance: { sso: true, maxAge: '15m', acr: ['mfa'] } },
    ],
    noteFor: 'both',
    grantable: true,
  })
  const [input] = policyInputs(1, { actions: [], args: null })
  expect(input && decisionProblem(rule.decide(input))).toBeNull()
})
