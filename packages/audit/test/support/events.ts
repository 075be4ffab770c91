import type { AuditEvent } from '@gatewright/core'

/** An event as the engine makes them. */
export function eventOf(
  subject: string,
  seq: number,
  type: AuditEvent['type'] = 'request.created',
  data: AuditEvent['data'] = { action: 'refund', number: seq },
): AuditEvent {
  const previous = seq === 1 ? null : `${seq}`.padStart(64, '0')
  return {
    data,
    id: `${subject}/${seq}`,
    previous,
    seq,
    source: 'ops-bot',
    subject,
    time: 1_790_000_000_000 + seq,
    type,
  }
}
