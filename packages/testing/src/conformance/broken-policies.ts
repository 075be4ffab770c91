import type { Policy, PolicyDecision, PolicyInput, Requirement } from '@gatewright/core'

/** A policy that is wrong in one way. */
export interface BrokenPolicy {
  /** What is wrong with it. */
  readonly flaw: string
  /** A part of a case's name that must notice. */
  readonly caughtBy: RegExp
  make(): Policy
}

const requirement: Requirement = {
  id: 'two-people',
  version: 1,
  stages: [
    {
      name: 'review',
      reviewers: { type: 'group', name: 'ops' },
      atLeast: 2,
      assurance: null,
      escalation: null,
    },
  ],
  withinMs: 3_600_000,
  useWithinMs: 900_000,
  remindEveryMs: null,
  noteFor: { approve: false, reject: false },
  grantable: false,
}

/** A policy that does everything right: asks for exports, denies deletions, allows counting. */
export function rightPolicy(): Policy {
  return { id: 'right', version: 1, decide: rightDecision }
}

/** The same, after a look-up. */
export function rightAsyncPolicy(): Policy {
  return {
    id: 'right-async',
    version: 3,
    async decide(call) {
      await Promise.resolve()
      return rightDecision(call)
    },
  }
}

function rightDecision({ action, risk }: PolicyInput): PolicyDecision {
  if (action.endsWith('.delete')) return { effect: 'deny', reason: 'nothing is deleted' }
  if (action === 'data.export')
    return { effect: 'require', requirement: structuredClone(requirement), reason: risk.level }
  return action === 'data.count' ? { effect: 'allow' } : { effect: 'abstain' }
}

/** The ways in which policies were wrong, here and elsewhere; the suite must notice each. */
export const brokenPolicies: readonly BrokenPolicy[] = [
  deciding('a branch without a return answers undefined', /T40/, (call) => {
    if (call.action === 'data.export') return { effect: 'allow' }
    return undefined
  }),
  deciding('it takes for granted that an argument is there', /T40/, (call) =>
    String((call.args.path as string).toUpperCase()) === '' ? { effect: 'allow' } : { effect: 'abstain' },
  ),
  deciding('it answers true', /T40/, () => true),
  deciding('its effect is misspelt', /T40/, () => ({ effect: 'denied', reason: 'no' })),
  deciding('it denies without a reason', /T40/, () => ({ effect: 'deny' })),
  requiring('its quorum is zero', { stages: requirement.stages.map((stage) => ({ ...stage, atLeast: 0 })) }),
  requiring('its requirement has no stages', { stages: [] }),
  requiring('its requirement never expires', { withinMs: Number.POSITIVE_INFINITY }),
  requiring('its assurance is misspelt', {
    stages: requirement.stages.map((stage) => ({ ...stage, assurance: { maxAge: '15m' } })),
  }),
  requiring('its reviewers are an e-mail address', {
    stages: requirement.stages.map((stage) => ({
      ...stage,
      reviewers: { type: 'email', of: 'ada@example.com' },
    })),
  }),
  deciding('its promise rejects', /T40/, async (call) => {
    if (call.risk.score > 0.9) throw new Error('too risky')
    return { effect: 'abstain' }
  }),
  deciding('it never answers', /T40/, () => new Promise(() => {})),
  deciding('it hands out a function', /plain data/, () => ({ effect: 'allow', explain: () => 'because' })),
  deciding('it adds a default to the arguments', /T09/, (call) => {
    Reflect.set(call.args, 'rows', call.args.rows ?? 100)
    return { effect: 'abstain' }
  }),
  deciding('it sorts the reasons in place', /T40/, (call) => {
    ;(call.risk.reasons as string[]).push('seen')
    return { effect: 'abstain' }
  }),
  counting('it allows every third call', /equal calls/, (calls) => calls % 3 === 0),
  counting('it allows what it has seen before', /equal calls/, (calls) => calls > 200),
  deciding('it samples', /chance/, () => (Math.random() < 0.5 ? { effect: 'allow' } : { effect: 'abstain' })),
  deciding('office hours are those of the machine', /chance/, () =>
    new Date().getUTCHours() >= 9 ? { effect: 'allow' } : { effect: 'abstain' },
  ),
  deciding('it reads the machine’s clock for its window', /chance/, () =>
    Date.now() > Date.UTC(2030, 0, 1) ? { effect: 'allow' } : { effect: 'abstain' },
  ),
  { flaw: 'calls that overlap are mixed up', caughtBy: /as if alone/, make: mixingPolicy },
  {
    flaw: 'all calls share one decision that can be changed',
    caughtBy: /T07/,
    make() {
      const shared: PolicyDecision = { effect: 'require', requirement: structuredClone(requirement) }
      return { id: 'shared', version: 1, decide: () => shared }
    },
  },
  { flaw: 'it has no id', caughtBy: /id and a version/, make: () => ({ ...rightPolicy(), id: '' }) },
  {
    flaw: 'its version is a text',
    caughtBy: /id and a version/,
    make: () => ({ ...rightPolicy(), version: '1' as never }),
  },
]

/** A policy whose `decide` may answer anything. */
function deciding(flaw: string, caughtBy: RegExp, decide: (call: PolicyInput) => unknown): BrokenPolicy {
  return { flaw, caughtBy, make: () => ({ id: 'broken', version: 1, decide: decide as Policy['decide'] }) }
}

/** A policy that always requires something illegal. */
function requiring(flaw: string, wrong: Readonly<Record<string, unknown>>): BrokenPolicy {
  return deciding(flaw, /T40/, () => ({ effect: 'require', requirement: { ...requirement, ...wrong } }))
}

/** A policy that remembers how often it was asked. */
function counting(flaw: string, caughtBy: RegExp, allows: (calls: number) => boolean): BrokenPolicy {
  function make(): Policy {
    let calls = 0
    return {
      id: 'counting',
      version: 1,
      decide() {
        calls += 1
        return allows(calls) ? { effect: 'allow' } : { effect: 'abstain' }
      },
    }
  }
  return { flaw, caughtBy, make }
}

function mixingPolicy(): Policy {
  let current = ''
  return {
    id: 'mixing',
    version: 1,
    async decide(call) {
      current = call.action
      await Promise.resolve()
      return rightDecision({ ...call, action: current })
    },
  }
}
