import type { AuditEvent } from '@gatewright/core'

/** Some event of a subject. */
export function eventOf(subject: string, seq = 1, data: AuditEvent['data'] = { n: seq }): AuditEvent {
  return {
    data,
    id: `${subject}/${seq}`,
    previous: seq === 1 ? null : 'a'.repeat(64),
    seq,
    source: 'ops-bot',
    subject,
    time: Date.UTC(2026, 0, 1) + seq,
    type: 'request.created',
  }
}
