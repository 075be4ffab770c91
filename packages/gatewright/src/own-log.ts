import type { FileAudit } from '@gatewright/audit'
import { type AuditSink, type Gate, GatewrightError } from '@gatewright/core'
import { logHolder } from './log-holder'

const opened = new WeakMap<Gate, Promise<unknown>>()

/**
 * The log that a gate made for itself, as its sink. Where it cannot be opened because another process has it, it says who
 * that is and what to do, in one sentence each.
 */
export function sinkOf(log: FileAudit, directory: string): AuditSink & { readonly opened: Promise<unknown> } {
  let isOpen = false
  const opening = log.opened.then(
    () => {
      isOpen = true
    },
    (error: unknown) => {
      throw heldByAnother(error, directory) ?? error
    },
  )
  // Whoever does not look at it learns from the first append.
  opening.catch(() => {})
  return {
    logId: log.logId,
    opened: opening,
    append: (events) => (isOpen ? log.append(events) : opening.then(() => log.append(events))),
    close: () => log.close(),
  }
}

/** Remembers when the log of a gate is open, for {@link logOpened}. */
export function rememberLog(gate: Gate, opening: Promise<unknown>): void {
  opened.set(gate, opening)
}

/** Resolves when the log that a gate made for itself is open, at once where it made none. Rejects with why it is not. */
export async function logOpened(gate: Gate): Promise<void> {
  await opened.get(gate)
}

/** What to say of a log that another process has open; `null` for any other error. */
export function heldByAnother(error: unknown, directory: string): GatewrightError | null {
  const cause = error instanceof Error ? error.cause : null
  if (!GatewrightError.isInstance(cause)) return null
  if ((cause.code as string) !== 'ERR_LOG_LOCKED') return null
  const holder = logHolder(directory)
  const who =
    holder === null || holder === 'unreadable' ? 'another process' : `process ${holder.pid} on ${holder.host}`
  return new GatewrightError(
    'ERR_AUDIT_UNAVAILABLE',
    `${who} has the log ${directory} open, and one process writes a log: nothing runs here. End that one, or give this one a "dataDirectory" of its own; to share requests, give both one "store" (docs/storage.md). "npx gatewright doctor" tells more.`,
    { cause },
  )
}
