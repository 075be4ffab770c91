import type { Violation } from '../evidence'
import { breaches, type Case, type Check, canonicalOf, keyOfPerson } from './case'
import type { VoteFact } from './facts'
import { type History, isNamed } from './history'

/** I4, I5: every vote in the log was cast by a verified person who may vote, and counts for that person once. */
export const checkVoters: Check = (of) => {
  const own = breaches('I4')
  const verified = breaches('I5')
  for (const history of of.histories.values()) {
    const approvals = new Set<string>()
    for (const vote of history.votes) {
      const { subject } = history
      const person = vote.actor === null ? null : canonicalOf(of, vote.actor)
      verified.expect(
        vote.actorType === 'human',
        subject,
        `a vote by ${vote.actorType} ${vote.actor} was counted`,
      )
      verified.expect(
        person !== null && vote.person === person,
        subject,
        `a vote of ${vote.actor} counts as that of ${vote.person}`,
      )
      verified.expect(wasCast(of, vote), subject, `nobody cast the vote to ${vote.decision} of ${vote.actor}`)
      own.expect(
        person === null || !isOwn(of, history, vote, person),
        subject,
        `${person} voted on a call of their own`,
      )
      const key = `${vote.decision} ${vote.digest} ${person}`
      if (vote.edited) approvals.clear()
      own.expect(!approvals.has(key), subject, `${person} was counted twice`)
      approvals.add(key)
      own.expect(mayVote(of, history, vote), subject, `${person} counts in a stage that does not name them`)
    }
  }
  return [...own.found, ...verified.found]
}

/** The voter owns the agent, or it acts for them. Before an identity is linked to its person, nobody can know. */
function isOwn(of: Case, { excluded }: History, vote: VoteFact, person: string): boolean {
  if (person === of.evidence.owner) return true
  return excluded.some((one) => canonicalOf(of, one) === person && !wasUnlinked(of, one, vote, person))
}

/** A process that was handed the vote was told, between then and the vote, that the identity is somebody else. */
function wasUnlinked({ evidence }: Case, identity: string, vote: VoteFact, person: string): boolean {
  const casts = evidence.casts.filter(
    ({ requestId, actor }) => requestId === vote.subject && keyOfPerson(actor) === vote.actor,
  )
  return evidence.directory.some(
    (answer) =>
      keyOfPerson(answer.identity) === identity &&
      answer.person !== null &&
      keyOfPerson(answer.person) !== person &&
      answer.time <= vote.time &&
      casts.some(({ life, step }) => life === answer.life && step <= answer.step),
  )
}

/** The transport handed in such a vote by that very identity. */
function wasCast({ evidence }: Case, vote: VoteFact): boolean {
  return evidence.casts.some(
    ({ requestId, actor, decision }) =>
      requestId === vote.subject &&
      decision === vote.decision &&
      `${actor.issuer} ${actor.subject}` === vote.actor &&
      actor.type === 'human',
  )
}

/** The directory named the person for the stages that the vote states, at some moment before the vote. */
function mayVote({ evidence }: Case, history: History, vote: VoteFact): boolean {
  return evidence.directory.some(({ identity, person, time }) => {
    if (person === null || time > vote.time || `${identity.issuer} ${identity.subject}` !== vote.actor)
      return false
    return isNamed(history, vote, `${person.issuer} ${person.subject}`, person.groups)
  })
}

/** I2: what ran is what was approved, by votes that were cast on it. */
export const checkArguments: Check = (of) => {
  const { found, expect } = breaches('I2')
  for (const effect of of.evidence.effects) {
    const history = effect.requestId === null ? undefined : of.histories.get(effect.requestId)
    if (history === undefined) continue
    const { subject, started, approved } = history
    expect(
      effect.digest === started?.data.argumentsDigest,
      subject,
      `effect ${effect.index} ran on other arguments than its start states`,
    )
    if (history.carried.length > 0) continue
    expect(
      effect.digest === history.digest,
      subject,
      `effect ${effect.index} ran on other arguments than its request holds`,
    )
    if (approved !== null)
      expect(
        effect.digest === approved.data.argumentsDigest,
        subject,
        `effect ${effect.index} ran on other arguments than were approved`,
      )
  }
  for (const operation of of.evidence.operations) {
    // A call may run orphans in passing, while it starts its gate: they are not its own.
    const effect = of.evidence.effects.find(
      ({ action, operation: id }) =>
        id === operation.id && action === operation.action && of.evidence.policies[action]?.orphan !== true,
    )
    const history = of.histories.get(effect?.requestId ?? '')
    if (effect === undefined || operation.kind !== 'call' || history?.carried.length !== 0) continue
    const edited = history.events.some(({ type }) => type === 'request.edited')
    expect(
      history.proposed === operation.digest,
      history.subject,
      `operation ${operation.id} asked for other arguments than its request holds`,
    )
    expect(
      edited || effect.digest === operation.digest,
      history.subject,
      `operation ${operation.id} asked for other arguments than ran`,
    )
  }
  return found
}

