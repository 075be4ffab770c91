import type { ApproverHost, Principal, ReviewDocument, VoteReceipt } from '@gatewright/core'
import type { Choice } from './decisions'
import type { Dialogue } from './dialogue'
import { type Line, span } from './line'
import type { Entry, Queue } from './queue'
import { failureLine, receiptLines, strangerLine } from './words'

/** What became of handing in a vote. */
export type Answer = VoteReceipt | { readonly status: 'failed'; readonly error: unknown }

/** What votes are cast with. */
export interface Voting {
  readonly host: ApproverHost
  readonly queue: Queue
  readonly dialogue: Dialogue
  say(lines: readonly Line[]): void
  /** How a request stands now, as from the gate. */
  change(review: ReviewDocument): void
}

/**
 * Casts one vote on the document that was shown, says what the gate answered and nothing else, and brings the queue to
 * what is stored (T42). News of the request that arrive meanwhile are told
 * after the answer.
 */
export async function castVote(
  voting: Voting,
  entry: Entry,
  review: ReviewDocument,
  actor: Principal,
  choice: Choice,
): Promise<Answer> {
  const { host, queue, dialogue, say, change } = voting
  const flight: { news: ReviewDocument | null } = { news: null }
  entry.voting = flight
  dialogue.busy([span('… sending your vote', 'dim')])
  const answer = await send(host, review, actor, choice)
  report(answer, review, actor, say)
  if (answer.status === 'counted') queue.tell(review.requestId, answer.requestStatus)
  const latest = newer(await host.get(review.requestId).catch(() => null), flight.news)
  entry.voting = null

  const counts = answer.status === 'counted' || answer.status === 'already-counted'
  // What their own vote changed is no news to the person.
  if (latest !== null && counts && latest.progress.status === 'pending') queue.keep(entry, latest)
  else if (latest !== null && queue.get(review.requestId) === entry) change(latest)
  if (counts) entry.voted.add(actor)
  if (answer.status !== 'failed' && answer.status !== 'refused' && answer.requestStatus !== 'pending') {
    queue.remove(review.requestId)
  }
  return answer
}

function newer(one: ReviewDocument | null, other: ReviewDocument | null): ReviewDocument | null {
  if (one === null || other === null) return one ?? other
  return other.progress.version > one.progress.version ? other : one
}

async function send(
  host: ApproverHost,
  { requestId, digest }: ReviewDocument,
  actor: Principal,
  choice: Choice,
): Promise<Answer> {
  try {
    return await host.vote({ requestId, digest, actor, ...choice })
  } catch (error) {
    return { status: 'failed', error }
  }
}

function report(answer: Answer, review: ReviewDocument, actor: Principal, say: Voting['say']): void {
  if (answer.status === 'failed') {
    say([failureLine('Your vote could not be stored', answer.error)])
    return
  }
  say(receiptLines(answer, review))
  if (answer.status === 'refused' && answer.reason === 'not-found') say([strangerLine(actor, review)])
}
