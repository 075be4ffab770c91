import { isDeepStrictEqual } from 'node:util'
import { ambient, ambientStorage, type CallContext, type WaitMode } from '../ambient'
import { parseCallContext } from '../call-context'
import type { ActionOptions, StandardSchema } from '../contracts/action'
import type { AskOptions } from '../engine/ask'
import { readRequest } from '../engine/store-call'
import { GatewrightError, OptionError } from '../errors'
import { type Action, isAction } from '../policy/action'
import { gateFinder } from '../require-approval'
import { currentSession } from '../session'
import { wrapFunction } from '../wrap'
import { type AgentOptions, checkAgentOptions } from './agent-options'
import { boundedId, cutAt, MOST_INTENT, MOST_NAME } from './bounds'
import { type Refusal, refusalOf } from './refusal'
import { toolAction } from './tool-action'
import { ToolFailed } from './tool-failed'
import { wasSuspended } from './tool-suspended'

/** What a framework tells of one call of a tool. What is missing, or an empty text, is as good as not told. */
export interface ToolCall {
  /** The id of the call in its run: with `runId`, the idempotency key (T39). */
  readonly callId?: string | undefined
  readonly runId?: string | undefined
  /** Aborts when the framework waits no more. */
  readonly signal?: AbortSignal | undefined
  readonly agent?: string | undefined
  readonly model?: string | undefined
  readonly traceparent?: string | undefined
  /** Why the agent says it calls. */
  readonly intent?: string | undefined
  readonly wait?: WaitMode | undefined
}

/** What became of a call. */
export type ToolAnswer =
  | {
      readonly status: 'ran'
      readonly result: unknown
      /** JSON Pointers of what a reviewer changed in its arguments before it ran, for a model that should know. */
      readonly changed: readonly string[]
    }
  | {
      readonly status: 'refused'
      readonly refusal: Refusal
      /** For the model. */
      readonly text: string
    }

/**
 * A gated tool. Only `input` is snapshotted, shown and digested; `live` goes to the tool's run as it is: the framework's own
 * options, which no person decides about.
 *
 * @throws what the tool itself threw; what the host must hear (`ERR_APPROVAL_PENDING`, `ERR_GATE_CLOSED`,
 * `ERR_AUDIT_UNAVAILABLE` and such); the reason of the framework's signal, once that has aborted
 */
export type GatedToolCall<Live> = (input: unknown, live: Live, call: ToolCall) => Promise<ToolAnswer>

/** Runs the tool itself. `live` is `undefined` where the call is run without its framework: by `gate.resume`, or as an orphan. */
export type ToolRun<Live> = (input: unknown, live: Live | undefined) => unknown

/** Gates tools for one agent. */
export interface GatedTools {
  /**
   * The gated call of a tool; the same one again for the same tool under the same name.
   *
   * @param tool - who it is: an object that stays the same as long as the tool does
   * @param name - as the model knows it
   * @param input - the schema of its arguments, where the framework does not check them before
   * @param context - what is known of each call, where `tools` says nothing of that itself
   * @throws OptionError for a name whose action another tool has
   */
  of<Live>(
    tool: object,
    name: string,
    run: ToolRun<Live>,
    input?: StandardSchema,
    context?: ActionOptions['context'],
  ): GatedToolCall<Live>
  /** What `gate.request` takes to ask about a call of a tool without running it: the same action, options and key. */
  asking(name: string, call: ToolCall): Pick<AskOptions, 'action' | 'options' | 'context'>
  /** Says which tools there are. @throws OptionError when `tools` says something of one that is not among them */
  are(names: readonly string[]): void
}

const TOLD = ['agent', 'callId', 'intent', 'model', 'runId', 'signal', 'traceparent', 'wait'] as const

/** What one call carries past the snapshot. */
interface Running<Live> {
  readonly live: Live
  /** What the tool itself threw. */
  thrown: { readonly error: unknown } | null
  /** As the call brought it. */
  readonly given: unknown
  /** The request by which people approved it, on other arguments. */
  requestId: string | null
}

/**
 * Gates the tool calls of an agent, for adapters of frameworks: each call is policed, shown, decided on, and then runs once,
 * and a refusal comes back in words for the model.
 *
 * @param where - the adapter's function, for messages
 * @param more - names of options that the adapter adds
 * @throws OptionError naming what is wrong
 */
