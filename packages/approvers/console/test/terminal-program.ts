// A program with a console approver, for tests in a real terminal. What it asks is in SCENARIO; every vote is appended
// to the file VOTES; SIGUSR2 does the scenario's next step.
import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers'
import type { ApproverHost, ReviewDocument, ReviewProgress, VoteInput, VoteReceipt } from '@gatewright/core'
import { type ConsoleApproverOptions, consoleApprover } from '../src/index'
import { movableClock } from './movable-clock'

/** What a test wants to happen. */
export interface Scenario {
  readonly options?: ConsoleApproverOptions
  readonly documents: readonly ReviewDocument[]
  /** Ask only at the first step. */
  readonly askLater?: boolean
  /** Right after the first step the process is busy: for so many milliseconds at least, and until there is this file. */
  readonly busyAfterAsking?: { readonly ms: number; readonly until: string }
  /** What else happens, one step for each SIGUSR2. */
  readonly steps?: readonly (
    | { readonly type: 'resolve'; readonly requestId: string; readonly progress: Partial<ReviewProgress> }
    | { readonly type: 'print'; readonly text: string }
    | { readonly type: 'later'; readonly ms: number }
  )[]
}

const scenario: Scenario = JSON.parse(process.env.SCENARIO ?? '{"documents":[]}')
const votesFile = process.env.VOTES ?? '/dev/null'
const clock = movableClock()
const expiresAt = clock.now() + 30 * 60_000
const documents = new Map(
  scenario.documents.map((one) => [
    one.requestId,
    { ...one, progress: { ...one.progress, createdAt: Date.now(), expiresAt } },
  ]),
)

const host: ApproverHost = {
  async vote(vote: VoteInput): Promise<VoteReceipt> {
    appendFileSync(votesFile, `${JSON.stringify(vote)}\n`)
    const review = current(vote.requestId)
    if (review?.progress.status !== 'pending') {
      return {
        status: 'too-late',
        requestStatus: review?.progress.status ?? 'unknown',
        message: 'Too late. Your vote changed nothing.',
      }
    }
    const votes = [
      ...review.progress.votes,
      { by: vote.actor.name, decision: vote.decision, note: vote.note ?? null, at: Date.now(), counts: true },
    ]
    const needed = review.content.stages[0]?.atLeast ?? 1
    const missing = needed - votes.length
    if (vote.decision === 'approve' && missing > 0) {
      await change(vote.requestId, {
        votes,
        open: review.progress.open.map((stage) => ({ ...stage, missing })),
      })
      return {
        status: 'counted',
        requestStatus: 'pending',
        message: `Your approval counts. ${missing} more needed.`,
      }
    }
    const status = vote.decision === 'approve' ? 'approved' : 'rejected'
    await change(vote.requestId, { votes, status })
    return { status: 'counted', requestStatus: status, message: `Counted. The request is ${status}.` }
  },
  async get(requestId) {
    return current(requestId)
  },
  link: () => null,
  invite: () => null,
  seal: () => '',
  open: () => null,
  identify: async (identity) => identity,
  isOwn: async () => false,
  clock,
  logger: console,
}

const approver = consoleApprover(scenario.options)
const steps = [...(scenario.steps ?? [])]
let asked = scenario.askLater !== true
// Nothing else keeps it alive until it asks.
const alive = asked ? null : wait(() => {}, 60_000)
process.on('SIGUSR2', () => void step())

try {
  await approver.start?.(host)
} catch (error) {
  console.error(error instanceof Error && 'code' in error ? `${error.code}: ${error.message}` : error)
  process.exit(3)
}
console.log('the program has started')
if (asked) await ask()

function current(requestId: string): ReviewDocument | null {
  const review = documents.get(requestId) ?? null
  if (review === null || review.progress.status !== 'pending' || clock.now() < review.progress.expiresAt)
    return review
  return {
    ...review,
    progress: { ...review.progress, version: review.progress.version + 1, status: 'expired' },
  }
}

async function ask(): Promise<void> {
  for (const [index, review] of [...documents.values()].entries()) {
    await approver.deliver(
      review,
      { stages: [], purpose: 'ask' },
      `delivery-${index}`,
      new AbortController().signal,
    )
  }
}

async function change(requestId: string, progress: Partial<ReviewProgress>): Promise<void> {
  const review = documents.get(requestId)
  if (review === undefined) return
  const next = {
    ...review,
    progress: { ...review.progress, ...progress, version: review.progress.version + 1 },
  }
  documents.set(requestId, next)
  await approver.update?.(next, { id: 'delivery', reference: requestId })
  if ([...documents.values()].every((one) => one.progress.status !== 'pending'))
    console.log('everything is decided')
}

async function step(): Promise<void> {
  if (!asked) {
    asked = true
    await ask()
    if (scenario.busyAfterAsking !== undefined) beBusy(scenario.busyAfterAsking)
    clearTimeout(alive ?? undefined)
    return
  }
  const next = steps.shift()
  if (next?.type === 'resolve') await change(next.requestId, next.progress)
  if (next?.type === 'print') process.stdout.write(next.text)
  if (next?.type === 'later') clock.move(next.ms)
}

function beBusy({ ms, until }: NonNullable<Scenario['busyAfterAsking']>): void {
  const moment = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(moment, 0, 0, ms)
  while (!existsSync(until)) Atomics.wait(moment, 0, 0, 20)
  console.log('the program is free again')
}
