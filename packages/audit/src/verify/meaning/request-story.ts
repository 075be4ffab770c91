import { judgeCreation } from './creation-rules'
import { listOf, numberOf, personOf, textOf } from './facts'
import { WHILE_APPROVED, WHILE_PENDING } from './legal-events'
import type { MeaningContext } from './meaning-context'
import { type CreatedFacts, createdFacts, editFacts, type VoteFacts, voteFacts } from './request-facts'
import type { StatedRequirement } from './requirement'
import { RunStory } from './run-story'
import { type Ballot, Tally } from './tally'
import { CLOCK_SLACK_MS, type LoggedEvent, lateness } from './told'
import { judgeVote } from './vote-rules'

/** The life of one request, as its chain tells it: judged event by event, from the log alone. */
export class RequestStory {
  readonly #context: MeaningContext
  #status: 'pending' | 'approved' | 'ended' = 'pending'
  #created: CreatedFacts | null = null
  #requirements: readonly StatedRequirement[] = []
  #argumentsDigest = ''
  #reviewDigest = ''
  #policyHash = ''
  #basis: string | null = null
  #useBefore = 0
  readonly #ballots: Ballot[] = []
  #tally = new Tally([], '')
  readonly #escalated = new Set<string>()
  /** Who edited just now: their vote must be next. */
  #editor: string | null = null
  #lastVote: Pick<VoteFacts, 'decision' | 'person'> | null = null
  #run: RunStory | null = null

  constructor(context: MeaningContext) {
    this.#context = context
  }

  /** Nothing more is to come, but for what explains an unknown outcome. */
  get ended(): boolean {
    return this.#run === null ? this.#status === 'ended' : this.#run.ended
  }

  get run(): RunStory | null {
    return this.#run
  }

  get restsOnGrant(): boolean {
    return this.#created?.basis === 'grant'
  }

  /** What another attempt may carry over. */
  get approval() {
    return {
      ballots: this.#ballots,
      requirements: this.#requirements,
      argumentsDigest: this.#argumentsDigest,
      policyHash: this.#policyHash,
      useBefore: this.#useBefore,
      basis: this.#basis,
      failed: this.#run?.outcome === 'failed',
      created: this.#created,
      /** What ran; `null` when nothing did. */
      ranDigest: this.#run?.ranDigest ?? null,
    }
  }

  /** The attempt whose votes this one carries over; `null` when it carries none. */
  get carriesFrom(): string | null {
    return (this.#created?.carriedVotes.length ?? 0) > 0 ? (this.#created?.retryOf ?? '') : null
  }

  /** Judges the next event of the chain. */
  next(about: LoggedEvent): void {
    const { type } = about.event
    if (about.event.seq === 1) {
      this.#create(about)
      return
    }
    if (this.#run !== null) {
      this.#run.next(about)
      return
    }
    const legal = this.#status === 'pending' ? WHILE_PENDING : WHILE_APPROVED
    if (this.#status === 'ended' || !legal.has(type)) {
      const after = this.#status === 'ended' ? 'the request had ended' : `the request was ${this.#status}`
      this.#context.tell('error', 'event-unexpected', `${type} came when ${after}`, about)
      return
    }
    if (this.#editor !== null && type !== 'request.vote-cast')
      this.#context.tell(
        'error',
        'event-unexpected',
        'an edit is not followed by the vote of whoever edited',
        about,
      )
    this.#move(about)
  }

  #move(about: LoggedEvent): void {
    switch (about.event.type) {
      case 'request.vote-cast':
        this.#vote(about)
        return
      case 'request.edited':
        this.#edit(about)
        return
      case 'request.approved':
        this.#approve(about)
        return
      case 'request.escalated':
        for (const pair of listOf(about.event.data.stages)) this.#escalated.add(listOf(pair).join('/'))
        return
      case 'request.reminded':
        return
      case 'execution.started':
        this.#start(about)
        return
      default:
        this.#end(about)
        return
    }
  }

  #create(about: LoggedEvent): void {
    const created = createdFacts(about.event)
    if (created === null) {
      this.#status = 'ended'
      this.#context.tell('error', 'event-malformed', 'a request does not say what every request says', about)
      return
    }
    this.#created = created
    this.#requirements = created.requirements
    this.#argumentsDigest = created.argumentsDigest
    this.#reviewDigest = created.reviewDigest
    this.#policyHash = created.policyHash
    this.#status = created.status
    this.#basis = created.basis
    this.#useBefore = created.useBefore ?? 0
    this.#tally = new Tally(this.#requirements, this.#argumentsDigest)
    judgeCreation(created, about, this.#context)
  }

  #vote(about: LoggedEvent): void {
    const { tell } = this.#context
    const vote = voteFacts(about.event)
    if (vote === null) {
      tell('error', 'event-malformed', 'a vote does not say what every vote says', about)
      return
    }
    if (this.#editor !== null && this.#editor !== vote.person)
      tell('error', 'event-unexpected', 'an edit is not followed by the vote of whoever edited', about)
    judgeVote(
      vote,
      {
        excluded: this.#created?.excluded ?? [],
        expiresAt: this.#created?.expiresAt ?? 0,
        requirements: this.#requirements,
        argumentsDigest: this.#argumentsDigest,
        reviewDigest: this.#reviewDigest,
        escalated: this.#escalated,
      },
      about,
      tell,
    )
    this.#lastVote = { decision: vote.decision, person: vote.person }
    this.#context.counts.votes += 1
    if (vote.decision === 'approve') this.#count(vote, about)
    this.#editor = null
  }

