import type { AuditEvent } from '../contracts/audit'

/** The recorded events of one subject that are still held, and which log holds which. Their numbers have no gaps. */
export interface Chain {
  events: readonly AuditEvent[]
  /** How many of them no log has acknowledged. */
  unpublished: number
  acknowledged: Acknowledged | null
}

/** What one log acknowledged of a chain. */
interface Acknowledged {
  readonly logId: string
  /** All events up to this number. */
  upTo: number
  /** And these, where another log took the ones before. */
  beyond: Set<number> | null
  /** What another log acknowledged: nearly always nothing. */
  readonly next: Acknowledged | null
}

const NONE: readonly AuditEvent[] = Object.freeze([])

/** A chain that holds nothing. */
export function emptyChain(): Chain {
  return { events: NONE, unpublished: 0, acknowledged: null }
}

/** Forgets what the chain holds. */
export function emptyOut(chain: Chain): void {
  chain.events = NONE
  chain.acknowledged = null
}

/** Whether each log that acknowledged any of them holds all that are held. */
export function heldWhole(chain: Chain): boolean {
  const head = headOf(chain) ?? 0
  for (let log = chain.acknowledged; log !== null; log = log.next) if (log.upTo < head) return false
  return true
}

/** Number of the newest event held; `null` when none is. */
export function headOf({ events }: Chain): number | null {
  return events[events.length - 1]?.seq ?? null
}

/** Those that a log has not acknowledged. */
export function missingFrom(chain: Chain, logId: string, limit: number): readonly AuditEvent[] {
  const log = logOf(chain, logId)
  if (log === null) return chain.events.slice(0, limit)
  return chain.events.filter(({ seq }) => seq > log.upTo && log.beyond?.has(seq) !== true).slice(0, limit)
}

/** Notes that a log holds an event. Numbers that the chain does not hold are ignored. */
export function acknowledge(chain: Chain, logId: string, seq: number): void {
  const first = chain.events[0]?.seq ?? Number.POSITIVE_INFINITY
  if (!(seq >= first && seq < first + chain.events.length)) return
  const log = logOf(chain, logId) ?? addLog(chain, logId, first - 1)
  if (seq > log.upTo + 1) {
    log.beyond ??= new Set()
    log.beyond.add(seq)
    return
  }
  log.upTo = Math.max(log.upTo, seq)
  while (log.beyond?.delete(log.upTo + 1)) log.upTo += 1
  if (log.beyond?.size === 0) log.beyond = null
}

function logOf(chain: Chain, logId: string): Acknowledged | null {
  let log = chain.acknowledged
  while (log !== null && log.logId !== logId) log = log.next
  return log
}

function addLog(chain: Chain, logId: string, upTo: number): Acknowledged {
  const log = { logId, upTo, beyond: null, next: chain.acknowledged }
  chain.acknowledged = log
  return log
}
