import { ambientStorage, type CallContext } from '../ambient'
import type { Session } from '../contracts/session'
import { GatewrightError } from '../errors'
import { isPromise } from '../values/is-promise'
import { withCredentials } from './credentials'
import type { Engine } from './engine'
import { assertMayRun } from './may-run'
import type { GatedCall } from './prepare'
import { RunningSession, type SessionFacts } from './running-session'

/** How the run ended. `blocked`: the function was never called. `unknown`: it did not stop when told to, and `settled` tells if it ever does; or it says so itself. */
export type RunEnd =
  | { readonly status: 'succeeded'; readonly value: unknown }
  | { readonly status: 'failed' | 'blocked'; readonly error: unknown }
  | { readonly status: 'unknown'; readonly error: GatewrightError; readonly settled: Promise<RunEnd> }

/** Runs the function in its session: with its credentials, under the action's time limit. Never rejects. */
export async function runInSession(
  engine: Engine,
  call: GatedCall,
  facts: SessionFacts,
  args: unknown[],
): Promise<RunEnd> {
  const session = new RunningSession(engine, facts, call.context.signal)
  const { credentials } = call.action
  try {
    return credentials === null
      ? await runFunction(engine, call, session, args)
      : await withCredentials(engine, credentials, session, () => {
          // Brokers and the log took their time: things may have changed meanwhile.
          assertMayRun(engine, call)
          return runFunction(engine, call, session, args)
        })
  } finally {
    session.end()
  }
}

function runFunction(
  engine: Engine,
  call: GatedCall,
  session: RunningSession,
  args: unknown[],
): Promise<RunEnd> {
  const settled = settle(call, session, args)
  const limit = call.action.executionTimeoutMs
  return limit === null ? settled : withTimeLimit(engine, call, session, settled, limit)
}

async function settle(call: GatedCall, session: RunningSession, args: unknown[]): Promise<RunEnd> {
  try {
    const value = ambientStorage().run(
      { session: session as Session, context: inside(call.context) },
      call.invoke,
      args,
    )
    return { status: 'succeeded', value: isPromise(value) ? await value : value }
  } catch (error) {
    // A function that says so itself, or lets a call within it say so: "failed" would be more than is known (I8).
    return GatewrightError.isInstance(error, 'ERR_EXECUTION_UNKNOWN')
      ? { status: 'unknown', error, settled: new Promise(() => {}) }
      : { status: 'failed', error }
  }
}

/** Nested calls inherit whom the agent acts for and the run, but never the key: it names the outer call. */
function inside({
  callId: _callId,
  key: _key,
  retry: _retry,
  wait: _wait,
  ...context
}: CallContext): CallContext {
  return context
}

async function withTimeLimit(
  engine: Engine,
  { action }: GatedCall,
  session: RunningSession,
  settled: Promise<RunEnd>,
  limitMs: number,
): Promise<RunEnd> {
  let stop = () => {}
  const outOfTime = new Promise<'time' | 'grace'>((resolve) => {
    let timer = engine.clock.setTimer(limitMs, () => {
      session.abort(
        new GatewrightError(
          'ERR_EXECUTION_TIMEOUT',
          `${action.name} ran longer than ${limitMs} ms and was told to stop.`,
          {
            requestId: session.requestId,
          },
        ),
      )
      timer = engine.clock.setTimer(action.graceMs, () => resolve('grace'))
    })
    stop = () => timer.cancel()
  })
  const first = await Promise.race([settled, outOfTime])
  stop()
  if (typeof first === 'object') return first
  const error = new GatewrightError(
    'ERR_EXECUTION_UNKNOWN',
    `${action.name} ran longer than ${limitMs} ms and did not stop within ${action.graceMs} ms of being told to: its outcome is not known. Find out what happened, then gate.reconcile('${session.requestId}', ...).`,
    { requestId: session.requestId },
  )
  return { status: 'unknown', error, settled }
}
