import { OptionError } from '@gatewright/core'
import { GATED, gatedList, type ToolCall } from '@gatewright/core/agents'
import { type GateToolsOptions, gatingOf } from './gate-tools'
import { type Gating, gatedCopy } from './gated-copy'
import { nameOf } from './tool'

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

  /** The tools that the model was told of besides those of the parameters. */
  const told = new Set<string>()
  function heard(given: Params): Params {
    for (const name of additionsIn(given)) told.add(name)
    return given
  }

  /** T32: a tool came by the runner's thread, or before it was gated, where only its announcement can be seen. */
  function assertHeld(): void {
    const now = params()
    const raw = now.tools?.find((tool) => !isHeld(tool, gating))
    const name = raw === undefined ? additionsIn(now).find((one) => !told.has(one)) : nameOf(raw)
    if (name === undefined) return
    throw new OptionError(
      `${gating.where}.${name.slice(0, 60)}`,
      'came to the runner past the gate. Gate a runner before you add tools to it, and set its tools by setMessagesParams and addTools of the runner, not by its thread',
    )
  }

  async function* iterated(): AsyncGenerator<unknown> {
    const inner = iterate() as AsyncGenerator<unknown>
    // By its throw, so that `done()` hears of it too.
    const held = async () => {
      try {
        assertHeld()
      } catch (error) {
        await inner.throw(error)
        // Whatever it makes of that: it goes no further.
        throw error
      }
    }
    try {
      for (let item = await inner.next(); item.done !== true; item = await inner.next()) {
        await held()
        yield item.value
        // Calls of the message run with the next step.
        await held()
      }
    } finally {
      await inner.return(undefined)
      if (stop.signal.aborted) setMessagesParams(unanswered)
      stop.signal.throwIfAborted()
    }
  }

  const methods: Methods = {
    setMessagesParams: (given: Update<Params>) =>
      setMessagesParams((now) => withGated(heard(updated(given, now)), gating)),
    setRequestOptions: (given: Update<RequestOptions>) =>
      setRequestOptions((now) => stoppable({ ...now, ...updated(given, now) }, stop.signal)),
    async generateToolResponse(...args) {
      assertHeld()
      return orHeld(generateToolResponse(...args))
    },
    done: () => orHeld(done()),
    [Symbol.asyncIterator]: iterated,
    ...(addTools && {
      addTools(...tools) {
        addTools(...tools.map((tool) => gatedCopy(tool, gating)))
        for (const tool of tools) told.add(nameOf(tool))
      },
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

/** Whether a tool is gated, or runs at Anthropic, and may. */
function isHeld(tool: object, { elsewhere }: Gating): boolean {
  return Object.hasOwn(tool, GATED) || (!('run' in tool) && elsewhere.has(nameOf(tool)))
}

/** The tools that messages tell the model of: what the runner was given by its `addTools` stands there once it was sent. */
function additionsIn({ messages = [] }: Params): readonly string[] {
  const blocks = messages.flatMap(({ content, role }) =>
    role === 'system' && Array.isArray(content) ? (content as Addition[]) : [],
  )
  return blocks.flatMap(({ tool, type }) =>
    type === 'tool_addition' && tool?.definition ? [nameOf(tool.definition)] : [],
  )
}

interface Addition {
  readonly type?: unknown
  readonly tool?: { readonly definition?: object }
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
