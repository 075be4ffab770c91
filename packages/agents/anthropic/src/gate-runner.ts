import { GATED, gatedList, type ToolCall } from '@gatewright/core/agents'
import { type GateToolsOptions, gatingOf } from './gate-tools'
import { type Gating, gatedCopy } from './gated-copy'

/** A tool runner of `@anthropic-ai/sdk`, as far as it is gated. */
export interface ToolRunner {
  readonly params: object
  setMessagesParams(params: never): void
  setRequestOptions(options: never): void
  generateToolResponse(...args: never[]): Promise<unknown>
  done(): Promise<unknown>
  [Symbol.asyncIterator](): AsyncIterator<unknown>
}

interface Params {
  readonly model?: unknown
  readonly tools?: readonly object[]
  readonly messages?: readonly Message[]
}

interface Message {
  readonly role?: unknown
  readonly content?: unknown
}

interface RequestOptions {
  readonly signal?: AbortSignal | null | undefined
}

/** A value, or what makes the next one of the present one. */
type Update<T> = T | ((now: T) => T)

/** What is called of a runner, under the names that it has. */
interface Methods {
  setMessagesParams(params: (now: Params) => Params): void
  setRequestOptions(options: (now: RequestOptions) => RequestOptions): void
  generateToolResponse(...args: readonly unknown[]): Promise<unknown>
  done(): Promise<unknown>
  /** Not in every version. */
  addTools?(...tools: readonly object[]): void
  [Symbol.asyncIterator](): AsyncIterator<unknown>
}

/**
 * Gates a tool runner: its tools, those of `addTools`, and those that its parameters are given later (T32). Requests name the
 * model, and show what it said beside the call.
 *
 * What is no answer for a model (the gate is closed, its log is down, a call is suspended) ends the run with that error, once
 * the other calls of the turn have ended, and the model is told nothing of the turn: `runner.params.messages` then ends with
 * its calls. Another runner over these messages goes on by `generateToolResponse()` and `pushMessages()`.
 *
 * @returns the same runner
 * @throws OptionError naming what is wrong with the options, or the tool that cannot be gated
 *
 * @example
 * ```ts
 * import Anthropic from '@anthropic-ai/sdk'
 * import { gateRunner } from '@gatewright/anthropic'
 *
 * const runner = gateRunner(
 *   new Anthropic().beta.messages.toolRunner({
 *     model: 'claude-sonnet-4-5',
 *     max_tokens: 1024,
 *     messages: [{ role: 'user', content: 'Delete the user 7.' }],
 *     tools: [],
 *   }),
 * )
 * const message = await runner.runUntilDone()
 * ```
 */
export function gateRunner<Runner extends ToolRunner>(
  runner: Runner,
  options: GateToolsOptions = {},
): Runner {
  if (Object.hasOwn(runner, GATED)) return runner
  const params = (): Params => runner.params
  const stop = new AbortController()
  const held: unknown[] = []
  let running = 0
  const gating: Gating = {
    ...gatingOf(options, 'gateRunner', params().tools ?? []),
    callOf: (callId) => callIn(params(), callId),
    begins() {
      running += 1
    },
    // The others go on: they wait for people, or run.
    ends(...errors) {
      running -= 1
      held.push(...errors)
      if (running === 0 && held.length > 0) stop.abort(held[0])
    },
  }

  // Refused before anything is replaced: it can be gated anew, with other options.
  withGated(params(), gating)
  const own = runner as object as Methods
  const setMessagesParams = own.setMessagesParams.bind(runner)
  const setRequestOptions = own.setRequestOptions.bind(runner)
  const generateToolResponse = own.generateToolResponse.bind(runner)
  const done = own.done.bind(runner)
  const addTools = own.addTools?.bind(runner)
  const iterate = own[Symbol.asyncIterator].bind(runner)

  /** What came of the runner, unless the host must hear of something else. */
  async function orHeld<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } finally {
      stop.signal.throwIfAborted()
    }
  }

  async function* iterated(): AsyncGenerator<unknown> {
    try {
      yield* { [Symbol.asyncIterator]: iterate }
    } finally {
      if (stop.signal.aborted) setMessagesParams(unanswered)
      stop.signal.throwIfAborted()
    }
  }

  const methods: Methods = {
    setMessagesParams: (given: Update<Params>) =>
      setMessagesParams((now) => withGated(updated(given, now), gating)),
    setRequestOptions: (given: Update<RequestOptions>) =>
      setRequestOptions((now) => stoppable({ ...now, ...updated(given, now) }, stop.signal)),
    generateToolResponse: (...args) => orHeld(generateToolResponse(...args)),
    done: () => orHeld(done()),
    [Symbol.asyncIterator]: iterated,
    ...(addTools && {
      addTools: (...tools) => addTools(...tools.map((tool) => gatedCopy(tool, gating))),
    }),
  }
  for (const key of Reflect.ownKeys(methods))
    Object.defineProperty(runner, key, { value: Reflect.get(methods, key) })
  Object.defineProperty(runner, GATED, { value: true })
  methods.setMessagesParams((now) => now)
  methods.setRequestOptions((now) => now)
  return runner
}

function updated<T>(given: Update<T>, now: T): T {
  return typeof given === 'function' ? (given as (now: T) => T)(now) : given
}

function withGated(params: Params, gating: Gating): Params {
  if (params.tools === undefined) return params
  return { ...params, tools: gatedList(params.tools, (tool) => gatedCopy(tool, gating), gating.where) }
}

function stoppable(options: RequestOptions, stop: AbortSignal): RequestOptions {
  return { ...options, signal: options.signal ? AbortSignal.any([options.signal, stop]) : stop }
}

/** The messages up to the last that the model wrote. */
function unanswered(params: Params): Params {
  const messages = params.messages ?? []
  const last = messages.map(({ role }) => role).lastIndexOf('assistant')
  return { ...params, messages: messages.slice(0, last + 1) }
}

interface Block {
  readonly type?: unknown
  readonly id?: unknown
  readonly text?: unknown
}

/** The model, and what it says beside a call: thoughts are other blocks. */
function callIn({ messages = [], model }: Params, callId: string | undefined): ToolCall {
  const blocks = [...messages]
    .reverse()
    .map(({ content, role }) => (role === 'assistant' && Array.isArray(content) ? (content as Block[]) : []))
    .find((content) => callId !== undefined && content.some(({ id }) => id === callId))
  const intent = blocks?.flatMap(({ text, type }) => (type === 'text' ? [String(text)] : [])).join('\n')
  return { intent, model: typeof model === 'string' ? model : undefined }
}
