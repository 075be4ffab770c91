import type { AuditEvent } from '@gatewright/core'
import type { Violation } from '../evidence'
import { asExpected } from './basis'
import { breaches, type Case, type Check, canonicalOf, keyOfPerson, notExcluded } from './case'
import { names, numberOf, personOf, textOf } from './facts'
import type { History } from './history'

/** What the log says of one standing grant. */
interface GrantFact {
  readonly id: string
  readonly created: AuditEvent
  /** Those who gave it: its creator and its endorsers. */
  readonly given: readonly AuditEvent[]
}

const KINDS = { create: 'grant.created', endorse: 'grant.endorsed', revoke: 'grant.revoked' } as const

/** What ran on a standing grant was within it, while it lasted, as often as it says, and given by people who could have voted. */
export const checkGrants: Check = (of) => {
  const grants = readGrants(of)
  const found: Violation[] = [...wordProblems(of)]
  const used = new Map<string, number>()
  for (const history of of.histories.values()) {
    if (history.started?.data.basis !== 'grant') continue
    const id = textOf(history.started.data.grantId) ?? ''
    const grant = grants.get(id)
    used.set(id, (used.get(id) ?? 0) + 1)
    if (grant === undefined)
      found.push({
        promise: 'I1',
        subject: history.subject,
        what: `it ran on the grant ${id}, which nobody gave`,
      })
    else found.push(...useProblems(of, history, history.started, grant))
  }
  const once = breaches('I3')
  for (const [id, times] of used) {
    const uses = numberOf(grants.get(id)?.created.data.usesLeft) ?? 0
    once.expect(times <= uses, id, `the grant was for ${uses} uses, and ${times} calls started on it`)
  }
  return [...found, ...once.found]
}

function eventsOfGrants({ logs }: Case): readonly AuditEvent[] {
  return [...logs.chains.values()].flatMap(([first]) => (first?.type.startsWith('grant.') ? [first] : []))
}

function readGrants(of: Case): ReadonlyMap<string, GrantFact> {
  const events = eventsOfGrants(of)
  return new Map(
    events
      .filter(({ type }) => type === KINDS.create)
      .map((created) => {
        const id = textOf(created.data.grantId) ?? ''
        const given = events.filter(
          ({ data, type }) => data.grantId === id && (type === KINDS.create || type === KINDS.endorse),
        )
        return [id, { id, created, given }] as const
      }),
  )
}

/** What people said of grants is in the log, and nothing that they did not say. */
function wordProblems(of: Case): readonly Violation[] {
  const lost = breaches('I8')
  const verified = breaches('I5')
  const own = breaches('I4')
  const events = eventsOfGrants(of)
  const { grantWords } = of.evidence
  for (const { kind, actor, grantId, doneAt } of grantWords) {
    const held = events.some(
      ({ type, data }) =>
        type === KINDS[kind] && data.grantId === grantId && personOf(data.by) === keyOfPerson(actor),
    )
    lost.expect(doneAt === null || held, grantId, `a grant was ${kind}d, and no log has it`)
  }
  for (const { type, data, subject } of events) {
    const by = personOf(data.by)
    const said = grantWords.some(
      ({ kind, actor, action }) =>
        type === KINDS[kind] && action === data.action && actor.type === 'human' && keyOfPerson(actor) === by,
    )
    verified.expect(said, subject, `${by} is said to be behind ${type}, and said nothing like it`)
    if (type === KINDS.revoke || by === null) continue
    own.expect(
      canonicalOf(of, by) !== of.evidence.owner,
      subject,
      `${by} owns the agent, and gave it a grant`,
    )
  }
  return [...lost.found, ...verified.found, ...own.found]
}

function useProblems(
  of: Case,
  history: History,
  started: AuditEvent,
  { id, created, given }: GrantFact,
): readonly Violation[] {
  const { subject, action } = history
  const basis = breaches('I1')
  const time = breaches('I6')
  const expected = of.evidence.policies[action ?? '']
  basis.expect(
    expected?.effect === 'require' && expected.grantable && asExpected(history, of),
    subject,
    `it ran on a grant, and the rules let none stand in for the votes on ${action}`,
  )
  basis.expect(created.data.action === action, subject, 'it ran on a grant for another action')
  time.expect(
    started.time < (numberOf(created.data.expiresAt) ?? 0),
    subject,
    'it started on a grant that had expired',
  )
  const words = of.evidence.grantWords.filter(({ grantId }) => grantId === id)
  time.expect(
    !words.some(({ kind, doneAt }) => kind === 'revoke' && doneAt !== null && doneAt < started.time),
    subject,
    'it started on a grant after its revoker had been told that it was revoked',
  )
  const effect = of.evidence.effects.find(({ requestId }) => requestId === subject)
  const most = words.find(({ kind }) => kind === 'create')?.atMost
  if (effect !== undefined && most !== undefined)
    basis.expect(
      effect.amount <= most,
      subject,
      `it ran with ${effect.amount} on a grant for ${most} at most`,
    )
  if (effect !== undefined) basis.found.push(...giverProblems(of, history, given, effect))
  return [...basis.found, ...time.found]
}

/** T23: the givers were looked up again by the process that ran it, and would have been a quorum (I4 included). */
function giverProblems(
  of: Case,
  history: History,
  given: readonly AuditEvent[],
  { life, step }: { readonly life: string; readonly step: number },
): readonly Violation[] {
  const { found, expect } = breaches('I1')
  const answers = of.evidence.directory.filter(
    (answer) => answer.life === life && answer.time >= history.created.time && answer.step <= step,
  )
  const standing = new Set<string>()
  for (const { data } of given) {
    const by = personOf(data.by)
    const known = answers.filter(({ identity, person }) => person !== null && keyOfPerson(identity) === by)
    for (const { person } of known) {
      if (person === null) continue
      const giver = keyOfPerson(person)
      const eligible = history.requirements.every((stages) =>
        stages.every(({ reviewers }) => names(reviewers, giver, person.groups)),
      )
      if (eligible && notExcluded(of, history, giver, answers)) standing.add(giver)
    }
  }
  const needed = Math.max(
    ...history.requirements.map((stages) => stages.reduce((sum, { atLeast }) => sum + atLeast, 0)),
  )
  expect(
    standing.size >= needed,
    history.subject,
    `it ran on a grant of ${standing.size} people who may review it, and ${needed} are needed`,
  )
  return found
}
