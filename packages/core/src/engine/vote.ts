import type { VoteInput, VoteReceipt, VoteRefusal } from '../contracts/approver'
import type { PersonRef } from '../contracts/principal'
import type { ApprovalRequest, Vote } from '../contracts/request'
import { isAmong, samePerson } from '../policy/eligibility'
import { type Counting, countsIn, mayTakeBack, progress } from '../policy/progress'
import { isPromise } from '../values/is-promise'
import { votesNow } from '../values/votes-now'
import { commit } from './commit'
import { type Edit, prepareEdit } from './edit'
import { effectiveDigest } from './effective-digest'
import type { Engine } from './engine'
import { personData } from './events'
import type { CastVote, Move } from './lifecycle'
import { coolDownKey } from './open-request'
import { isPartialView, redactText } from './present'
import { storeCall } from './store-call'
import { alreadyCounted, counted, refuse, tooLate } from './vote-answers'
import { parseVote } from './vote-input'

/**
 * Counts one vote, or says politely why it does not count. Whoever may not know of the request hears the same as for one
 * that does not exist (T04). A vote that is not counted is recorded and changes nothing (I6).
 *
 * @throws GatewrightError `ERR_VOTE_MALFORMED`, `ERR_STORE_UNAVAILABLE`
 */
export async function castVote(engine: Engine, input: VoteInput, channel: string): Promise<VoteReceipt> {
  const vote = parseVote(input)
  if (vote.actor.type !== 'human') return refuse(engine, vote, channel, null, 'not-human')
  const found = storeCall(() => engine.store.get(vote.requestId))
  let request = isPromise(found) ? await found : found
  for (;;) {
    if (request === null) {
      // T04: a directory that is down must not tell which requests exist.
      const known = (await identify(engine, vote, null)) !== 'unavailable'
      return refuse(engine, vote, channel, null, known ? 'not-found' : 'identity-unavailable')
    }
    const judged = await judge(engine, vote, channel, request)
    if ('receipt' in judged) return judged.receipt
    const result = await commit(engine, request, judged.moves, {
      notAfter: request.expiresAt,
      ...judged.mark,
    })
    if (result.applied) {
      engine.deliveries.progressed(request, result.request)
      return counted(vote, result.request)
    }
    if (result.reason === 'late')
      return tooLate(engine, vote, channel, { ...result.request, status: 'expired' })
    request = result.request
  }
}

type Judged =
  | { readonly receipt: VoteReceipt }
  | {
      readonly moves: readonly Move[]
      readonly mark: { readonly mark?: { key: string; until: number; value: string } }
    }

async function judge(
  engine: Engine,
  input: VoteInput,
  channel: string,
  request: ApprovalRequest,
): Promise<Judged> {
  const refused = async (reason: VoteRefusal, detail?: string): Promise<Judged> => ({
    receipt: await refuse(engine, input, channel, request, reason, detail),
  })
  const identified = await identify(engine, input, request)
  if (identified === 'unavailable') return refused('identity-unavailable')
  const { person, excluded } = identified
  if (person === null) return refused('not-found')
  // I4: by canonical identity, whatever the person's role.
  if (isAmong(person, excluded)) return refused('own-request')
  const digest = effectiveDigest(request)
  const votes = votesNow(request)
  const earlier = votes.filter((vote) => samePerson(vote.person, person))
  const asked = [
    request.policy.requirements,
    votes,
    digest,
    request.escalated,
    person,
    input.actor.assurance,
    engine.store.now(),
  ] as const
  let counting = countsIn(...asked)
  if (counting.status !== 'counts' && input.decision === 'reject') {
    const stages = mayTakeBack(...asked)
    if (stages.length > 0) counting = { status: 'counts', stages }
  }
  if (request.status !== 'pending') {
    if (earlier.some((vote) => vote.decision === input.decision)) return { receipt: alreadyCounted(request) }
    // Only those who could have voted learn that it is too late.
    if (counting.status === 'not-eligible') return refused('not-found')
    return { receipt: await tooLate(engine, input, channel, request) }
  }
  const repeats = earlier.some((vote) => vote.decision === input.decision && vote.argumentsDigest === digest)
  if (repeats && input.edits === undefined) return { receipt: alreadyCounted(request) }
  const problem = countingProblem(counting)
  if (problem !== null) return refused(...problem)
  if (noteMissing(request, input)) return refused('note-needed')
  if (counting.status !== 'counts') return refused('not-found')
  const vote = makeVote(engine, input, channel, request, person, counting.stages)
  if (input.decision === 'reject') return rejectMoves(engine, request, vote, excluded)
  // I9, T38: an approval is of what was shown, in full.
  if (input.digest !== request.reviewDigest) {
    return refused(isPartialView(engine, request, input.digest) ? 'incomplete-view' : 'digest')
  }
  if (input.edits === undefined) return approveMoves(request, vote, excluded)
  const edit = await prepareEdit(engine, request, input.edits, person, input.actor.assurance)
  if ('refusal' in edit) return refused(edit.refusal, edit.detail)
  return approveMoves(request, { ...vote, countsIn: edit.stages }, excluded, edit)
}

