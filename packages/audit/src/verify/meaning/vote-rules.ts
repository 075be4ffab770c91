import type { CreatedFacts, VoteFacts } from './request-facts'
import { mayName, meetsAssurance, type StatedRequirement, type StatedStage } from './requirement'
import { CLOCK_SLACK_MS, type LoggedEvent, lateness, type Tell } from './told'

/** What a request was when a vote was cast on it. */
export interface VotedOn extends Pick<CreatedFacts, 'excluded' | 'expiresAt'> {
  readonly requirements: readonly StatedRequirement[]
  readonly argumentsDigest: string
  readonly reviewDigest: string
  readonly escalated: ReadonlySet<string>
}

/** The name of a stage among those that were escalated. */
export const stageKey = (requirement: number, stage: number): string => `${requirement}/${stage}`

/** Judges one vote, but for its count: who cast it, on what, when, and whether that person was asked. */
export function judgeVote(vote: VoteFacts, on: VotedOn, about: LoggedEvent, tell: Tell): void {
  const { actor, argumentsDigest, decision, identity, person, reviewDigest } = vote
  if (actor.type !== 'human')
    tell('error', 'vote-not-human', 'a vote was cast by something that is no person', about)
  const excluded = [...on.excluded, ...vote.excluded]
  if (!on.excluded.every((one) => vote.excluded.includes(one)))
    tell(
      'error',
      'vote-own-request',
      'a voter was not compared with everybody whose own request it is',
      about,
    )
  if (excluded.includes(identity) || excluded.includes(person))
    tell(
      'error',
      'vote-own-request',
      'a vote was cast by the owner of the agent, or by the person it acts for',
      about,
    )
  if (argumentsDigest !== on.argumentsDigest)
    tell('error', 'digest-mismatch', 'a vote was cast on other arguments than the request has', about)
  if (decision === 'approve' && reviewDigest !== on.reviewDigest)
    tell(
      'error',
      'vote-wrong-document',
      'an approval was given to another document than the one to review',
      about,
    )
  const late = lateness(about.event.time, on.expiresAt)
  if (late !== null) tell(late, 'vote-late', 'a vote was cast after the request had expired', about)
  if (on.requirements.some(({ noteFor }) => noteFor[decision]) && (vote.note ?? '').trim() === '')
    tell('error', 'vote-note-missing', 'a vote that needs a note has none', about)
  judgeStages(vote, on, about, tell)
}

function judgeStages(
  { actor, person, stages }: VoteFacts,
  on: VotedOn,
  about: LoggedEvent,
  tell: Tell,
): void {
  if (stages.length === 0) tell('error', 'vote-wrong-stage', 'a vote counts in no stage', about)
  for (const [r, s] of stages) {
    const stage = on.requirements[r]?.stages[s]
    if (stage === undefined) {
      tell('error', 'vote-wrong-stage', 'a vote counts in a stage that the requirement does not have', about)
      continue
    }
    if (!isAsked(stage, person, on.escalated.has(stageKey(r, s))))
      tell('error', 'vote-not-eligible', 'a vote was cast by somebody whom the stage does not name', about)
    if (meetsAssurance(stage, actor, about.event.time, 0)) continue
    const slack = meetsAssurance(stage, actor, about.event.time, CLOCK_SLACK_MS)
    tell(
      slack ? 'warning' : 'error',
      'vote-assurance',
      'a vote was cast with a weaker or older sign-in than was asked',
      about,
    )
  }
}

function isAsked({ escalation, reviewers }: StatedStage, person: string, escalated: boolean): boolean {
  return mayName(reviewers, person) || (escalated && escalation !== null && mayName(escalation, person))
}
