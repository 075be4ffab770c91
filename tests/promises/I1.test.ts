import { group, type Policy, type PolicyDecision, type RiskSignal, when } from '@gatewright/core'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { attempt, scene, settle } from '../../packages/core/test/scene'

// Many runs of each property: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 })

/** What one policy does with a call, by name; `effect` is what it amounts to. */
const BEHAVIOURS: Readonly<Record<string, { readonly effect: string; readonly decide: () => unknown }>> = {
  allows: { effect: 'allow', decide: () => ({ effect: 'allow' }) },
  'allows later': { effect: 'allow', decide: async () => ({ effect: 'allow' }) },
  denies: { effect: 'deny', decide: () => ({ effect: 'deny', reason: 'no' }) },
  'denies later': { effect: 'deny', decide: async () => ({ effect: 'deny', reason: 'no' }) },
  requires: { effect: 'require', decide: () => required },
  abstains: { effect: 'abstain', decide: () => ({ effect: 'abstain' }) },
  throws: {
    effect: 'deny',
    decide() {
      throw new Error('broken')
    },
  },
  rejects: { effect: 'deny', decide: () => Promise.reject(new Error('broken')) },
  'answers undefined': { effect: 'deny', decide: () => undefined },
  'answers true': { effect: 'deny', decide: () => true },
  'answers null later': { effect: 'deny', decide: async () => null },
  'requires nothing': { effect: 'deny', decide: () => ({ effect: 'require' }) },
  'requires nobody': {
    effect: 'deny',
    decide: () => ({ effect: 'require', requirement: { ...requirement(), stages: [] } }),
  },
  'misspells allow': { effect: 'deny', decide: () => ({ effect: 'Allow' }) },
  'never answers': { effect: 'deny', decide: () => new Promise(() => {}) },
}

function requirement() {
  const rule = when('x').require({ reviewers: group('ops') })
  return (rule.decide({ action: 'x' } as never) as Extract<PolicyDecision, { effect: 'require' }>).requirement
}

const required = { effect: 'require', requirement: requirement() }

const SIGNALS: Readonly<Record<string, { readonly failed: boolean; readonly assess: () => unknown }>> = {
  calm: { failed: false, assess: () => ({ score: 0 }) },
  alarmed: { failed: false, assess: async () => ({ score: 1, reasons: ['fire'] }) },
  throwing: {
    failed: true,
    assess() {
      throw new Error('broken')
    },
  },
  silent: { failed: true, assess: () => new Promise(() => {}) },
  nonsense: { failed: true, assess: () => ({ score: Number.NaN }) },
}

const CONTEXTS: Readonly<
  Record<string, { readonly failed: boolean; readonly context: (() => unknown) | undefined }>
> = {
  none: { failed: false, context: undefined },
  known: { failed: false, context: async () => ({ resource: 'table' }) },
  throwing: { failed: true, context: () => Promise.reject(new Error('broken')) },
  silent: { failed: true, context: () => new Promise(() => {}) },
  undefined: { failed: true, context: () => undefined },
}

const someCase = fc.record({
  policies: fc.array(fc.constantFrom(...Object.keys(BEHAVIOURS)), { maxLength: 4 }),
  signals: fc.array(fc.constantFrom(...Object.keys(SIGNALS)), { maxLength: 2 }),
  context: fc.constantFrom(...Object.keys(CONTEXTS)),
  voted: fc.boolean(),
  keyed: fc.boolean(),
})

type Case = typeof someCase extends fc.Arbitrary<infer Value> ? Value : never

/** The strictest word, worked out apart from the engine. */
function expected({ policies, signals, context }: Case): 'allow' | 'deny' | 'require' {
  const effects = policies.map((name) => BEHAVIOURS[name]?.effect)
  if (effects.includes('deny')) return 'deny'
  const blind = signals.some((name) => SIGNALS[name]?.failed) || CONTEXTS[context]?.failed === true
  return effects.includes('allow') && !effects.includes('require') && !blind ? 'allow' : 'require'
}

function arrange({ policies, signals }: Case) {
  return scene({
    policy: policies.map(
      (name, index) =>
        ({ id: `p${index}`, version: 1, decide: BEHAVIOURS[name]?.decide }) as unknown as Policy,
    ),
    risk: signals.map(
      (name, index) => ({ id: `s${index}`, assess: SIGNALS[name]?.assess }) as unknown as RiskSignal,
    ),
    timeouts: { policy: '1s', lookup: '1s' },
  })
}

describe('I1: no approval, no run', () => {
  test('I1: whatever the parts of a decision do, a call runs only on the strictest word that allows it', async () => {
    await fc.assert(
      fc.asyncProperty(someCase, async (drawn) => {
        const s = arrange(drawn)
        const { context } = CONTEXTS[drawn.context] ?? {}
        const tool = s.gate.requireApproval(s.effect, {
          action: 'data.export',
          ...(context === undefined ? {} : { context: context as never }),
          ...(drawn.keyed ? { key: () => 'k' } : {}),
        })
        const call = attempt(tool({ table: 'users' }))
        await s.clock.advance('3s')
        const word = expected(drawn)
        const waiting = await s.pending()

        if (word !== 'allow') expect(s.runs).toEqual([])
        expect(waiting).toHaveLength(word === 'require' ? 1 : 0)
        if (word === 'deny') {
          expect(call.code).toBe('ERR_APPROVAL_DENIED')
          expect(await s.types()).toEqual(['call.denied'])
        }
        if (word === 'require' && drawn.voted) await s.approve((await s.only()).id)
        await settle()

        const mayRun = word === 'allow' || (word === 'require' && drawn.voted)
        expect(s.runs).toHaveLength(mayRun ? 1 : 0)
        const starts = await s.events('execution.started')
        expect(starts.map(({ data }) => data['basis'])).toEqual(
          mayRun ? [word === 'allow' ? 'policy' : 'votes'] : [],
        )
        await s.close()
      }),
      { numRuns: 100 },
    )
  })

  test('I1: in observe mode a denial still denies, and every unapproved run says so', async () => {
    await fc.assert(
      fc.asyncProperty(someCase, async (drawn) => {
        const s = scene({
          mode: 'observe',
          policy: drawn.policies.map(
            (name, index) =>
              ({ id: `p${index}`, version: 1, decide: BEHAVIOURS[name]?.decide }) as unknown as Policy,
          ),
          timeouts: { policy: '1s' },
        })
        const tool = s.gate.requireApproval(s.effect, {
          action: 'data.export',
          ...(drawn.keyed ? { key: () => 'k' } : {}),
        })
        const call = attempt(tool('users'))
        await s.clock.advance('2s')
        const word = expected({ ...drawn, signals: [], context: 'none' })
        expect(s.runs).toHaveLength(word === 'deny' ? 0 : 1)
        expect(call.code).toBe(word === 'deny' ? 'ERR_APPROVAL_DENIED' : undefined)
        const bases = (await s.events('execution.started')).map(({ data }) => data['basis'])
        expect(bases).toEqual(word === 'deny' ? [] : [word === 'allow' ? 'policy' : 'observe'])
        expect(
          s.logger.entries.some(
            ({ level, message }) => level === 'warn' && message.includes('only observes'),
          ),
        ).toBe(true)
        await s.close()
      }),
      { numRuns: 60 },
    )
  })
})