/** Who votes, and whom that is not (I4). Fails closed: who cannot be identified cannot vote, whichever part did not answer. */
async function identify(engine: Engine, { actor }: VoteInput, request: ApprovalRequest | null) {
  try {
    const person = await engine.identities.person(actor)
    const excluding = request === null ? [] : engine.identities.excluded(request)
    return { person, excluded: isPromise(excluding) ? await excluding : excluding }
  } catch (error) {
    engine.logger.warn('a voter could not be identified; the vote was refused', { error })
    return 'unavailable'
  }
}

function countingProblem(counting: Counting): [VoteRefusal, string?] | null {
  if (counting.status === 'counts') return null
  return counting.status === 'not-eligible' ? ['not-found'] : [counting.status, counting.problem]
}

function noteMissing({ policy }: ApprovalRequest, { decision, note }: VoteInput): boolean {
  return (note ?? '').trim() === '' && policy.requirements.some(({ noteFor }) => noteFor[decision])
}

function rejectMoves(
  engine: Engine,
  request: ApprovalRequest,
  vote: CastVote,
  excluded: readonly PersonRef[],
): Judged {
  const reason = vote.note ?? 'no reason was given'
  const until = engine.store.now() + engine.settings.coolDownMs
  const key = coolDownKey(request.requester.id, request.action, request.argumentsDigest)
  return {
    moves: [
      { type: 'vote', vote, stageOpened: false, excluded },
      { type: 'reject', reason, by: vote.person },
    ],
    mark: engine.settings.coolDownMs > 0 ? { mark: { key, until, value: reason } } : {},
  }
}

function approveMoves(
  request: ApprovalRequest,
  base: CastVote,
  excluded: readonly PersonRef[],
  edit?: Edit,
): Judged {
  const vote: CastVote = edit ? { ...base, ...edit.vote } : base
  const { requirements } = edit?.seen.policy ?? request.policy
  const escalated = edit ? [] : request.escalated
  const votes = edit ? [] : votesNow(request)
  const before = progress(requirements, votes, vote.argumentsDigest, escalated)
  const after = progress(requirements, [...votes, vote], vote.argumentsDigest, escalated)
  const stageOpened =
    !after.met &&
    after.open.some(
      ({ requirement, stage }) =>
        !before.open.some((open) => open.requirement === requirement && open.stage === stage),
    )
  const moves: Move[] = []
  if (edit) moves.push({ type: 'edit', edited: edit.edited, seen: edit.seen })
  moves.push({ type: 'vote', vote, stageOpened, excluded })
  // T06: met is "at least"; the store's compare-and-set makes it one resolution.
  if (after.met)
    moves.push({
      type: 'approve',
      basis: 'votes',
      useWithinMs: Math.min(...requirements.map((one) => one.useWithinMs)),
    })
  return { moves, mark: {} }
}

function makeVote(
  engine: Engine,
  input: VoteInput,
  channel: string,
  request: ApprovalRequest,
  person: PersonRef,
  stages: Vote['countsIn'],
): CastVote {
  return {
    id: engine.newId(),
    decision: input.decision,
    actor: input.actor,
    person: personData(person),
    argumentsDigest: effectiveDigest(request),
    reviewDigest: input.digest,
    countsIn: stages,
    note: input.note === undefined ? null : redactText(engine, input.note),
    changes: null,
    channel,
    at: engine.store.now(),
    ...(input.proof === undefined ? {} : { proof: input.proof }),
  }
}
