import {
  type Approver,
  type ApproverHost,
  type ArgumentEdit,
  OptionError,
  type Principal,
  type Recipients,
  type ReviewDocument,
  type ReviewLimits,
  type SentDelivery,
  type Timer,
  type VoteInput,
  type VoteReceipt,
} from '@gatewright/core'
import { checkKnown } from './known-options'
import { createInbox } from './mock-approver-inbox'
import { mockReviewers } from './mock-approver-reviewers'
import {
  type ArgumentsEdit,
  type DecisionOptions,
  lastRule,
  makeRule,
  matcher,
  type Reaction,
  type RequestMatch,
  type Rule,
} from './mock-approver-rules'
import { scriptedVotes, voteOn } from './mock-approver-votes'

/** What a mock approver starts with. */
export interface MockApproverOptions {
  /** @default 'mock' */
  readonly name?: string
  /**
   * What becomes of requests that no rule speaks of. `reject` fails the test at once, and says which rule is missing.
   *
   * @default 'reject'
   */
  readonly otherwise?: 'approve' | 'reject' | 'ignore'
  /** What fits into one message, to see how truncated documents fare. @default everything */
  readonly limits?: ReviewLimits
  /** Keep what it saw. `false` for benchmarks: nothing is kept, and messages are not updated. @default true */
  readonly record?: boolean
}

/** One message that the mock approver was given. */
export interface MockDelivery {
  readonly review: ReviewDocument
  readonly to: Recipients
  readonly deliveryId: string
}

/** One vote that the mock approver cast, and what came of it. */
export interface MockVote {
  readonly vote: VoteInput
  /** `null` when it failed. */
  readonly receipt: VoteReceipt | null
  /** What the gate rejected with, or `null`. */
  readonly error: unknown
}

/** An approver that decides by script, for unit tests. Rules are asked in order; the first that speaks of a request decides it. */
export interface MockApprover extends Approver {
  /** The people asked approve. @throws OptionError `ERR_OPTION_INVALID` */
  approve(match?: RequestMatch, options?: DecisionOptions): MockApprover
  /** One of the people asked rejects. @throws OptionError `ERR_OPTION_INVALID` */
  reject(match: RequestMatch, note?: string, options?: Omit<DecisionOptions, 'note'>): MockApprover
  /** One of the people asked approves with edits, `{ rows: 10 }` for short; the others, where there are any, approve what came of it. @throws OptionError `ERR_OPTION_INVALID` */
  edit(match: RequestMatch, change: ArgumentsEdit, options?: DecisionOptions): MockApprover
  /** Nobody answers. @throws OptionError `ERR_OPTION_INVALID` */
  ignore(match?: RequestMatch, options?: Pick<DecisionOptions, 'times'>): MockApprover
  /** The message cannot be delivered. @throws OptionError `ERR_OPTION_INVALID` */
  unreachable(match?: RequestMatch, options?: Pick<DecisionOptions, 'times'>): MockApprover
  /** Waits for the next message about such a request that `next` has not given yet, oldest first. */
  next(match?: RequestMatch): Promise<MockDelivery>
  /** Votes on a message by hand. @default options.by the first mock reviewer whom the message is for */
  vote(delivery: MockDelivery, decision: 'approve' | 'reject', options?: VoteOptions): Promise<VoteReceipt>
  /** Every message, in order. */
  readonly seen: readonly MockDelivery[]
  /** Every update of a message, in order. */
  readonly updates: readonly { readonly review: ReviewDocument; readonly delivery: SentDelivery }[]
  /** Every vote, in the order they were answered. */
  readonly votes: readonly MockVote[]
}

/** How a vote is cast by hand. */
export interface VoteOptions {
  readonly by?: Principal
  readonly note?: string
  /** With `approve`: what should be different. */
  readonly edits?: readonly ArgumentEdit[]
  /** @default the digest of the document in the message */
  readonly digest?: string
}

/**
 * An approver that decides by script. Reviewers are demo identities (issuer `mock`), as many and in the groups that a
 * requirement asks for. It never approves a document that is not complete; it logs that instead (I9).
 *
 * `start` rejects with `ERR_OPTION_INVALID` when `NODE_ENV` is `production`.
 *
 * @throws OptionError `ERR_OPTION_INVALID`
 * @example
 * ```ts
 * import { mockApprover } from '@gatewright/testing'
 *
 * const approver = mockApprover()
 *   .approve('data.export', { times: 1 })
 *   .reject('customer.*', 'not without a ticket', { after: '5m' })
 *   .edit('report.send', { to: 'me@example.com' })
 * ```
 */
