import { currentSession, GatewrightError, OptionError, parseDuration } from '@gatewright/core'
import { changedNote, gateToolCalls, type ToolAnswer, ToolFailed } from '@gatewright/core/agents'
import { hintsAsContext } from './hints'
import { clientOf, failure, INTERNAL_ERROR, isRecord, isStateless, type Outcome } from './messages'
import type { McpOptions } from './options'
import { callRounds, type Held, type Turn } from './rounds'
import { comeBack, newState, SUSPENDED_RUN, stateIn, suspends } from './suspended'
import { type ReadPage, toolList } from './tool-list'

/** What a transport knows of the connection that a call came by. */
export interface CallFrom {
  /** The session, or the connection: ids of calls repeat in others. */
  readonly runId: string | undefined
  /** The name that the client gave itself. */
  readonly client?: string | undefined
  /** Whose credentials came with it, where the transport knows: a later round of a call comes from the same. */
  readonly owner?: string | undefined
  readonly readTools: ReadPage
}

/** The gate of one MCP server, for all its connections. */
export interface GatedCalls {
  /** How often a client hears that its call waits, in milliseconds. */
  readonly beatMs: number
  /** The answer to a call; `null` where nobody waits for one. Never rejects. */
  call(turn: Turn, from: CallFrom): Promise<Outcome | null>
  /** The server's list of tools changed. */
  toolsChanged(): void
}

/** A call on its way: the request that is to be answered next, and how it is given up. */
interface Course {
  held: Held
  stopBeats: () => void
  readonly gaveUp: AbortController
  readonly owner: string | undefined
}

/**
 * Gates the calls of one MCP server.
 *
 * @param where - the function that took the options, for messages
 * @param more - names of options that it adds
 * @throws OptionError naming what is wrong
 */
export function gatedCalls(options: McpOptions, where: string, more: readonly string[] = []): GatedCalls {
  const gated = gateToolCalls(options, where, ['beatEvery', ...more])
  const beatMs = parseDuration(options.beatEvery ?? '10s', `${where}.beatEvery`)
  if (beatMs < 1) throw new OptionError(`${where}.beatEvery`, 'must be longer than nothing')
  const rounds = callRounds()
  const tools = toolList((names) => gated.are(names))
  const identities = new Map<string, object>()

  function gatedTool(name: string) {
    const identity = identities.get(name) ?? {}
    identities.set(name, identity)
    return gated.of<Course>(identity, name, run, tools.schema(name), () => hintsAsContext(tools.hints(name)))
  }

  // What is said of a tool is checked now, and not at its first call (T40).
  for (const name of Object.keys(options.tools ?? {})) gatedTool(name)

  /** The server's part of a call, over all its rounds. */
  async function run(args: unknown, course: Course | undefined): Promise<Outcome> {
    if (course === undefined) throw new Error('the client that made this call is gone')
    course.stopBeats()
    const stopped = currentSession()?.signal ?? course.gaveUp.signal
    for (;;) {
      const { answer, turn } = course.held
      const outcome = await untilStopped(turn, args, stopped)
      const state = stateOf(outcome)
      if (state === null) {
        if ('error' in outcome || (isRecord(outcome.result) && outcome.result.isError === true))
          throw new ToolFailed(outcome)
        return outcome
      }
      const next = rounds.next(state, turn.params, course.owner, stopped)
      answer(outcome)
      course.held = await next
      follow(course)
    }
  }

  async function decide(course: Course, from: CallFrom): Promise<Outcome | null> {
    const { params, id } = course.held.turn
    const { name, arguments: args = {} } = params
    const named = textOf(params._meta?.['claudecode/toolUseId'])
    const state = suspends(options, params) ? (stateIn(params) ?? newState()) : null
    // A name that the client gives is found again in its run alone, and without a session only the host can say which that is.
    const found = state !== null && (named === undefined || options.runId === undefined)
    try {
      if ((await tools.look(name, args, from.readTools)) === 'absent')
        return refusal(course, `There is no tool ${name.slice(0, 100)}. Nothing was executed.`)
      const answer = await gatedTool(name)(args, course, {
        callId: found ? state : (named ?? (id === undefined ? undefined : String(id))),
        runId: found ? SUSPENDED_RUN : from.runId,
        signal: course.gaveUp.signal,
        agent: clientOf(params) ?? from.client,
        traceparent: textOf(params._meta?.traceparent),
      })
      return answer.status === 'ran' ? told(answer) : refusal(course, answer.text)
    } catch (error) {
      if (course.gaveUp.signal.aborted) return null
      const waits = state !== null && GatewrightError.isInstance(error, 'ERR_APPROVAL_PENDING')
      return waits ? comeBack(state, params, await linkTo(error.requestId)) : trouble(name, error)
    } finally {
      course.stopBeats()
    }
  }

  /** Where people decide on a request; `null` where there is no such page. */
  async function linkTo(requestId: string | undefined): Promise<string | null> {
    try {
      return (await options.gate?.requests.review(requestId ?? ''))?.link ?? null
    } catch {
      // The client comes back all the same.
      return null
    }
  }

  return {
    beatMs,
    toolsChanged: () => tools.changed(),
    call: (turn, from) =>
      new Promise((answer) => {
        const held = { turn, answer }
        const { owner } = from
        if (rounds.goesOn(held, owner)) return
        const course = { held, owner, gaveUp: turn.gaveUp, stopBeats: beating(turn, beatMs) }
        void decide(course, from).then((outcome) => course.held.answer(outcome))
      }),
  }
}

