import type { AuditEvent } from '@gatewright/core'
import { canonicalDigest } from './check/canonical'
import { stated } from './check/commitments'
import type { Evidence, LogLine } from './evidence'

/** The lines of all logs, as they were written. */
export function linesOf({ logs }: Evidence): Record<string, LogLine[]> {
  return Object.fromEntries(
    Object.entries(logs).map(([id, bytes]) => [
      id,
      Buffer.from(bytes)
        .toString()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as LogLine),
    ]),
  )
}

/** The evidence with other lines in its logs, byte for byte as given. */
export function withLines(evidence: Evidence, lines: Readonly<Record<string, readonly LogLine[]>>): Evidence {
  const logs = Object.entries(lines).map(([id, held]) => [
    id,
    Buffer.from(held.map((line) => `${JSON.stringify(line)}\n`).join('')),
  ])
  return { ...evidence, logs: Object.fromEntries(logs) as Evidence['logs'] }
}

/**
 * Forges the logs as somebody would who holds them: `change` may alter, drop (`[]`) or add events of one subject, and every
 * chain is numbered and hashed anew, so that only its meaning can give it away; what listeners heard is forgotten.
 */
export function forge(
  evidence: Evidence,
  change: (event: AuditEvent) => AuditEvent | readonly AuditEvent[],
): Evidence {
  const lines = Object.entries(linesOf(evidence)).map(([id, held]) => [
    id,
    held.flatMap((line) => relined(line, change)),
  ])
  const forged = Object.fromEntries(lines) as Record<string, LogLine[]>
  const numbers = renumber(
    Object.values(forged)
      .flat()
      .map(({ event }) => event),
  )
  return withLines(
    { ...evidence, emitted: [] },
    Object.fromEntries(
      Object.entries(forged).map(([id, held]) => [
        id,
        held.map(({ step, event }) => ({ step, event: numbers.get(placeOf(event)) ?? event })),
      ]),
    ),
  )
}

interface Placed extends AuditEvent {
  /** Where a forged event stands among those that came from one. */
  readonly place: number
}

function relined({ step, event }: LogLine, change: Parameters<typeof forge>[1]): LogLine[] {
  const changed = change(event)
  const events: readonly AuditEvent[] = Array.isArray(changed) ? changed : [changed as AuditEvent]
  return events.map((one, place) => ({ step, event: { ...one, place } as Placed }))
}

function placeOf(event: AuditEvent): string {
  return `${event.subject}/${event.seq}/${(event as Placed).place}`
}

function renumber(events: readonly AuditEvent[]): Map<string, AuditEvent> {
  const bySubject = new Map<string, Map<string, AuditEvent>>()
  for (const event of events) {
    const chain = bySubject.get(event.subject) ?? new Map<string, AuditEvent>()
    chain.set(placeOf(event), event)
    bySubject.set(event.subject, chain)
  }
  const numbered = new Map<string, AuditEvent>()
  for (const [subject, chain] of bySubject) {
    let previous: string | null = null
    const inOrder = [...chain.entries()].sort(
      ([, one], [, other]) => one.seq - other.seq || (one as Placed).place - (other as Placed).place,
    )
    for (const [index, [place, event]] of inOrder.entries()) {
      const { place: _place, ...rest } = event as Placed
      const next: AuditEvent = { ...rest, id: `${subject}/${index + 1}`, seq: index + 1, previous }
      previous = canonicalDigest(stated(next))
      numbered.set(place, next)
    }
  }
  return numbered
}