export function mockApprover(options: MockApproverOptions = {}): MockApprover {
  checkKnown(options, ['name', 'otherwise', 'limits', 'record'], 'mockApprover')
  const { name = 'mock', otherwise = 'reject', limits, record = true } = options
  const last = lastRule(otherwise)
  const rules: Rule[] = []
  const seen: MockDelivery[] = []
  const updates: { review: ReviewDocument; delivery: SentDelivery }[] = []
  const votes: MockVote[] = []
  const delivered = new Set<string>()
  const timers = new Set<Timer>()
  const inbox = createInbox()
  let host: ApproverHost | null = null
  let underWay = 0
  let whenQuiet: (() => void) | null = null

  function add(reaction: Reaction, match: RequestMatch, decision: DecisionOptions): MockApprover {
    rules.push(makeRule(reaction, match, decision))
    return approver
  }

  async function cast(to: ApproverHost, vote: VoteInput): Promise<VoteReceipt> {
    try {
      const receipt = await to.vote(vote)
      if (record) votes.push({ vote, receipt, error: null })
      return receipt
    } catch (error) {
      if (record) votes.push({ vote, receipt: null, error })
      throw error
    }
  }

  async function decide(rule: Rule, { review, to }: MockDelivery): Promise<void> {
    const current = host
    if (current === null) return
    underWay += 1
    try {
      for (const vote of scriptedVotes(rule, review, to)) {
        if (host !== current) return
        const receipt = await cast(current, vote)
        if (receipt.status === 'refused') {
          current.logger.warn(
            `${name}: the vote of ${vote.actor.name} on ${review.content.action} was refused: ${receipt.message}`,
          )
        } else if (receipt.requestStatus !== 'pending') break
      }
    } catch (error) {
      current.logger.error(`${name}: the scripted decision on ${review.content.action} failed`, { error })
    } finally {
      underWay -= 1
      if (underWay === 0) whenQuiet?.()
    }
  }

  function schedule(rule: Rule, delivery: MockDelivery, clock: ApproverHost['clock']): void {
    if (rule.afterMs === 0) {
      queueMicrotask(() => void decide(rule, delivery))
      return
    }
    const timer = clock.setTimer(
      rule.afterMs,
      () => {
        timers.delete(timer)
        void decide(rule, delivery)
      },
      { background: true },
    )
    timers.add(timer)
  }

  const approver: MockApprover = {
    name,
    ...(limits === undefined ? {} : { limits }),
    seen,
    updates,
    votes,
    approve: (match = '*', decision = {}) => add({ type: 'approve' }, match, decision),
    reject: (match, note, decision = {}) =>
      add({ type: 'reject' }, match, note === undefined ? decision : { ...decision, note }),
    edit: (match, change, decision = {}) => add({ type: 'edit', change }, match, decision),
    ignore: (match = '*', decision = {}) => add({ type: 'ignore' }, match, decision),
    unreachable: (match = '*', decision = {}) => add({ type: 'unreachable' }, match, decision),
    next: (match = '*') => inbox.take(matcher(match, 'mockApprover.next.match')),
    async vote({ review, to }, decision, { by = mockReviewers(to)[0], note = null, ...more } = {}) {
      checkKnown(more, ['edits', 'digest'], 'mockApprover.vote')
      if (by === undefined)
        throw new OptionError('mockApprover.vote.by', 'is needed: the message is for nobody')
      return cast(started(host, name), { ...voteOn(review, decision, by, note), ...more })
    },
    async start(given) {
      // DESIGN section 5: nobody stands behind these votes.
      if (process.env.NODE_ENV === 'production') {
        throw new OptionError(
          'createGate.approvers',
          `"${name}" is a mock approver: it decides by script, so it does not start with NODE_ENV=production`,
        )
      }
      host = given
    },
    async deliver(review, to, deliveryId, signal) {
      const { clock, logger } = started(host, name)
      signal.throwIfAborted()
      const rule = rules.find((one) => one.takes(review)) ?? last
      if (rule.reaction.type === 'unreachable') throw new Error(`${name}: unreachable by script`)
      const delivery = { review, to, deliveryId }
      if (record) {
        // T51: one id, one message.
        if (delivered.has(deliveryId)) return {}
        delivered.add(deliveryId)
        seen.push(delivery)
        inbox.put(delivery)
      }
      if (rule.reaction.type === 'ignore' || to.purpose === 'remind') return {}
      if (!review.complete && rule.reaction.type !== 'reject') {
        logger.warn(
          `${name}: ${review.content.action} is not shown in full (${review.content.missing.join('; ')}), so it was not approved`,
        )
        return {}
      }
      schedule(rule, delivery, clock)
      return {}
    },
    async stop() {
      host = null
      for (const timer of timers) timer.cancel()
      timers.clear()
      inbox.close(`${name} was stopped`)
      if (underWay === 0) return
      await new Promise<void>((resolve) => {
        whenQuiet = resolve
      })
    },
  }
  if (!record) return approver
  return Object.assign(approver, {
    async update(review: ReviewDocument, delivery: SentDelivery) {
      updates.push({ review, delivery })
    },
  })
}

function started(host: ApproverHost | null, name: string): ApproverHost {
  if (host !== null) return host
  throw new Error(`the mock approver "${name}" is not started, so nothing was delivered or decided`)
}
