import {
  type Approver,
  type ApproverHost,
  GatewrightError,
  type PersonRef,
  type Principal,
  type Recipients,
  type ReviewDocument,
  type ReviewerSelector,
  type VoteReceipt,
} from '@gatewright/core'
import { statusWords } from '@gatewright/core/review'
import { type Message, ownId } from '../messages'
import { type ElicitationOptions, readReviewers } from './options'
import { formOf, inert, QUESTION_LIMITS, readAnswer } from './question'
import { lineFor, responseless, reviewerSeats, type Seat } from './seats'

/** An approver that asks people at MCP clients of their own. */
export interface ElicitationApprover extends Approver {
  handle(request: Request): Promise<Response>
  /** Whether credentials are a reviewer's: a gateway refuses calls of tools with them. */
  isReviewer(authorization: string | undefined): boolean
  /** How many clients of reviewers listen now. */
  readonly listeners: number
}

interface Open {
  readonly to: Recipients
  review: ReviewDocument
}

interface Question {
  readonly seat: Seat
  readonly review: ReviewDocument
  readonly delivery: string
  /** It was asked to go elsewhere: whatever it answers is no vote. */
  readonly isLink: boolean
}

/** How often one client is asked anew about one delivery, after a vote that could not be counted. */
const MAX_AGAIN = 3
/** Statuses after which nothing more is told. */
const OVER: ReadonlySet<string> = new Set([
  'rejected',
  'expired',
  'cancelled',
  'undeliverable',
  'lapsed',
  'invalidated',
  'succeeded',
  'failed',
  'blocked',
  'unknown',
])

/**
 * Asks people by MCP elicitation, at clients of their own, which connect to the gateway (`httpGateway({ reviewers })`) or to
 * a review server (`/approvers/elicitation/`) with a credential that only that person has. Never at the client that the call
 * came by: that is the agent's own program, which could answer by itself.
 *
 * A vote's assurance is `local`: a program that is not ours says that a person at it decided. A requirement that asks for more
 * is not asked in place; its reviewers get a link, where their client opens links. Declining and closing are no votes.
 *
 * @throws OptionError naming what is wrong: nobody named, or a token that is too short
 * @example
 * ```ts
 * import { createGate, group } from 'gatewright'
 * import { elicitationApprover, httpGateway } from '@gatewright/mcp'
 *
 * const rita = { issuer: 'https://idp.example', subject: '00u7', name: 'Rita', groups: ['ops'] }
 * const reviewers = elicitationApprover({ reviewers: [{ ...rita, token: process.env.RITA_TOKEN ?? '' }] })
 * const gate = createGate({ agent: { id: 'desk', owner: null }, approvers: [reviewers], reviewers: group('ops') })
 * await gate.start()
 * console.log((await httpGateway({ gate, reviewers, url: 'https://files.example/mcp' })).reviewUrl)
 * ```
 */
