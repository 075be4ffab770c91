import type { AuditEvent, AuditEventType } from '../contracts/audit'
import type { ApprovalRequest } from '../contracts/request'

/** What a listener gets: the event, and the request after it, where the event belongs to one. */
export interface GateEvent<Type extends AuditEventType = AuditEventType> {
  readonly event: AuditEvent & { readonly type: Type }
  readonly request: ApprovalRequest | null
}

/** Events of a gate: one for each step, `event` for all of them, and `sealed` when nothing runs any more. */
export type GateEvents = {
  [Type in AuditEventType]: (happened: GateEvent<Type>) => void
} & {
  event: (happened: GateEvent) => void
  sealed: (happened: { readonly reason: string; readonly cause: unknown }) => void
}
