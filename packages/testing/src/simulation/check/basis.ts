import type { Violation } from '../evidence'
import { breaches, type Case, type Check, canonicalOf, keyOfPerson, notExcluded } from './case'
import { listOf, objectOf, type StageFact, type VoteFact } from './facts'
import { type History, isNamed } from './history'

/** I1: every effect has a start in the log whose stated basis really holds. */
export const checkBasis: Check = (of) => {
  const { found, expect } = breaches('I1')
  for (const effect of of.evidence.effects) {
    const history = effect.requestId === null ? undefined : of.histories.get(effect.requestId)
    if (
      !expect(history !== undefined, effect.requestId, `effect ${effect.index} stands in no log`) ||
      !history
    )
      continue
    const { started } = history
    if (
      !expect(started !== null, history.subject, `effect ${effect.index} has no start in the log`) ||
      !started
    )
      continue
    expect(
      history.action === effect.action,
      history.subject,
      `effect ${effect.index} is of ${effect.action}, the log says ${history.action}`,
    )
  }
  for (const history of of.histories.values()) {
    if (history.started !== null) found.push(...basisProblems(of, history))
    found.push(...quorumProblems(of, history))
  }
  return found
}

function basisProblems(of: Case, history: History): readonly Violation[] {
  const { subject, action, started } = history
  const { found, expect } = breaches('I1')
  const expected = of.evidence.policies[action ?? '']
  const basis = started?.data.basis
  if (basis === 'policy') {
    const rules = listOf(history.created.data.rules).map(objectOf)
    expect(
      expected?.effect === 'allow',
      subject,
      `it ran on policy's word, and the rules do not allow ${action}`,
    )
    expect(
      rules.some(({ effect }) => effect === 'allow') &&
        rules.every(({ effect, failed }) => effect === 'allow' && failed === false),
      subject,
      'it ran on the word of rules that do not all allow it',
    )
    return found
  }
  // What stands behind a grant is looked at apart.
  if (basis === 'grant') return found
  if (!expect(basis === 'votes', subject, `it ran on the basis "${String(basis)}", which nobody gave`))
    return found
  expect(
    expected?.effect === 'require',
    subject,
    `it ran on votes, and the rules do not ask for any on ${action}`,
  )
  expect(asExpected(history, of), subject, 'the requirement is not the one that the rules state')
  // T44: an approval is used up by one run, unless running again does no more than running once.
  if (history.carried.length > 0 && expected?.idempotent !== true)
    found.push({ promise: 'I3', subject, what: 'it ran on the approval of an earlier attempt' })
  expect(
    history.approved !== null || history.carried.length > 0,
    subject,
    'it ran without having been approved',
  )
  return found
}

/** T07: the requirement in the log is what the rules say; an edit may add to it, never take away. */
export function asExpected({ action, requirements }: History, { evidence }: Case): boolean {
  const expected = evidence.policies[action ?? '']?.requirements ?? []
  return (
    requirements.length >= expected.length &&
    expected.every(({ stages }) =>
      requirements.some(
        (stated) =>
          stated.length === stages.length &&
          stated.every((stage, index) => {
            const one = stages[index]
            return (
              stage.atLeast === one?.atLeast &&
              objectOf(stage.reviewers).name === one.group &&
              (objectOf(stage.escalation).name ?? null) === one.escalatesTo
            )
          }),
      ),
    )
  )
}

/** Votes that the approval of a history stands on: its own before the approval, or those of the attempt it follows. */
export function votesBehind(of: Case, history: History): readonly VoteFact[] {
  if (history.carried.length === 0) {
    const end = history.approved?.seq ?? 0
    return history.votes.filter(({ seq }) => seq < end)
  }
  const earlier = history.retryOf === null ? undefined : of.histories.get(history.retryOf)
  if (earlier === undefined) return []
  return votesBehind(of, earlier).filter(({ id }) => history.carried.includes(id))
}

/** Quorum by distinct canonical people, each in one stage of a requirement, stages in order (I4, T05, T06). */
function quorumProblems(of: Case, history: History): readonly Violation[] {
  const { found, expect } = breaches('I1')
  const decided = history.started ?? history.approved
  if (decided?.data.basis !== 'votes') return found
  const digest = decided.data.argumentsDigest
  const approvals = votesBehind(of, history).filter(({ decision }) => decision === 'approve')
  // An edit begins anew, also one back to what some approved before.
  const anew = approvals.slice(approvals.reduce((from, { edited }, index) => (edited ? index : from), 0))
  const counted = anew.filter((vote) => vote.digest === digest)
  for (const [index, stages] of history.requirements.entries()) {
    if (isMet(of, stages, index, counted)) continue
    const what = `requirement ${index} has no quorum of distinct people on what was approved`
    expect(false, history.subject, what)
    if (isMet(of, stages, index, approvals))
      found.push({ promise: 'I2', subject: history.subject, what: `${what}, only on other arguments` })
  }
  expect(history.requirements.length > 0, history.subject, 'votes approved it, and nothing was required')
  return found
}

function isMet(
  of: Case,
  stages: readonly StageFact[],
  requirement: number,
  votes: readonly VoteFact[],
): boolean {
  const used = new Set<string>()
  let position = 0
  for (const [index, { atLeast }] of stages.entries()) {
    let missing = atLeast
    while (missing > 0 && position < votes.length) {
      const vote = votes[position]
      position += 1
      const person = vote?.actor == null ? null : canonicalOf(of, vote.actor)
      if (person === null || used.has(person)) continue
      if (!vote?.stages.some(([r, s]) => r === requirement && s === index)) continue
      used.add(person)
      missing -= 1
    }
    if (!(missing <= 0)) return false
  }
  return stages.length > 0
}

/** T23, I4: whoever's vote is needed was eligible, and nobody's own, by what the directory told the process that ran it, after the approval. */
export const checkRecheck: Check = (of) => {
  const { found, expect } = breaches('I1')
  for (const history of of.histories.values()) {
    const { started, approved, subject } = history
    if (started?.data.basis !== 'votes') continue
    const effect = of.evidence.effects.find(({ requestId }) => requestId === subject)
    if (effect === undefined) continue
    const since = approved?.time ?? history.created.time
    const answers = of.evidence.directory.filter(
      ({ life, time, step }) => life === effect.life && time >= since && step <= effect.step,
    )
    const standing = votesBehind(of, history).filter((vote) => {
      const cast = of.histories.get(vote.subject)
      return (
        vote.decision === 'approve' &&
        cast !== undefined &&
        answers.some(({ identity, person }) => {
          if (person === null || keyOfPerson(identity) !== vote.actor) return false
          const voter = keyOfPerson(person)
          return isNamed(cast, vote, voter, person.groups) && notExcluded(of, history, voter, answers)
        })
      )
    })
    const met = history.requirements.every((stages, index) =>
      isMet(
        of,
        stages,
        index,
        standing.filter(({ digest }) => digest === started.data.argumentsDigest),
      ),
    )
    expect(met, subject, 'it ran without its reviewers having been looked up once more')
  }
  return found
}