export function elicitationApprover(options: ElicitationOptions): ElicitationApprover {
  const reviewerOf = readReviewers(options)
  const { name = 'elicitation' } = options
  const open = new Map<string, Open>()
  const questions = new Map<string, Question>()
  const again = new WeakMap<Seat, Map<string, number>>()
  let host: ApproverHost | null = null

  const seats = reviewerSeats({
    listens(seat) {
      for (const delivery of open.keys()) void ask(seat, delivery).catch(() => {})
    },
    answers(seat, id, message) {
      const question = questions.get(id)
      if (question?.seat !== seat) return false
      // Whatever it says, it says it once (T19).
      questions.delete(id)
      void decide(question, message)
      return true
    },
    left(seat) {
      for (const [id, question] of questions) if (question.seat === seat) questions.delete(id)
    },
  })

  /** Asks at one client. @returns whether the person there is asked now */
  async function ask(seat: Seat, delivery: string): Promise<boolean> {
    const own = open.get(delivery)
    const { person, shows } = seat
    if (host === null || own === undefined) return false
    const { review, to } = own
    const { requestId, link } = review
    const how = howToAsk(review, to, person)
    const url = how === 'link' && shows.url ? link : null
    if (how === 'not' || (how === 'form' ? !shows.form : url === null)) return false
    // Whose agent it is, or whom it acts for, is not even asked (I4).
    if (await host.isOwn(requestId, person)) return false
    // It may have moved meanwhile, and another delivery may have asked.
    if (open.get(delivery)?.review !== review || !seat.listens) return false
    if ([...questions.values()].some((one) => one.seat === seat && one.review.requestId === requestId))
      return true
    const id = ownId()
    questions.set(id, { seat, review, delivery, isLink: url !== null })
    const params = url === null ? formOf(review) : addressOf(review, url, id)
    seat.say({ jsonrpc: '2.0', id, method: 'elicitation/create', params })
    return true
  }

  async function decide({ delivery, isLink, review, seat }: Question, message: Message): Promise<void> {
    if (isLink) return
    const answer = readAnswer(message.result, review)
    if ('wrong' in answer)
      return seat.say(lineFor(`Nothing was decided on ${review.requestId}: ${answer.wrong}.`, 'warning'))
    if (answer.decision === null || host === null) return
    const { digest, requestId } = review
    const { decision, note } = answer
    let receipt: VoteReceipt | null = null
    try {
      receipt = await host.vote({
        requestId,
        digest,
        decision,
        actor: seat.person,
        ...(note !== undefined && { note }),
      })
    } catch {
      // T42: nothing is said to be stored that may not be.
    }
    seat.say(lineFor(inert([saidOf(receipt)]), receipt?.status === 'counted' ? 'info' : 'warning'))
    const retry = receipt === null || (receipt.status === 'refused' && AGAIN.has(receipt.reason))
    if (retry) await askAgain(seat, delivery).catch(() => {})
  }

  /** Asks anew, with what stands now; a client that always answers the same is left alone. */
  async function askAgain(seat: Seat, delivery: string): Promise<void> {
    const counts = again.get(seat) ?? new Map<string, number>()
    const count = (counts.get(delivery) ?? 0) + 1
    again.set(seat, counts.set(delivery, count))
    const own = open.get(delivery)
    if (host === null || own === undefined || count > MAX_AGAIN) return
    const review = await host.get(own.review.requestId, QUESTION_LIMITS)
    if (review?.progress.status === 'pending' && open.get(delivery) === own) {
      own.review = review
      await ask(seat, delivery)
    }
  }

  /** Takes back what was asked. */
  function withdraw(requestId: string, isOld: (question: Question) => boolean, reason: string): void {
    for (const [id, question] of questions) {
      if (question.review.requestId !== requestId || !isOld(question)) continue
      questions.delete(id)
      question.seat.say(responseless('notifications/cancelled', { requestId: id, reason }))
    }
  }

  return {
    name,
    limits: QUESTION_LIMITS,
    // What was asked ends with the process.
    transient: true,
    get listeners() {
      return seats.all().length
    },
    isReviewer: (authorization) => reviewerOf(authorization) !== null,
    async start(given) {
      host = given
    },
    async deliver(review, to, deliveryId, signal) {
      signal.throwIfAborted()
      const known = open.get(deliveryId)
      if (known === undefined) open.set(deliveryId, { review, to })
      else known.review = review
      const reached: PersonRef[] = []
      for (const seat of seats.all()) {
        const { issuer, subject } = seat.person
        if (await ask(seat, deliveryId)) reached.push({ issuer, subject })
      }
      if (reached.length > 0 && !signal.aborted) return { reference: deliveryId, reached }
      if (known === undefined) open.delete(deliveryId)
      throw new Error(
        'no reviewer can be asked by elicitation: none who may decide, and whose assurance is enough, is connected',
      )
    },
    async update(review, { id }) {
      const own = open.get(id)
      if (own === undefined) throw new GatewrightError('ERR_MESSAGE_GONE', 'nobody was asked under this id')
      const { requestId, progress } = review
      const before = own.review
      own.review = review
      if (progress.status === 'pending') {
        if (before.digest === review.digest) return
        withdraw(requestId, (one) => one.review.digest !== review.digest, 'it was changed')
        for (const seat of seats.all()) await ask(seat, id)
        return
      }
      withdraw(requestId, () => true, `it is ${progress.status}`)
      if (OVER.has(progress.status)) open.delete(id)
      for (const seat of seats.all())
        if (howToAsk(before, own.to, seat.person) !== 'not')
          seat.say(
            lineFor(inert([`${review.content.action} · ${before.shortDigest}: ${statusWords(review)}`])),
          )
    },
    async handle(request) {
      const person = reviewerOf(request.headers.get('authorization'))
      if (person === null)
        return new Response('A reviewer’s token is needed.', {
          status: 401,
          headers: { 'www-authenticate': 'Bearer' },
        })
      // Clients of the protocol are no pages; a page that got hold of a token is none of the reviewer's.
      if (request.headers.has('origin')) return new Response(null, { status: 403 })
      if (host === null) return new Response('The gate has not started.', { status: 503 })
      return seats.handle(request, person)
    },
    async stop() {
      host = null
      open.clear()
      questions.clear()
      seats.close()
    },
  }
}

/** Refusals after which another answer can count. */
const AGAIN: ReadonlySet<string> = new Set(['note-needed', 'digest'])

function saidOf(receipt: VoteReceipt | null): string {
  if (receipt === null) return 'Your vote could not be stored, nothing was decided. Try again.'
  return receipt.status === 'refused' && receipt.link ? `${receipt.message} ${receipt.link}` : receipt.message
}

/**
 * How a person is asked: by a form where an answer at a client is enough, by a link where a stage asks for more assurance, or
 * not at all where no open stage is theirs. The vote itself is judged by the gate.
 */
function howToAsk(
  { content }: ReviewDocument,
  { stages }: Recipients,
  person: Principal,
): 'form' | 'link' | 'not' {
  const theirs = stages.filter(({ reviewers }) => isAmong(person, reviewers))
  if (stages.length > 0 && theirs.length === 0) return 'not'
  const strict = (one: Recipients['stages'][number]) =>
    content.stages.some(
      ({ assurance, requirement, stage }) =>
        assurance !== null && requirement === one.requirement && stage === one.stage,
    )
  return theirs.length > 0 && theirs.every(strict) ? 'link' : 'form'
}

function isAmong(person: Principal, reviewers: ReviewerSelector): boolean {
  if (reviewers.type === 'anyOf') return reviewers.of.some((one) => isAmong(person, one))
  if (reviewers.type === 'group') return person.groups.includes(reviewers.name)
  return reviewers.issuer === person.issuer && reviewers.subject === person.subject
}

/** Where the person signs in and decides. */
function addressOf(review: ReviewDocument, url: string, elicitationId: string): object {
  return {
    mode: 'url',
    message: inert([`${review.content.action} · ${review.shortDigest}: sign in to decide.`]),
    url,
    elicitationId,
  }
}
