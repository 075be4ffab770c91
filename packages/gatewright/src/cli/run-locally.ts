import {
  type ApprovalRequest,
  type AskOptions,
  canonicalize,
  type Gate,
  GatewrightError,
  type Json,
  sha256Hex,
} from '@gatewright/core'
import type { Call } from './run-call'
import { type CommandEnd, endWords, exitOf, runCommand } from './run-command'
import { type Asking, exitOfStatus, type RunResult, ranResult, statusOfCode } from './run-result'

/** Ended otherwise than with 0: thrown in the session, so that it is recorded as failed, with how it ended. */
class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly end: CommandEnd

  constructor(end: CommandEnd) {
    super(endWords(end))
    this.end = end
  }
}

/**
 * Asks a gate of this process, waits, and runs the command in a session of it.
 */
export async function runLocally(
  gate: Gate,
  call: Call,
  { asked: began, report, signals, waiting }: Asking,
): Promise<RunResult> {
  let requestId: string | null = null
  const asked = (wait: 'inline' | 'suspend'): AskOptions => ({
    action: call.action,
    args: call.arguments,
    options: { pin: () => call.pins() },
    context: {
      key: call.key,
      wait,
      retry: call.retry,
      signal: waiting,
      ...(call.reason === null ? {} : { intent: call.reason }),
    },
  })

  async function run(args: Readonly<Record<string, unknown>>): Promise<number> {
    // I2: nobody edits a command line: what was not asked for is not run.
    if (sha256Hex(canonicalize([args as Json])) !== call.digest)
      throw new Error('what was approved is not the command line that was asked for, so nothing was run')
    await call.check()
    report.decided()
    const end = await runCommand(call.command, (send) => signals.give(send)).finally(() => signals.give(null))
    if (exitOf(end) !== 0) throw new CommandFailed(end)
    return 0
  }

  /** Given up between the asking and the waiting, it would be left for people to decide on in vain. */
  async function cancel(): Promise<void> {
    if (requestId === null) return
    try {
      await gate.cancel(requestId, { reason: 'whoever asked gave up waiting' })
    } catch (error) {
      report.say(`request ${requestId} could not be cancelled: ${(error as Error).message}`)
    }
  }

  async function about() {
    const request = requestId === null ? null : await gate.requests.get(requestId).catch(() => null)
    return { action: call.action, requestId, by: request === null ? [] : namesOf(request), link: null }
  }

  try {
    const first = await gate.request(asked('suspend'))
    requestId = first.requestId
    if (first.status === 'pending') {
      began()
      report.asked({ action: call.action, id: `${requestId}`, link: null })
    }
    const answer = first.status === 'pending' ? await gate.request(asked('inline')) : first
    await answer.execute(run)
    return ranResult(await about(), { exitCode: 0, signal: null })
  } catch (error) {
    if (error instanceof CommandFailed) return ranResult(await about(), error.end)
    const known = GatewrightError.isInstance(error)
    if (known && error.requestId !== undefined) requestId = error.requestId
    if (waiting.aborted) await cancel()
    const status = known ? statusOfCode(error.code) : 'error'
    const reason = (error as Error).message
    return { ...(await about()), status, exitCode: exitOfStatus(status), command: null, reason }
  }
}

/** Those whose word decided it. */
function namesOf({ resolution, votes }: ApprovalRequest): readonly string[] {
  const decided = votes.filter(
    ({ decision, person }) =>
      resolution?.by == null ||
      (decision === 'reject' &&
        person.issuer === resolution.by.issuer &&
        person.subject === resolution.by.subject),
  )
  return [...new Set(decided.map(({ actor }) => actor.name))]
}
