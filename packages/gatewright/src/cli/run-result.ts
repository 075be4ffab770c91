import { type CommandEnd, exitOf } from './run-command'
import type { Report } from './run-report'
import type { Signals } from './run-signals'
import { RunExit } from './run-words'

/** What goes with asking and running, whoever decides. */
export interface Asking {
  readonly report: Report
  readonly signals: Signals
  /** Aborts when nobody is to be waited for any more: then the request is cancelled. */
  readonly waiting: AbortSignal
  /** To be called once people can decide: from then on `--timeout` counts. */
  asked(): void
}

/** What one `gatewright run` came to. */
export interface RunResult {
  readonly action: string
  /** `null` where nobody was asked. */
  readonly requestId: string | null
  /** A word of a request's life (`rejected`, `expired`, `succeeded` …), `denied`, or `error`: it could not go on. */
  readonly status: string
  /** What this process ends with. */
  readonly exitCode: number
  /** How the command ended; `null` when it did not run. */
  readonly command: CommandEnd | null
  /** Why it did not run, or what is to be known about the run. */
  readonly reason: string | null
  /** The names of those who decided. */
  readonly by: readonly string[]
  /** Where people see all of it. */
  readonly link: string | null
}

const EXITS: Readonly<Record<string, number>> = {
  denied: RunExit.rejected,
  rejected: RunExit.rejected,
  cancelled: RunExit.rejected,
  expired: RunExit.expired,
  lapsed: RunExit.expired,
  undeliverable: RunExit.undeliverable,
}

const STATUSES: Readonly<Record<string, string>> = {
  ERR_APPROVAL_DENIED: 'denied',
  ERR_APPROVAL_COOLING_DOWN: 'rejected',
  ERR_APPROVAL_REJECTED: 'rejected',
  ERR_APPROVAL_EXPIRED: 'expired',
  ERR_APPROVAL_LAPSED: 'lapsed',
  ERR_APPROVAL_CANCELLED: 'cancelled',
  ERR_APPROVAL_UNDELIVERABLE: 'undeliverable',
  ERR_APPROVAL_INVALIDATED: 'invalidated',
}

/** The status that an error's code tells of; `error` for all that are no decision. */
export function statusOfCode(code: string): string {
  return STATUSES[code] ?? 'error'
}

/** The exit code of a request that did not run. */
export function exitOfStatus(status: string): number {
  return EXITS[status] ?? RunExit.internal
}

/** The result of a command that ran. */
export function ranResult(
  about: Pick<RunResult, 'action' | 'by' | 'link' | 'requestId'> & { readonly reason?: string | null },
  command: CommandEnd,
): RunResult {
  const exitCode = exitOf(command)
  return { reason: null, ...about, status: exitCode === 0 ? 'succeeded' : 'failed', exitCode, command }
}
