import { createHmac } from 'node:crypto'
import {
  type ApproverHost,
  GatewrightError,
  type JsonObject,
  type PersonRef,
  type Principal,
  type RequestStatus,
  type ReviewDocument,
  type ReviewLimits,
  type SealedValue,
  type VoteInput,
  type VoteReceipt,
  type VoteRefusal,
} from '@gatewright/core'
import type { FakeClock } from '../fake-clock'
import { type DocumentSource, documentOf } from './documents'
import { applyPlainly } from './plain-edits'

/** A gate as an approver sees it, in the hands of a test: it judges votes as the real one does, and says what it was told. */
export interface FakeHost extends ApproverHost {
  readonly clock: FakeClock
  /** Every vote that was handed in, counted or not. */
  readonly votes: readonly VoteInput[]
  /** The votes that counted. */
  readonly counted: readonly VoteInput[]
  /** Every value that was sealed for a button. */
  readonly sealed: readonly SealedValue[]
  /** Every answer that was given, in order; `null`: the host rejected. */
  readonly answers: readonly (VoteReceipt | null)[]
  /** The arguments of a request as they stand, with everything that people are not shown. */
  args(requestId: string): JsonObject
  /** Opens a request; answers with its document within `limits`. */
  ask(source: Partial<DocumentSource> & { readonly requestId: string }, limits?: ReviewLimits): ReviewDocument
  /** Moves a request as if somebody else had. */
  move(requestId: string, change: Partial<DocumentSource>): void
  /** The document as it stands. */
  review(requestId: string, limits?: ReviewLimits): ReviewDocument
  /** From now on somebody answers for the agent of a request. */
  setOwner(requestId: string, person: PersonRef): void
  /** The next vote gets this answer, or this rejection, whatever it says. */
  answerNext(answer: VoteReceipt | Error): void
}

/** Makes a host without requests. Everything it does is immediate; its clock is the test's. */
export function fakeHost(clock: FakeClock): FakeHost {
  const requests = new Map<string, DocumentSource>()
  const votes: VoteInput[] = []
  const counted: VoteInput[] = []
  const sealed: SealedValue[] = []
  const answers: (VoteReceipt | null)[] = []
  const planned: (VoteReceipt | Error)[] = []
  const owners = new Set<string>()
  const link = (requestId: string): string => `https://gate.test/requests/${requestId}`

  function sourceOf(requestId: string): DocumentSource {
    const source = requests.get(requestId)
    if (source === undefined) throw new Error(`the case opened no request ${requestId}`)
    return source
  }

  function judge(vote: VoteInput): VoteReceipt {
    const source = requests.get(vote.requestId)
    if (source === undefined) return refused('not-found')
    if (vote.actor.type !== 'human') return refused('not-human')
    const earlier = counted.find(
      (one) => one.requestId === vote.requestId && samePerson(one.actor, vote.actor),
    )
    if (earlier !== undefined && earlier.decision === vote.decision) {
      return {
        status: 'already-counted',
        requestStatus: source.status,
        message: 'Your vote was counted before.',
      }
    }
    if (source.status !== 'pending' || clock.now() >= source.expiresAt) {
      return {
        status: 'too-late',
        requestStatus: source.status,
        message: `It is too late: this request is ${source.status}.`,
      }
    }
    if (source.noteFor[vote.decision] && (vote.note ?? '').trim() === '') return refused('note-needed')
    if (vote.decision === 'approve' && vote.digest !== documentOf(source, null, null).digest)
      return refused('digest')
    const edited = vote.edits === undefined ? null : applyPlainly(source.args, vote.edits, source.redacted)
    if (edited !== null && 'problem' in edited)
      return { status: 'refused', reason: 'edit-invalid', message: edited.problem }
    counted.push(vote)
    const status: RequestStatus = vote.decision === 'approve' ? 'approved' : 'rejected'
    requests.set(vote.requestId, {
      ...source,
      status,
      version: source.version + 1,
      ...(edited === null ? {} : { args: edited.args, editedBy: vote.actor.name }),
      votes: [...source.votes, { actor: vote.actor, decision: vote.decision, note: vote.note ?? null }],
    })
    return { status: 'counted', requestStatus: status, message: `Your vote was counted: ${status}.` }
  }

  function answer(vote: VoteInput): VoteReceipt {
    const plan = planned.shift()
    if (plan instanceof Error) throw plan
    return plan ?? judge(vote)
  }

  return {
    clock,
    votes,
    counted,
    sealed,
    answers,
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    async vote(vote) {
      checkWellFormed(vote)
      votes.push(vote)
      try {
        const receipt = answer(vote)
        answers.push(receipt)
        return receipt
      } catch (error) {
        answers.push(null)
        throw error
      }
    },
    async get(requestId, limits) {
      const source = requests.get(requestId)
      return source === undefined ? null : documentOf(source, limits ?? null, link(requestId))
    },
    link,
    invite: ({ issuer, subject }) => `https://gate.test/link/${encodeURIComponent(`${issuer} ${subject}`)}`,
    args: (requestId) => sourceOf(requestId).args,
    seal(value) {
      sealed.push(value)
      const payload = Buffer.from(JSON.stringify([value.requestId, value.digest, value.expiresAt])).toString(
        'base64url',
      )
      return `${payload}.${mac(payload, value.audience)}`
    },
    open(token, audience) {
      const [payload = '', signature] = token.split('.')
      if (signature !== mac(payload, audience)) return null
      const [requestId, digest, expiresAt] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
        string,
        string,
        number,
      ]
      return clock.now() > expiresAt ? null : { requestId, digest, audience, expiresAt }
    },
    identify: async ({ issuer, subject }) => ({ issuer, subject }),
    isOwn: async (requestId, person) => owners.has(ownerKey(requestId, person)),
    setOwner: (requestId, person) => void owners.add(ownerKey(requestId, person)),
    ask(source, limits) {
      requests.set(source.requestId, { ...defaults(clock.now()), ...source })
      return this.review(source.requestId, limits)
    },
    move(requestId, change) {
      const source = sourceOf(requestId)
      requests.set(requestId, { ...source, version: source.version + 1, ...change })
    },
    review: (requestId, limits) => documentOf(sourceOf(requestId), limits ?? null, link(requestId)),
    answerNext: (plan) => void planned.push(plan),
  }
}

