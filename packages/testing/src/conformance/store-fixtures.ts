import type { ApprovalRequest, ApprovalStore, RequestStatus, Transition } from '@gatewright/core'
import { sampleMove } from '../samples'

/** Ids of events. */
export function idsOf(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map(({ id }) => id)
}

/** Moves a request on, and answers with what the store then holds of it. */
export async function move(
  store: ApprovalStore,
  from: ApprovalRequest,
  fields: Partial<ApprovalRequest> = {},
  more: Partial<Transition> = {},
): Promise<ApprovalRequest> {
  const result = await store.transition(sampleMove(from, fields, more))
  if (!result.applied) throw new Error(`a move was not applied: ${result.reason}`)
  return result.request
}

/** What a request looks like once nothing more will become of it. */
export function ending(status: RequestStatus, at: number): Partial<ApprovalRequest> {
  return { status, dueAt: null, resolution: { reason: 'a test', by: null, at } }
}

/** What a request looks like once it was approved. */
export function approval(at: number): Partial<ApprovalRequest> {
  return { status: 'approved', basis: 'votes', approvedAt: at, useBefore: at + 60_000, dueAt: at + 60_000 }
}

/** Has a log acknowledge all that it has not, of one subject or of those that no log has. Answers with the ids, in order. */
export async function publish(
  store: ApprovalStore,
  logId: string,
  subject?: string,
): Promise<readonly string[]> {
  const query = subject === undefined ? { logId, limit: 10_000 } : { logId, subject, limit: 10_000 }
  const ids = idsOf(await store.outbox.unpublished(query))
  await store.outbox.published(logId, ids)
  return ids
}