export function gateToolCalls(
  options: AgentOptions,
  where: string,
  more: readonly string[] = [],
): GatedTools {
  checkAgentOptions(options, where, more)
  const finder = gateFinder(options.gate === undefined ? undefined : { gate: options.gate })
  const known = new WeakMap<object, Map<string, unknown>>()
  const owners = new Map<string, string>()

  function actionOf(name: string): { readonly action: Action | string } {
    const said = options.tools !== undefined && Object.hasOwn(options.tools, name) ? options.tools[name] : {}
    if (isAction(said)) return { action: said }
    return { action: (options.action ?? toolAction)(name), ...said }
  }

  function wrap<Live>(
    name: string,
    run: ToolRun<Live>,
    input: StandardSchema | undefined,
    context: ActionOptions['context'],
  ): GatedToolCall<Live> {
    const { action, ...said } = actionOf(name)
    const actionName = typeof action === 'string' ? action : action.name
    const owner = owners.get(actionName) ?? name
    if (owner !== name) {
      throw new OptionError(
        `${where}.action`,
        `gives the tools ${owner} and ${name} the same action, ${actionName}. Name one of them otherwise in "tools"`,
      )
    }
    owners.set(actionName, name)
    const found = isAction(action) ? {} : { ...(input && { input }), ...(context && { context }) }
    const gated = wrapFunction(runTool, { ...found, ...said, action } as never, finder, false)

    async function runTool(this: unknown, args: unknown): Promise<unknown> {
      const running = this as Running<Live> | undefined
      const session = currentSession()
      // Else nobody changed anything, and the store need not be asked for it.
      if (session?.basis === 'votes' && running !== undefined && !isDeepStrictEqual(args, running.given))
        running.requestId = session.requestId
      try {
        return await run(args, running?.live)
      } catch (error) {
        if (running !== undefined) running.thrown = { error }
        throw error
      }
    }

    return async (given, live, call) => {
      const running: Running<Live> = { live, given, thrown: null, requestId: null }
      const context = contextOf(call)
      const outer = ambient()
      try {
        const result = await firstOrNext({ ...outer.context, ...context })
        return { status: 'ran', result, changed: await changedIn(running.requestId) }
      } catch (error) {
        if (running.thrown?.error === error) return ranAndFailed(error, running.requestId)
        if (call.signal?.aborted) throw call.signal.reason
        const refusal = refusalOf(error, name)
        if (refusal === null) throw error
        return { status: 'refused', refusal, text: textFor(refusal) }
      }

      async function firstOrNext(inner: CallContext): Promise<unknown> {
        try {
          return await attempt(inner)
        } catch (error) {
          if (!(await onlyStopped(error))) throw error
          return attempt({ ...inner, retry: true })
        }
      }

      function attempt(inner: CallContext): Promise<unknown> {
        return ambientStorage().run({ session: outer.session, context: inner }, () =>
          gated.call(running, given),
        ) as Promise<unknown>
      }
    }
  }

  /** Whether an earlier attempt of a call was suspended with its framework, and is to begin anew. */
  async function onlyStopped(error: unknown): Promise<boolean> {
    if (!GatewrightError.isInstance(error, 'ERR_EXECUTION_FAILED')) return false
    const { store } = finder.forCall().engine
    const { requestId = '' } = error
    const request = await readRequest(store, requestId)
    return wasSuspended(request?.outcome?.summary)
  }

  /** T40: what is no text is no other words. */
  function textFor(refusal: Refusal): string {
    const said: unknown = options.refusal?.(refusal)
    return typeof said === 'string' && said.trim() !== '' ? said : refusal.text
  }

  async function ranAndFailed(error: unknown, requestId: string | null): Promise<ToolAnswer> {
    if (!(error instanceof ToolFailed)) throw error
    return { status: 'ran', result: error.result, changed: await changedIn(requestId) }
  }

  async function changedIn(requestId: string | null): Promise<readonly string[]> {
    if (requestId === null) return []
    try {
      const request = await readRequest(finder.forCall().engine.store, requestId)
      return (request?.edited?.changes ?? []).map(({ path }) => path)
    } catch {
      // It ran: that it did must not be lost over a note, be the store away or the default gate another one by now.
      return []
    }
  }

  function contextOf({
    agent,
    callId,
    intent,
    model,
    runId,
    signal,
    traceparent,
    wait,
  }: ToolCall): CallContext {
    const told = {
      agent: options.agent ?? agent,
      callId,
      intent,
      model: options.model ?? model,
      // An empty one would make equal ids of other runs the same calls (T53).
      runId: (typeof options.runId === 'function' ? options.runId() : options.runId) || runId,
      signal,
      traceparent,
      wait: options.wait ?? wait,
    }
    const given: Record<string, unknown> = {}
    // Providers write null for what they do not tell, whatever their types say.
    for (const name of TOLD)
      if (told[name] != null && told[name] !== '') given[name] = bounded(name, told[name])
    return parseCallContext(given, where)
  }

  return {
    of<Live>(
      tool: object,
      name: string,
      run: ToolRun<Live>,
      input?: StandardSchema,
      context?: ActionOptions['context'],
    ) {
      // By its name too: one object in two places is two actions, each with rules of its own.
      const calls = known.get(tool) ?? new Map<string, unknown>()
      const found = calls.get(name) as GatedToolCall<Live> | undefined
      if (found !== undefined) return found
      const call = wrap(name, run, input, context)
      known.set(tool, calls.set(name, call))
      return call
    },
    asking(name, call) {
      const { action, ...said } = actionOf(name)
      const context = contextOf(call)
      return isAction(action) ? { action, context } : { action, options: said, context }
    },
    are(names) {
      const [stranger] = Object.keys(options.tools ?? {}).filter((name) => !names.includes(name))
      if (stranger === undefined) return
      throw new OptionError(
        `${where}.tools.${stranger.slice(0, 60)}`,
        `there is no such tool. There are: ${names.join(', ')}`,
      )
    },
  }
}

/** What the agent's model wrote has no bound of its own, and is kept with each request, shown and logged. */
function bounded(name: (typeof TOLD)[number], told: unknown): unknown {
  if (typeof told !== 'string') return told
  if (name === 'callId' || name === 'runId' || name === 'traceparent') return boundedId(told)
  return cutAt(name === 'intent' ? MOST_INTENT : MOST_NAME, told)
}