function defaults(now: number): Omit<DocumentSource, 'requestId'> {
  return {
    action: 'data.export',
    args: { table: 'customers', rows: 120 },
    requester: 'ops-bot',
    intent: 'weekly export',
    reason: 'exports are reviewed',
    createdAt: now,
    expiresAt: now + 3_600_000,
    status: 'pending',
    version: 1,
    editedBy: null,
    redacted: [],
    noteFor: { approve: false, reject: false },
    votes: [],
  }
}

const REFUSALS: Readonly<Partial<Record<VoteRefusal, string>>> = {
  'not-found': 'There is no such request.',
  'not-human': 'Only people can vote.',
  'note-needed': 'Say why: this request needs a note.',
  digest: 'What you saw is not what would run any more. Look again.',
}

function refused(reason: VoteRefusal): VoteReceipt {
  return { status: 'refused', reason, message: REFUSALS[reason] ?? reason }
}

function samePerson(one: Principal, other: Principal): boolean {
  return one.issuer === other.issuer && one.subject === other.subject
}

function ownerKey(requestId: string, { issuer, subject }: PersonRef): string {
  return JSON.stringify([requestId, issuer, subject])
}

/** T08: like the gate, the host rejects what is not a vote at all. */
function checkWellFormed(vote: VoteInput): void {
  const known = ['requestId', 'decision', 'digest', 'actor', 'note', 'edits', 'proof']
  const strange = Object.keys(vote).find((name) => !known.includes(name))
  const isWhole =
    typeof vote.requestId === 'string' &&
    typeof vote.digest === 'string' &&
    (vote.decision === 'approve' || vote.decision === 'reject') &&
    typeof vote.actor === 'object' &&
    typeof vote.actor.issuer === 'string' &&
    typeof vote.actor.subject === 'string'
  if (strange === undefined && isWhole) return
  throw new GatewrightError(
    'ERR_VOTE_MALFORMED',
    `that is not a vote${strange === undefined ? '' : `: unknown field ${strange}`}`,
  )
}

function mac(payload: string, audience: string): string {
  return createHmac('sha256', 'conformance').update(`${audience}\0${payload}`).digest('base64url')
}
