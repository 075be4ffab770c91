import { GatewrightError } from '@gatewright/core'
import type { GatedToolCall, GatedTools, ToolCall } from '@gatewright/core/agents'

/** What the process that runs the tools may do with a call. */
export type Leave =
  | { readonly may: 'run'; readonly input: unknown }
  | { readonly may: 'not run'; readonly text: string }

/** Tools that another process runs: a call's session lasts from its leave until its outcome is told. */
export interface RunsElsewhere {
  /**
   * Whether a call may run, and on which arguments. From that answer on it counts as running.
   *
   * @throws what the host must hear: the call still waits, the gate, its store or its log is down
   */
  ask(
    tool: string,
    input: unknown,
    call: ToolCall & { readonly callId: string; readonly runId: string },
  ): Promise<Leave>
  /** The arguments that a call of a tool may run on, while it runs. */
  allowed(callId: string, tool: string): { readonly input: unknown } | undefined
  /** It ran. What is not running is passed over: it was never allowed, or its end was told. */
  succeeded(callId: string, result: unknown): void
  /** It ran and failed, or was not run after all. */
  failed(callId: string, why: string): void
  /**
   * The other process is gone: what waits is cancelled, and how what runs ended is not known (I8).
   *
   * @param runId - @default every run
   */
  lost(runId?: string): void
}

/** A call from its question to its end. */
interface Open {
  readonly tool: string
  readonly runId: string
  readonly lost: AbortController
  /** Set once it may run. */
  running?: {
    readonly input: unknown
    succeed(result: unknown): void
    fail(error: Error): void
  }
}

/** What a call brings past the snapshot. */
interface Live {
  begin(input: unknown): Promise<unknown>
}

/** Gates tools that another process runs. */
export function runsElsewhere(gated: GatedTools): RunsElsewhere {
  const open = new Map<string, Open>()
  const calls = new Map<string, GatedToolCall<Live>>()

  function callOf(tool: string): GatedToolCall<Live> {
    const known = calls.get(tool) ?? gated.of<Live>({}, tool, runTool)
    calls.set(tool, known)
    return known
  }

  function ended(callId: string): Open['running'] {
    const running = open.get(callId)?.running
    if (running !== undefined) open.delete(callId)
    return running
  }

  return {
    async ask(tool, input, call) {
      const { callId, runId, signal } = call
      const one: Open = { tool, runId, lost: new AbortController() }
      const signals = signal === undefined ? [one.lost.signal] : [signal, one.lost.signal]
      // The same call, delivered again, has the place of the first once it may run.
      if (!open.has(callId)) open.set(callId, one)
      return new Promise((resolve, reject) => {
        const begin = (allowed: unknown): Promise<unknown> =>
          new Promise((succeed, fail) => {
            one.running = { input: allowed, succeed, fail }
            open.set(callId, one)
            resolve({ may: 'run', input: allowed })
          })
        const close = (): void => {
          // A call that runs is kept until its end is told: it may be told after it became unknown.
          if (open.get(callId) === one && one.running === undefined) open.delete(callId)
        }
        callOf(tool)(input, { begin }, { ...call, signal: AbortSignal.any(signals) })
          .finally(close)
          // After its leave nobody listens to this any more.
          .then(
            (said) =>
              resolve({ may: 'not run', text: said.status === 'refused' ? said.text : ALREADY(tool) }),
            reject,
          )
      })
    },
    allowed(callId, tool) {
      const one = open.get(callId)
      return one?.tool === tool ? one.running : undefined
    },
    succeeded: (callId, result) => ended(callId)?.succeed(result),
    failed: (callId, why) => ended(callId)?.fail(new Error(why)),
    lost(runId) {
      for (const [callId, { lost, runId: of, running }] of open) {
        if (runId !== undefined && of !== runId) continue
        open.delete(callId)
        running?.fail(
          new GatewrightError(
            'ERR_EXECUTION_UNKNOWN',
            'the process that ran it is gone and did not tell its outcome. Find out what happened.',
          ),
        )
        lost.abort(new Error('the process that runs its tools is gone'))
      }
    },
  }
}

/** Without its process nothing can run it. */
function runTool(input: unknown, live: Live | undefined): Promise<unknown> {
  if (live !== undefined) return live.begin(input)
  throw new GatewrightError(
    'ERR_EXECUTION_BLOCKED',
    'it runs in another process, which asks for it again. Nothing was executed.',
  )
}

const ALREADY = (tool: string): string => `${tool} did not run again. It already ran, once. Do not repeat it.`
