import type { Call } from './run-call'
import { signalExit } from './run-command'
import type { RunOptions } from './run-options'
import type { Report } from './run-report'
import type { Asking, RunResult } from './run-result'
import type { Signals } from './run-signals'
import { RunExit } from './run-words'

/** Who decides, and how it is asked. */
export interface Decider {
  run(call: Call, asking: Asking): Promise<RunResult>
  /** It ends requests by itself after `--timeout`. */
  readonly keepsTime: boolean
  /** What shows the receipt of a request; `null` where that is not here. */
  receipt(requestId: string): string | null
}

/** Has somebody decide and runs it: waits as long as `--timeout` gives people, and no longer than until a signal comes. */
export async function patiently(
  { timeoutMs }: Pick<RunOptions, 'timeoutMs'>,
  signals: Signals,
  decider: Decider,
  call: Call,
  report: Report,
): Promise<RunResult> {
  const late = new AbortController()
  let timer: NodeJS.Timeout | undefined
  function asked(): void {
    if (timeoutMs !== null && !decider.keepsTime) timer ??= setTimeout(() => late.abort(), timeoutMs)
  }
  const waiting = AbortSignal.any([signals.waiting, late.signal])
  try {
    const result = await decider.run(call, { asked, report, signals, waiting })
    if (result.command !== null) return result
    const signal = signals.first()
    if (signal !== null)
      return { ...result, exitCode: signalExit(signal), reason: `${signal} ended the waiting` }
    if (late.signal.aborted && result.status === 'cancelled')
      return {
        ...result,
        exitCode: RunExit.expired,
        reason: 'nobody decided within --timeout: it was cancelled',
      }
    return result
  } catch (error) {
    return failed(call, (error as Error).message)
  } finally {
    clearTimeout(timer)
  }
}

/** What could not go on, without a request to tell of. */
export function failed({ action }: Call, reason: string): RunResult {
  return {
    action,
    requestId: null,
    status: 'error',
    exitCode: RunExit.internal,
    command: null,
    reason,
    by: [],
    link: null,
  }
}
