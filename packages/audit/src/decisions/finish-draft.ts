import type { Decision, DecisionGrant, DecisionVote, NamedPerson } from './decision'
import type { Draft } from './draft'
import type { DecisionException, ExceptionCode } from './exceptions'
import { personText } from './read-data'

/**
 * The decision that a draft has become: whose votes count, whether they were enough and of other people, and what an
 * auditor should look at.
 */
export function finishDraft(
  draft: Draft,
  beside: {
    readonly grant: DecisionGrant | null
    readonly eventsMissing: boolean
    /** Who somebody is, by what other events say: most name people by identity alone. */
    readonly named: (person: NamedPerson | null) => NamedPerson | null
  },
): Decision {
  const { eventsMissing, grant, named } = beside
  draft.resolution.by = named(draft.resolution.by)
  if (draft.execution?.reconciled != null)
    draft.execution.reconciled = {
      ...draft.execution.reconciled,
      by: named(draft.execution.reconciled.by),
    }
  const votes = draft.votes.map((vote, index) => ({
    ...vote,
    counts:
      index >= draft.votesBefore &&
      vote.decision === 'approve' &&
      vote.argumentsDigest === draft.argumentsDigest,
  }))
  const quorum = quorumOf(draft, votes)
  const givers = grant?.givers ?? []
  const approvers = approversOf(draft, votes, draft.basis === 'grant' ? givers : [])
  const {
    carried: _,
    lastEventId: __,
    required: ___,
    stages: ____,
    grantId: _____,
    votesBefore: ______,
    ...facts
  } = draft
  return {
    ...facts,
    grant,
    votes,
    quorum,
    credentials: [...draft.credentials.values()],
    separated: separationOf(draft, approvers),
    exceptions: [...draft.exceptions, ...endExceptions(draft, votes, eventsMissing)],
  }
}

function quorumOf({ basis, carried, required, stages }: Draft, votes: readonly DecisionVote[]) {
  if (required === 0) return null
  const people = new Set(votes.filter(({ counts }) => counts).map(voter))
  for (const person of carried) people.add(person.key ?? JSON.stringify(person))
  return {
    required,
    approved: people.size,
    met: basis === 'votes' && people.size >= required,
    stages,
  }
}

/** One text for each person; those who cannot be told apart count as one. */
function voter({ actor, person }: DecisionVote): string {
  return person ?? actor.key ?? ''
}

/** Keys of those whose word the run stands on; `null` for whoever cannot be told from others. */
function approversOf(
  { basis, carried }: Draft,
  votes: readonly DecisionVote[],
  givers: readonly NamedPerson[],
): readonly (string | null)[] {
  if (basis === 'grant') return givers.map(({ key }) => key)
  if (basis !== 'votes') return []
  const cast = votes
    .filter(({ counts }) => counts)
    .flatMap(({ actor, person }) => (actor.key === null || person === null ? [null] : [actor.key, person]))
  return [...cast, ...carried.map(({ key }) => key)]
}

function separationOf({ agent, onBehalfOf }: Draft, approvers: readonly (string | null)[]): boolean | null {
  const excluded = [agent.owner, onBehalfOf].filter((one) => one !== null)
  if (approvers.length === 0) return null
  if (approvers.some((key) => key !== null && excluded.some((one) => one.key === key))) return false
  if (excluded.length === 0) return true
  return approvers.includes(null) || excluded.some(({ key }) => key === null) ? null : true
}

function endExceptions(
  draft: Draft,
  votes: readonly DecisionVote[],
  eventsMissing: boolean,
): readonly DecisionException[] {
  const found: DecisionException[] = []
  const { agent, basis, credentials, execution, lastAt, onBehalfOf } = draft
  const tell = (code: ExceptionCode, at: number, text: string): void =>
    void found.push({ code, at, eventId: draft.lastEventId, subject: draft.id, text })
  const own = [agent.owner?.key, onBehalfOf?.key].filter((key) => key != null)
  for (const { actor, at, person } of votes)
    if ([actor.key, person].some((key) => key !== null && own.includes(key)))
      tell('self-approval', at, `${personText(actor)} voted on a call that is their own.`)
  if (execution !== null && basis === 'observe')
    tell('observed', execution.startedAt, 'It ran because its gate only observes; nobody was asked.')
  if (execution !== null && execution.outcome === null)
    tell('outcome-missing', execution.startedAt, 'It started, and how it ended stands in no log.')
  if (execution?.outcome === 'unknown')
    tell('unknown-outcome', execution.endedAt ?? lastAt, unknownText(execution))
  for (const { broker, issuedAt, revokedAt } of credentials.values())
    if (issuedAt !== null && revokedAt === null)
      tell(
        'credential-left',
        issuedAt,
        `No log says that the credential of ${broker ?? 'a broker'} was revoked.`,
      )
  if (eventsMissing)
    tell(
      'events-missing',
      lastAt,
      'Some of its events are in none of the logs: what is shown is not all of it.',
    )
  return found
}

function unknownText({ late, reconciled }: NonNullable<Draft['execution']>): string {
  const words = ['How it ended was not known.']
  if (late !== null) words.push(`Later it was found to have ${late.status}.`)
  if (reconciled !== null)
    words.push(
      `${personText(reconciled.by)} settled it${reconciled.note === null ? '' : `: ${reconciled.note}`}.`,
    )
  if (late === null && reconciled === null) words.push('Nobody has settled it yet.')
  return words.join(' ')
}
