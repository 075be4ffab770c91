import assert from 'node:assert/strict'
import type { Policy, PolicyDecision, PolicyInput } from '@gatewright/core'
import type { ConformanceCase } from './conformance-case'
import { type PolicyInputSource, policyInputs } from './policy-inputs'
import { decisionProblem } from './policy-legality'

/** How the suite gets at a policy. */
export interface PolicyHarness {
  /** A fresh one, equal to every other. */
  create(): Policy | Promise<Policy>
  /** Actions that it speaks of; others are mixed in. @default none */
  readonly actions?: readonly string[]
  /** Arguments that such calls have, where the action's schema lets no others through. @default anything, nonsense too */
  readonly args?: readonly Readonly<Record<string, unknown>>[]
  /** Real milliseconds that one decision may take. @default 1_000 */
  readonly deadlineMs?: number
}

/** What a case works with. */
export interface PolicyContext {
  readonly policy: Policy
  /** Another one, equal to the first. */
  another(): Promise<Policy>
  /** Calls to decide on: fresh objects each time, equal for equal seeds. */
  inputs(count: number, seed?: number): PolicyInput[]
  /** The decision, in time, or a rejection. */
  decide(policy: Policy, input: PolicyInput): Promise<PolicyDecision>
}

/** A case of the policy suite. */
export type PolicyCase = ConformanceCase<PolicyContext>

/** Runs one case on a fresh policy. Rejects when the policy does not do what the case wants. */
export async function runPolicyCase({ run }: PolicyCase, harness: PolicyHarness): Promise<void> {
  const source: PolicyInputSource = { actions: harness.actions ?? [], args: harness.args ?? null }
  await run({
    policy: await harness.create(),
    another: async () => harness.create(),
    inputs: (count, seed) => policyInputs(count, source, seed),
    decide: (policy, input) => inTime(policy, input, harness.deadlineMs ?? 1_000),
  })
}

/** Everything that a policy must do, as named cases. */
export const policyCases: readonly PolicyCase[] = [
  {
    name: 'has an id and a version that can stand in a log, and keeps them',
    async run({ policy, inputs, decide }) {
      const { id, version } = policy
      assert(typeof id === 'string' && id.trim() === id && id !== '', 'the id is not a text')
      assert(Number.isSafeInteger(version) && version >= 1, 'the version is not a whole number of at least 1')
      for (const input of inputs(20)) await decide(policy, frozen(input))
      assert.deepEqual(
        [policy.id, policy.version],
        [id, version],
        'it calls itself something else after deciding',
      )
    },
  },
  {
    name: 'T40: every call gets a legal decision, never undefined and never an exception',
    async run({ policy, inputs, decide }) {
      for (const input of inputs(400)) {
        const decision = await decide(policy, frozen(input))
        const problem = decisionProblem(decision)
        assert.equal(problem, null, `of ${input.action}: ${problem}`)
      }
    },
  },
  {
    name: 'a decision is plain data',
    async run({ policy, inputs, decide }) {
      for (const input of inputs(200)) {
        const decision = await decide(policy, frozen(input))
        assert.deepEqual(
          JSON.parse(JSON.stringify(decision)),
          { ...decision },
          'something of it cannot be stored',
        )
      }
    },
  },
  {
    name: 'T09: the call is looked at and not touched',
    async run({ policy, inputs, decide }) {
      const untouched = inputs(200)
      for (const [index, input] of inputs(200).entries()) {
        await decide(policy, input)
        assert.deepEqual(input, untouched[index], 'it changed the call it was asked about')
      }
    },
  },
  {
    name: 'equal calls get equal decisions, in any order and from any equal policy',
    async run({ policy, another, inputs, decide }) {
      const first: PolicyDecision[] = []
      for (const input of inputs(200)) first.push(await decide(policy, frozen(input)))
      const backwards = [...inputs(200).entries()].reverse()
      for (const one of [policy, await another()]) {
        for (const [index, input] of backwards) {
          assert.deepEqual(await decide(one, frozen(input)), first[index], `of ${input.action}, asked again`)
        }
      }
    },
  },
  {
    name: 'the time is the call’s own, and nothing is left to chance',
    async run({ policy, inputs, decide }) {
      const early = await atAnotherTime(Date.UTC(2001, 0, 1, 3), 0.01, () =>
        decideAll(policy, inputs(200), decide),
      )
      const late = await atAnotherTime(Date.UTC(2040, 5, 15, 15), 0.99, () =>
        decideAll(policy, inputs(200), decide),
      )
      assert.deepEqual(late, early, 'a decision depends on the clock of the machine, or on chance')
    },
  },
  {
    name: 'calls decided at once are decided as if alone',
    async run({ policy, another, inputs, decide }) {
      const alone: PolicyDecision[] = []
      for (const input of inputs(100)) alone.push(await decide(await another(), frozen(input)))
      const together = await Promise.all(inputs(100).map((input) => decide(policy, frozen(input))))
      assert.deepEqual(together, alone)
    },
  },
  {
    name: 'T07: changing a decision that was handed out changes no other',
    async run({ policy, inputs, decide }) {
      const before = await decideAll(policy, inputs(100), decide)
      const kept = structuredClone(before)
      for (const decision of before) loosen(decision)
      assert.deepEqual(
        await decideAll(policy, inputs(100), decide),
        kept,
        'a decision was changed from outside',
      )
    },
  },
]

async function decideAll(
  policy: Policy,
  inputs: readonly PolicyInput[],
  decide: PolicyContext['decide'],
): Promise<PolicyDecision[]> {
  const decisions: PolicyDecision[] = []
  for (const input of inputs) decisions.push(await decide(policy, frozen(input)))
  return decisions
}

async function inTime(policy: Policy, input: PolicyInput, ms: number): Promise<PolicyDecision> {
  const answer = policy.decide(input)
  if (!(answer instanceof Promise)) return answer
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${policy.id} did not decide on ${input.action} within ${ms} ms`)),
      ms,
    )
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Runs work while the machine believes it is another time, and dice fall otherwise. */
async function atAnotherTime<T>(time: number, chance: number, work: () => Promise<T>): Promise<T> {
  const RealDate = globalThis.Date
  const { random } = Math
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [time] : args, newTarget) as object,
    get: (target, name) => (name === 'now' ? () => time : (Reflect.get(target, name) as unknown)),
  })
  Math.random = () => chance
  try {
    return await work()
  } finally {
    globalThis.Date = RealDate
    Math.random = random
  }
}

/** Frozen to the last leaf, as a gate hands calls to policies. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}

/** What somebody who holds a decision may try, in code that is not strict. */
function loosen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    loosen(inner)
    if (typeof inner !== 'object' || inner === null)
      Reflect.set(value, name, name === 'effect' ? 'allow' : null)
  }
}
