import type { AuditEvent } from '@gatewright/core'
import type { Evidence, LogLine, Violation } from '../evidence'
import { canonicalText, digestOfText } from './canonical'
import { statedText } from './commitments'

/** What the logs hold, put together by subject. */
export interface Logs {
  /** Every subject's events, by number. */
  readonly chains: ReadonlyMap<string, readonly AuditEvent[]>
  /** For each log, the step at which each event became durable in it. */
  readonly durableAt: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly violations: readonly Violation[]
}

/** Reads the bytes of all logs, and checks that they tell one story (I7): equal events are equal, chains have no hole. */
export function readLogs(logs: Evidence['logs']): Logs {
  const violations: Violation[] = []
  const events = new Map<string, AuditEvent>()
  const durableAt = new Map<string, Map<string, number>>()
  for (const [logId, bytes] of Object.entries(logs)) {
    const held = new Map<string, number>()
    durableAt.set(logId, held)
    for (const line of Buffer.from(bytes).toString().split('\n')) {
      if (line === '') continue
      const { step, event } = JSON.parse(line) as LogLine
      if (held.has(event.id)) violations.push(broken(event, `${logId} holds ${event.id} twice`))
      else held.set(event.id, step)
      const known = events.get(event.id)
      if (known === undefined) events.set(event.id, event)
      else if (canonicalText(known) !== canonicalText(event))
        violations.push(broken(event, `${event.id} differs between logs`))
    }
  }
  const chains = chainsOf([...events.values()])
  for (const chain of chains.values()) violations.push(...chainProblems(chain))
  return { chains, durableAt, violations }
}

function chainsOf(events: readonly AuditEvent[]): Map<string, AuditEvent[]> {
  const chains = new Map<string, AuditEvent[]>()
  for (const event of events) {
    const chain = chains.get(event.subject)
    if (chain === undefined) chains.set(event.subject, [event])
    else chain.push(event)
  }
  for (const chain of chains.values()) chain.sort((one, other) => one.seq - other.seq)
  return chains
}

function chainProblems(chain: readonly AuditEvent[]): Violation[] {
  const violations: Violation[] = []
  for (const [index, event] of chain.entries()) {
    if (event.id !== `${event.subject}/${event.seq}`)
      violations.push(broken(event, `${event.id} is not its place in the chain`))
    if (event.seq !== index + 1)
      violations.push(broken(event, `the chain has a hole before number ${event.seq}`))
    const before = chain[index - 1]
    const expected = before === undefined ? null : digestOfText(statedText(before))
    if (event.previous !== expected)
      violations.push(broken(event, `number ${event.seq} does not carry the hash of its predecessor`))
    if (before !== undefined && event.time < before.time - 5_000)
      violations.push(broken(event, `number ${event.seq} is far older than its predecessor`))
  }
  return violations
}

function broken(event: AuditEvent, what: string): Violation {
  return { promise: 'I7', what, subject: event.subject }
}