/** The first beat comes soon: over HTTP it begins a stream, to which a client that is cut off can come back. */
const FIRST_BEAT_MS = 1_000

/** Tells the client that its call waits, until the function that it returns is called. */
function beating(turn: Turn, everyMs: number): () => void {
  const beat = () => {
    turn.beat()
    timer = setTimeout(beat, everyMs).unref()
  }
  let timer = setTimeout(beat, Math.min(FIRST_BEAT_MS, everyMs)).unref()
  return () => clearTimeout(timer)
}

const known = new WeakMap<McpOptions, GatedCalls>()

/**
 * The gate for these options: the same again for the same object, so that servers that are made anew for each session or
 * request are one to the gate.
 */
export function gatedCallsOf(options: McpOptions, where: string): GatedCalls {
  const calls = known.get(options) ?? gatedCalls(options, where)
  known.set(options, calls)
  return calls
}

/** Gives the call up when the client gives up the request that is to be answered next, and was not its first. */
function follow({ gaveUp, held }: Course): void {
  const { signal } = held.turn.gaveUp
  if (signal.aborted) gaveUp.abort(signal.reason)
  signal.addEventListener('abort', () => gaveUp.abort(signal.reason), { once: true })
}

/** The server's answer, or the reason why nobody waits for it any more. */
function untilStopped(turn: Turn, args: unknown, stopped: AbortSignal): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      turn.stop('the call was stopped')
      reject(stopped.reason)
    }
    if (stopped.aborted) return reject(stopped.reason)
    stopped.addEventListener('abort', stop, { once: true })
    turn
      .exchange(args)
      .then(resolve, reject)
      .finally(() => stopped.removeEventListener('abort', stop))
  })
}

/** The state under which the client is to come back; `null` where the call is over. */
function stateOf(outcome: Outcome): string | null {
  if (!('result' in outcome) || !isRecord(outcome.result)) return null
  const { requestState, resultType } = outcome.result
  return resultType === 'input_required' && typeof requestState === 'string' ? requestState : null
}

/** The server's own answer, and beside it what a reviewer changed. */
function told({ changed, result: kept }: Extract<ToolAnswer, { status: 'ran' }>): Outcome {
  const outcome = kept as Outcome
  const note = changedNote(changed)
  if (note === '' || !('result' in outcome) || !isRecord(outcome.result)) return outcome
  const { content } = outcome.result
  const texts = Array.isArray(content) ? content : []
  return { result: { ...outcome.result, content: [...texts, { type: 'text', text: note }] } }
}

/** A refusal in words for the model, as a tool's own failure. */
function refusal({ held }: Course, text: string): Outcome {
  // Clients of the protocol without sessions take a result without a type for an error of the protocol.
  const type = isStateless(held.turn.params) ? { resultType: 'complete' } : {}
  return { result: { ...type, content: [{ type: 'text', text }], isError: true } }
}

const causes = new WeakMap<Outcome, unknown>()

/** What was thrown where a call ended in an error of the gate's own, for hosts in this process. */
export function causeOf(outcome: Outcome): unknown {
  return causes.get(outcome)
}

/** What is the host's to hear: an error of the protocol, which says nothing of a decision. */
function trouble(name: string, cause: unknown): Outcome {
  const outcome = inWords(name.slice(0, 100), cause)
  causes.set(outcome, cause)
  return outcome
}

function inWords(tool: string, cause: unknown): Outcome {
  if (!GatewrightError.isInstance(cause))
    return failure(
      INTERNAL_ERROR,
      `${tool} was stopped while it ran (${cause instanceof Error ? cause.message : 'no reason given'}). It may have had its effect: do not repeat it.`,
    )
  const { code, requestId } = cause
  const data = { code, ...(requestId === undefined ? {} : { requestId }) }
  return failure(INTERNAL_ERROR, `${tool} was not executed: ${reasonOf(cause)} (${code}).`, data)
}

/** An option is named: whoever set the gateway up sees its client's log, and nothing else of this call. */
function reasonOf({ code, message }: GatewrightError): string {
  if (code === 'ERR_APPROVAL_PENDING') return 'it waits for a reviewer'
  return code === 'ERR_OPTION_INVALID' ? message.slice(0, 500) : 'the gate cannot answer'
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.slice(0, 500) : undefined
}
