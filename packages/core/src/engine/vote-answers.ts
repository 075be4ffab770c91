import type { VoteInput, VoteReceipt, VoteRefusal } from '../contracts/approver'
import type { ApprovalRequest } from '../contracts/request'
import { formatDuration } from '../values/durations'
import { recordAlone } from './commit'
import { progressOf } from './effective-digest'
import type { Engine } from './engine'
import { actorData } from './events'

/** The answer to a vote that changed something. */
export function counted({ decision }: VoteInput, request: ApprovalRequest): VoteReceipt {
  const { status } = request
  if (status !== 'pending')
    return { status: 'counted', requestStatus: status, message: `Counted. The request is ${status}.` }
  const missing = progressOf(request).open.reduce((sum, stage) => sum + stage.missing, 0)
  return {
    status: 'counted',
    requestStatus: status,
    message: `Your ${decision === 'approve' ? 'approval' : 'rejection'} counts. ${missing} more needed.`,
  }
}

/** The answer to a vote that says what its person said before. */
export function alreadyCounted(request: ApprovalRequest): VoteReceipt {
  return {
    status: 'already-counted',
    requestStatus: request.status,
    message: `Your vote was counted already. The request is ${request.status}.`,
  }
}

/** The answer to a vote on what is decided already. It is recorded (I6). */
export async function tooLate(
  engine: Engine,
  input: VoteInput,
  channel: string,
  request: ApprovalRequest,
): Promise<VoteReceipt> {
  await recordRefusal(engine, input, channel, request, 'too-late')
  return {
    status: 'too-late',
    requestStatus: request.status,
    message: `Too late: the request is ${request.status}. Your vote changed nothing.`,
  }
}

const SAID: Record<VoteRefusal, string> = {
  'not-found': 'There is no such request, or you cannot vote on it.',
  'not-human': 'Only people can vote.',
  'own-request': 'You cannot vote on a call that is yours: you own the agent, or it acts for you.',
  assurance: 'This request needs a stronger or fresher sign-in.',
  digest: 'The request is not what you were shown. Look at it again.',
  'incomplete-view': 'You were not shown all of it. Open the full view to approve.',
  'note-needed': 'Say why: this request needs a note.',
  'earlier-stage': 'Your vote does not count in the stage that is open now.',
  'identity-unavailable': 'Who you are could not be checked just now. Nothing was counted. Try again.',
  'edit-invalid': 'The edited arguments are not valid.',
  'edit-denied': 'Policy denies the edited arguments.',
  'edit-unsupported': 'These arguments cannot be edited here.',
}

/** The answer to a vote that does not count, and why. It is recorded (I6). */
export async function refuse(
  engine: Engine,
  input: VoteInput,
  channel: string,
  request: ApprovalRequest | null,
  reason: VoteRefusal,
  detail?: string,
): Promise<VoteReceipt> {
  await recordRefusal(engine, input, channel, request, reason)
  const link =
    reason === 'assurance' || reason === 'incomplete-view' ? engine.settings.link(input.requestId) : null
  return {
    status: 'refused',
    reason,
    message: detail === undefined ? SAID[reason] : `${SAID[reason]} ${detail}`,
    ...(link === null ? {} : { link }),
  }
}

async function recordRefusal(
  engine: Engine,
  input: VoteInput,
  channel: string,
  request: ApprovalRequest | null,
  reason: string,
): Promise<void> {
  await recordAlone(
    engine,
    'vote.refused',
    {
      actor: actorData(input.actor),
      channel,
      decision: input.decision,
      known: request !== null,
      reason,
      requestId: input.requestId,
      ...(request === null
        ? {}
        : {
            requestStatus: request.status,
            waited: formatDuration(Math.max(0, engine.store.now() - request.createdAt)),
          }),
    },
    request,
  )
}
