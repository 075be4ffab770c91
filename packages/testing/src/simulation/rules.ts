import { type ActionOptions, group, type Policy, when } from '@gatewright/core'
import type { ExpectedPolicy } from './evidence'

/** How the world's actions are gated. Times are short, so that they come within a run. */
export const TIMES = {
  within: 6_000,
  useWithin: 2_500,
  escalateAfter: 400,
  executionTimeout: 700,
  grace: 250,
  keptFor: 2_500,
} as const

const timely = { within: TIMES.within, useWithin: TIMES.useWithin } as const

/** The rules that every gate of a world is given. */
export function rulesOf(): readonly Policy[] {
  return [
    when('db.*').except('db.drop').allow({ id: 'reads' }),
    when('db.drop').deny('nobody drops'),
    when('ops.solo').require({ reviewers: group('ops'), ...timely, remindEvery: 2_000 }),
    // Escalated while it has the one vote of two, so that votes before and after it count together.
    when('ops.pair').require({
      reviewers: group('ops', { atLeast: 2 }),
      escalate: { after: TIMES.escalateAfter, to: group('leads') },
      ...timely,
    }),
    when('ops.trio').require({ reviewers: group('ops', { atLeast: 3 }), ...timely }),
    when('ops.staged').require({
      stages: [
        {
          name: 'peers',
          reviewers: group('ops'),
          escalate: { after: TIMES.escalateAfter, to: group('leads') },
        },
        { name: 'guards', reviewers: group('security') },
      ],
      ...timely,
    }),
    when('ops.granted').require({ reviewers: group('ops'), grantable: true, ...timely }),
    when('ops.endorsed').require({ reviewers: group('ops', { atLeast: 2 }), grantable: true, ...timely }),
    when('ops.both').require({ id: 'both-ops', reviewers: group('ops', { atLeast: 2 }), ...timely }),
    when('ops.both').require({ id: 'both-security', reviewers: group('security'), ...timely }),
  ]
}

/** What reviews an action that no rule speaks of. */
export const DEFAULT_REQUIREMENT = { reviewers: group('ops'), ...timely } as const

/** Actions whose function gets a credential of the vault. */
export const WITH_CREDENTIAL: readonly string[] = ['ops.vault', 'db.vault']

/** Actions whose votes a standing grant may stand in for. */
export const GRANTABLE: readonly string[] = ['ops.granted', 'ops.endorsed']

/** The world's actions with their options. */
export const ACTIONS: Readonly<
  Record<string, Omit<ActionOptions, 'credentials' | 'input' | 'context' | 'pin' | 'facts'>>
> = {
  'db.read': {},
  'db.slow': { executionTimeout: TIMES.executionTimeout, grace: TIMES.grace },
  'db.drop': {},
  'ops.solo': {},
  'ops.pair': { parameters: ['input', 'extra'], personal: ['/input/amount'] },
  'ops.trio': {},
  'ops.staged': {},
  'ops.both': {},
  'ops.orphan': { onOrphan: 'run' },
  'ops.again': { idempotent: true },
  'ops.kept': { keepResult: true },
  'ops.slow': { executionTimeout: TIMES.executionTimeout, grace: TIMES.grace },
  'ops.granted': {},
  'ops.endorsed': {},
  'ops.vault': {},
  'db.vault': {},
}

const one = (name: string, atLeast = 1, escalatesTo: string | null = null) => ({
  group: name,
  atLeast,
  escalatesTo,
})
const asks = (...requirements: ExpectedPolicy['requirements']): ExpectedPolicy => ({
  effect: 'require',
  requirements,
  idempotent: false,
  grantable: false,
  credential: false,
  orphan: false,
})
const byOps = asks({ stages: [one('ops')] })
const allowed: ExpectedPolicy = {
  effect: 'allow',
  requirements: [],
  idempotent: false,
  grantable: false,
  credential: false,
  orphan: false,
}

/** What the checker expects of each action: the same rules, written down once more and apart. */
export const EXPECTED: Readonly<Record<string, ExpectedPolicy>> = {
  'db.read': allowed,
  'db.slow': allowed,
  'db.drop': { ...allowed, effect: 'deny' },
  'db.vault': { ...allowed, credential: true },
  'ops.solo': byOps,
  'ops.pair': asks({ stages: [one('ops', 2, 'leads')] }),
  'ops.trio': asks({ stages: [one('ops', 3)] }),
  'ops.staged': asks({ stages: [one('ops', 1, 'leads'), one('security')] }),
  'ops.both': asks({ stages: [one('ops', 2)] }, { stages: [one('security')] }),
  'ops.orphan': { ...byOps, orphan: true },
  'ops.again': { ...byOps, idempotent: true },
  'ops.kept': byOps,
  'ops.slow': byOps,
  'ops.granted': { ...byOps, grantable: true },
  'ops.endorsed': { ...asks({ stages: [one('ops', 2)] }), grantable: true },
  'ops.vault': { ...byOps, credential: true },
}
