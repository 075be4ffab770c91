/** How much an exception weighs: `high` needs an explanation, `medium` a look, `note` is a fact. */
export type ExceptionSeverity = 'high' | 'medium' | 'note'

/** What kinds there are, gravest first. Codes are stable. */
export const EXCEPTIONS = {
  'verification-finding': { severity: 'high', title: 'Findings of the verifier about single actions' },
  'self-approval': { severity: 'high', title: 'Approvals by the owner, or by the person the agent acts for' },
  'self-approval-attempt': { severity: 'high', title: 'Attempts to decide on one’s own request (refused)' },
  observed: { severity: 'high', title: 'Ran in observe mode, without the decision it would have needed' },
  'gate-observing': { severity: 'high', title: 'Gates started in observe mode' },
  'unknown-outcome': { severity: 'high', title: 'Executions whose outcome is unknown' },
  'outcome-missing': { severity: 'high', title: 'Executions that began, with no outcome in the log' },
  'events-missing': { severity: 'high', title: 'Actions of which events are missing' },
  'credential-left': { severity: 'high', title: 'Credentials issued, and not seen to be revoked' },
  'gate-sealed': { severity: 'high', title: 'Gates that sealed themselves' },
  'log-cut': { severity: 'medium', title: 'Incomplete writes that were cut when a log was opened' },
  'audit-degraded': { severity: 'medium', title: 'Times when a log could not be written' },
  'credential-revocation-failed': { severity: 'medium', title: 'Revocations that failed at first' },
  'unentitled-vote': { severity: 'medium', title: 'Votes of people who were not asked (refused)' },
  'weak-sign-in': { severity: 'medium', title: 'Votes with too weak or too old a sign-in (refused)' },
  'rule-failed': {
    severity: 'medium',
    title: 'Rules, lookups or risk signals that failed (counted as strictest)',
  },
  blocked: { severity: 'medium', title: 'Approved, and refused at the last moment (nothing ran)' },
  invalidated: { severity: 'medium', title: 'Approvals that fell, because something changed' },
  undeliverable: { severity: 'medium', title: 'Requests that reached too few people' },
  expired: { severity: 'medium', title: 'Requests that expired undecided' },
  lapsed: { severity: 'medium', title: 'Approvals that lapsed unused' },
  'late-vote': { severity: 'note', title: 'Votes that came too late (changed nothing)' },
  'vote-refused': { severity: 'note', title: 'Votes that were refused for another reason' },
  'log-redacted': { severity: 'note', title: 'Personal values that were erased from a log' },
  'key-rotated': { severity: 'note', title: 'Keys of a log that were replaced' },
} as const satisfies Readonly<
  Record<string, { readonly severity: ExceptionSeverity; readonly title: string }>
>

/** A kind of exception. */
export type ExceptionCode = keyof typeof EXCEPTIONS

/** Something that an auditor wants to look at. */
export interface DecisionException {
  readonly code: ExceptionCode
  readonly at: number
  /** The event that tells of it. */
  readonly eventId: string
  /** The request or call it is about; `null` when it is about a gate or a log. */
  readonly subject: string | null
  /** What happened, in words; parts of it come from the log. */
  readonly text: string
}

/** What a refused vote is an attempt at. */
export function refusedVoteCode(reason: string): ExceptionCode {
  switch (reason) {
    case 'own-request':
      return 'self-approval-attempt'
    case 'not-found':
    case 'not-human':
      return 'unentitled-vote'
    case 'assurance':
      return 'weak-sign-in'
    case 'too-late':
      return 'late-vote'
    default:
      return 'vote-refused'
  }
}
