import {
  type Answer,
  type ApprovalRequest,
  type AuditEvent,
  createGate,
  currentSession,
  type ErrorCode,
  type Gate,
  GatewrightError,
  group,
  type NotApprovedCode,
  NotApprovedError,
  type RequestStatus,
  type Session,
} from '@gatewright/core'
import type { Equal, Expect } from './expect'

declare const gate: Gate
declare const error: unknown

// Listeners get the event of the type they listen for.
gate.on('request.approved', ({ event, request }) => {
  const type: 'request.approved' = event.type
  const approved: ApprovalRequest | null = request
  return void [type, approved]
})
gate.on('event', ({ event }) => {
  const any: AuditEvent = event
  return void any
})
gate.on('sealed', ({ reason, cause }) => {
  const why: string = reason
  const because: unknown = cause
  return void [why, because]
})
// @ts-expect-error no such event
gate.on('request.aproved', () => {})

// Errors are told apart by their code.
if (GatewrightError.isInstance(error)) {
  const code: ErrorCode = error.code
  void code
}
if (error instanceof NotApprovedError) {
  const code: NotApprovedCode = error.code
  const by: string | null = error.by
  void [code, by]
}

// gate.as gives back what the work gives.
const inside = gate.as({ runId: 'r' }, () => 5 as const)
export type AsGivesBack = Expect<Equal<typeof inside, 5>>
// @ts-expect-error misspelt
gate.as({ runID: 'r' }, () => {})

// Answers run something, and give back what it gives.
declare const answer: Answer
const executed = answer.execute(async (args) => Object.keys(args).length)
export type ExecuteGivesBack = Expect<Equal<typeof executed, Promise<number>>>
export type StatusOfAnswer = Expect<Equal<Answer['status'], 'allowed' | 'denied' | RequestStatus>>

const session = currentSession()
export type SessionOrNothing = Expect<Equal<typeof session, Session | undefined>>

// Required options are required by the types.
// @ts-expect-error who owns the agent must be said
createGate({ agent: { id: 'bot' }, approvers: [], reviewers: group('ops'), ephemeral: true })
// @ts-expect-error how people are reached must be said
createGate({ agent: { id: 'bot', owner: null }, reviewers: group('ops'), ephemeral: true })