/** I6: nothing is decided after its time, and nothing starts after the approval's. */
export const checkTime: Check = (of) => {
  const { found, expect } = breaches('I6')
  for (const { subject, events, expiresAt, useBefore, started } of of.histories.values()) {
    for (const { type, time } of events) {
      const decides = type === 'request.approved' || type === 'request.vote-cast' || type === 'request.edited'
      if (decides && expiresAt !== null)
        expect(time <= expiresAt, subject, `${type} came ${time - expiresAt} ms too late`)
      if (type === 'request.expired' && expiresAt !== null)
        expect(time >= expiresAt, subject, 'it expired before its time')
    }
    if (started !== null && useBefore !== null)
      expect(started.time <= useBefore, subject, `it started ${started.time - useBefore} ms too late`)
    if (started !== null && started.data.basis === 'votes')
      expect(useBefore !== null, subject, 'its approval has no end')
  }
  found.push(...receiptProblems(of), ...abortProblems(of))
  return found
}

/** Whoever gave up in time has nothing run for them. An orphan that is run in passing is not theirs. */
function abortProblems({ evidence }: Case): readonly Violation[] {
  const { found, expect } = breaches('I6')
  for (const { id, abortedStep, action, key } of evidence.operations) {
    if (abortedStep === null) continue
    const after = evidence.effects.find(
      (effect) =>
        effect.operation === id &&
        effect.action === action &&
        effect.key === key &&
        effect.step > abortedStep,
    )
    expect(
      after === undefined,
      after?.requestId ?? null,
      `operation ${id} had been given up, and effect ${after?.index} ran for it`,
    )
  }
  return found
}

/** A vote counts only where its voter was told so; everyone else's changed nothing. */
function receiptProblems(of: Case): readonly Violation[] {
  const { found, expect } = breaches('I6')
  for (const history of of.histories.values()) {
    for (const decision of ['approve', 'reject'] as const) {
      const voters = new Set(history.votes.map(({ actor }) => actor))
      for (const voter of voters) {
        const counted = history.votes.filter(
          (vote) => vote.actor === voter && vote.decision === decision,
        ).length
        const possible = of.evidence.casts.filter(
          ({ requestId, actor, decision: cast, receipt }) =>
            requestId === history.subject &&
            `${actor.issuer} ${actor.subject}` === voter &&
            cast === decision &&
            mayHaveCounted(receipt),
        ).length
        expect(
          counted <= possible,
          history.subject,
          `a vote to ${decision} of ${voter} counts, and nobody was told so`,
        )
      }
    }
  }
  return found
}

/** `already-counted` may answer a vote whose first answer was lost. */
function mayHaveCounted(receipt: { readonly status: string } | null): boolean {
  return receipt === null || receipt.status === 'counted'
}

/** I9: an approving vote carries the digest of a complete document that people could see. */
export const checkShown: Check = (of) => {
  const { found, expect } = breaches('I9')
  for (const { subject, votes, reviewDigests } of of.histories.values()) {
    for (const vote of votes) {
      if (vote.decision !== 'approve') continue
      const current = reviewDigests.filter(({ from }) => from < vote.seq).at(-1)
      expect(
        vote.reviewDigest === current?.digest,
        subject,
        `a vote of ${vote.actor} is on another document than the request's`,
      )
      const casts = of.evidence.casts.filter(
        ({ requestId, actor, decision }) =>
          requestId === subject &&
          decision === 'approve' &&
          `${actor.issuer} ${actor.subject}` === vote.actor,
      )
      const seen = casts.some(
        ({ digest, edits, step }) =>
          edits === vote.edited &&
          wasShown(of, subject, digest, step) &&
          (edits || digest === vote.reviewDigest),
      )
      expect(seen, subject, `${vote.actor} approved a document that was never shown in full`)
    }
  }
  return found
}

function wasShown({ evidence }: Case, subject: string, digest: string, before: number): boolean {
  return evidence.shown.some(
    ({ requestId, review, step }) =>
      requestId === subject && step <= before && review.digest === digest && review.complete,
  )
}