  #count(vote: VoteFacts, about: LoggedEvent): void {
    const ballot: Ballot = {
      voteId: vote.voteId,
      person: vote.person,
      argumentsDigest: vote.argumentsDigest,
      stages: vote.stages,
    }
    this.#ballots.push(ballot)
    const counted = this.#tally.add(ballot)
    if (counted === 'wrong-stage')
      this.#context.tell(
        'error',
        'vote-wrong-stage',
        'an approval counts in a stage that was not open',
        about,
      )
    if (counted === 'repeated')
      this.#context.tell('error', 'vote-repeated', 'one person approved twice', about)
  }

  #edit(about: LoggedEvent): void {
    const { tell } = this.#context
    const { data } = about.event
    const edit = editFacts(about.event)
    if (edit === null) {
      tell('error', 'event-malformed', 'an edit does not say what every edit says', about)
      return
    }
    const { digest, editor, policyHash, requirements, reviewDigest } = edit
    if (data.proposedDigest !== this.#created?.argumentsDigest || digest === this.#argumentsDigest)
      tell('error', 'digest-mismatch', 'an edit is not one of the arguments that were proposed', about)
    const kept = new Set(requirements.map(({ text }) => text))
    if (!this.#requirements.every(({ text }) => kept.has(text)))
      tell('error', 'requirement-shed', 'an edit took away a requirement', about)
    this.#requirements = requirements
    this.#argumentsDigest = digest
    this.#reviewDigest = reviewDigest
    this.#policyHash = policyHash
    this.#escalated.clear()
    this.#editor = editor
    // An edit begins anew: those who approved the same arguments before were shown other facts (T10).
    this.#ballots.length = 0
    this.#tally = new Tally(requirements, digest)
  }

  #approve(about: LoggedEvent): void {
    const { tell } = this.#context
    const { data, time } = about.event
    this.#status = 'approved'
    this.#basis = textOf(data.basis)
    this.#useBefore = numberOf(data.useBefore) ?? 0
    if (data.basis !== 'votes')
      tell(
        'error',
        'run-without-basis',
        'a request that waited for people was approved on another basis',
        about,
      )
    if (data.argumentsDigest !== this.#argumentsDigest)
      tell('error', 'digest-mismatch', 'other arguments were approved than the request has', about)
    if (data.policyHash !== this.#policyHash)
      tell('error', 'policy-mismatch', 'it was approved under another policy than it was asked under', about)
    if (!this.#tally.met)
      tell(
        'error',
        'approval-without-quorum',
        'it was approved without the votes of enough distinct people',
        about,
      )
    if (JSON.stringify(data.quorum) !== JSON.stringify(this.#tally.quorum))
      tell('error', 'approval-without-quorum', 'the quorum that it states is not that of the votes', about)
    const late = lateness(time, this.#created?.expiresAt ?? 0)
    if (late !== null) tell(late, 'vote-late', 'it was approved after it had expired', about)
    if (this.#useBefore > time + Math.min(...this.#requirements.map(({ useWithinMs }) => useWithinMs)))
      tell(
        'error',
        'deadline-too-late',
        'the approval may be used for longer than its requirement allows',
        about,
      )
  }

  #start(about: LoggedEvent): void {
    const { tell } = this.#context
    const { data, time } = about.event
    if (data.action !== this.#created?.action)
      tell('error', 'rule-mismatch', 'another action ran than was asked for', about)
    // Carried votes may be on edited arguments, which only the attempt before this one states.
    if (data.argumentsDigest !== this.#argumentsDigest && this.carriesFrom === null)
      tell('error', 'digest-mismatch', 'other arguments ran than were approved', about)
    if (this.#basis === null || data.basis !== this.#basis)
      tell(
        'error',
        'run-without-basis',
        `it ran on the basis "${textOf(data.basis)}", and was approved on "${this.#basis}"`,
        about,
      )
    if (data.grantId !== (this.#created?.grantId ?? null))
      tell('error', 'grant-mismatch', 'it ran on another grant than it was approved on', about)
    const late = lateness(time, this.#useBefore)
    if (late !== null) tell(late, 'run-late', 'it ran after its approval had lapsed', about)
    this.#run = new RunStory(this.#context, about, textOf(data.fencingToken))
    if (this.#basis === 'observe') this.#context.observed(about)
    if (this.#basis === 'grant' && this.#created !== null) this.#context.grants.use(this.#created, about)
  }

  #end(about: LoggedEvent): void {
    const { tell } = this.#context
    const { data, time, type } = about.event
    this.#status = 'ended'
    if (type === 'request.rejected') {
      const { decision, person } = this.#lastVote ?? {}
      if (decision !== 'reject' || person !== personOf(data.by))
        tell(
          'error',
          'rejection-without-vote',
          'it was rejected without the vote of whoever rejected it',
          about,
        )
    }
    // Ending early is safe, and still not what happened.
    const due =
      type === 'request.expired'
        ? this.#created?.expiresAt
        : type === 'request.lapsed'
          ? this.#useBefore
          : null
    if (due != null && time < due - CLOCK_SLACK_MS)
      tell('warning', 'moved-early', 'it ended for lack of time before its time was over', about)
  }
}
