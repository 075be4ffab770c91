import type { MeaningContext } from './meaning-context'
import type { RequestStory } from './request-story'
import { Tally } from './tally'
import { type LoggedEvent, lateness } from './told'

/** An attempt that was approved by the votes of the one before it. */
export interface Attempt {
  readonly story: RequestStory
  /** Its `request.created`. */
  readonly created: LoggedEvent
}

/**
 * Judges an approval that was carried over: the attempt before it failed, was of the same call, and its votes make a quorum
 * on what runs again.
 *
 * @param find - the story of another request, `null` when it is in no log
 */
export function judgeCarried(
  { created, story }: Attempt,
  find: (subject: string) => RequestStory | null,
  { tell }: Pick<MeaningContext, 'tell'>,
): void {
  const wrong = (message: string): void => tell('error', 'approval-carried', message, created)
  const earlier = find(story.carriesFrom ?? '')
  if (earlier === null) {
    wrong('it rests on the votes of an attempt that is in none of the logs')
    return
  }
  const { approval } = earlier
  const own = story.approval
  if (!approval.failed) wrong('it rests on the votes of an attempt that did not fail')
  if (approval.basis !== 'votes') wrong('it rests on the votes of an attempt that nobody voted on')
  const [first, again] = [approval.created, own.created]
  if (first?.action !== again?.action || first?.argumentsDigest !== again?.argumentsDigest)
    wrong('it rests on votes that were cast on another call')
  if (approval.policyHash !== own.policyHash) wrong('it rests on votes that were cast under another policy')
  if (first?.onBehalfOf !== again?.onBehalfOf) wrong('it rests on votes that were cast for another person')
  if (own.ranDigest !== null && own.ranDigest !== approval.ranDigest)
    wrong('other arguments ran than the carried votes were cast on')
  if (own.useBefore > approval.useBefore || lateness(created.event.time, approval.useBefore) === 'error')
    wrong('it rests on an approval that had lapsed')
  const ids = carriedIds(created)
  const ballots = ballotsBehind(story, find).filter(
    ({ argumentsDigest, voteId }) => ids.has(voteId) && argumentsDigest === approval.ranDigest,
  )
  if (!new Tally(own.requirements, approval.ranDigest ?? '', ballots).met)
    wrong('the votes that it rests on make no quorum')
  if (ballots.some(({ person }) => again?.excluded.includes(person)))
    tell(
      'error',
      'vote-own-request',
      'it rests on a vote of the owner of the agent, or of the person it acts for',
      created,
    )
}

/** The votes that an attempt could carry: those of all attempts before it. Bounded, since a forged chain may be a circle. */
function ballotsBehind(story: RequestStory, find: (subject: string) => RequestStory | null) {
  const seen = new Set<RequestStory>()
  const ballots: (typeof story.approval.ballots)[number][] = []
  for (
    let at = find(story.carriesFrom ?? '');
    at !== null && !seen.has(at);
    at = find(at.carriesFrom ?? '')
  ) {
    seen.add(at)
    ballots.unshift(...at.approval.ballots)
  }
  return ballots
}

function carriedIds({ event }: LoggedEvent): ReadonlySet<string> {
  const votes = event.data.carriedVotes
  const ids = Array.isArray(votes) ? votes.map((vote) => (vote as { readonly voteId?: unknown }).voteId) : []
  return new Set(ids.filter((id) => typeof id === 'string'))
}
