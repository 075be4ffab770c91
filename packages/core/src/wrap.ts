import { ambient, type CallContext, type WaitMode } from './ambient'
import { parseCallContext } from './call-context'
import type { ActionOptions } from './contracts/action'
import type { Awaitable } from './contracts/awaitable'
import { type Action, type ActionDefinition, normalizeAction } from './define-action'
import type { Engine } from './engine/engine'
import { intercept } from './engine/intercept'
import { takeSnapshot } from './engine/prepare'
import { GatewrightError, OptionError } from './errors'
import { andThen, isPromise } from './values/is-promise'

/** How a wrapper finds its gate. */
export interface GateFinder {
  /** The gate of a call. @throws GatewrightError `ERR_GATE_MISSING` */
  forCall(): GateEntry
  /** Tells a gate about a wrapper as soon as both exist, so that it can resume requests that this process never called. */
  whenKnown(tell: (entry: GateEntry) => void): void
}

/** The finder of a wrapper whose gate exists. */
export function gateKnown(entry: GateEntry): GateFinder {
  return { forCall: () => entry, whenKnown: (tell) => tell(entry) }
}

/** What a gate is to the functions it wraps. */
export interface GateEntry {
  readonly engine: Engine
  /** `null` once the gate has started; else what to wait for. */
  ready(): Promise<void> | null
}

const entries = new WeakMap<object, GateEntry>()

/** Lets wrappers that are given a gate find its insides. */
export function rememberEntry(gate: object, entry: GateEntry): void {
  entries.set(gate, entry)
}

/** The insides of a gate that this copy of the package made; `undefined` for anything else. */
export function entryOf(gate: unknown): GateEntry | undefined {
  return typeof gate === 'object' && gate !== null ? entries.get(gate) : undefined
}

/** How one function is gated, beside what its action says. */
export interface CallOptions {
  /** How callers of this function wait. @default the gate's */
  readonly wait?: WaitMode
  /** Open another attempt when the last one under the same key failed. @default false */
  readonly retry?: boolean
  /** An idempotency key for a call, from its arguments. `undefined`: that call has none. When it throws, the call is blocked. */
  readonly key?: (...args: never[]) => string | undefined
  /** What the agent says it is doing, from the arguments. Shown as the agent's words. When it throws, the call is blocked. */
  readonly intent?: (...args: never[]) => string | undefined
}

/** The options of `requireApproval`: which action, and how. An action made by `defineAction` brings its own options. */
export type ApprovalOptions =
  | (CallOptions & { readonly action: Action } & { readonly [Name in keyof ActionOptions]?: never })
  | (CallOptions & { readonly action: string } & ActionOptions)

/** The type of `requireApproval`. */
export interface RequireApproval<Extra = unknown> {
  /** An async function keeps its exact type: parameter names, `this`, generics, overloads and result. */
  <Fn extends (...args: never[]) => Promise<unknown>>(fn: Fn, options: ApprovalOptions & Extra): Fn
  /** A sync function keeps its parameters, `this` and generics, and becomes async. */
  <This, Args extends unknown[], Result>(
    fn: (this: This, ...args: Args) => Result,
    options: ApprovalOptions & Extra,
  ): (this: This, ...args: Args) => Promise<Awaited<Result>>
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

/** Marks gated functions and tools of every copy of this package, for `guardTools`. */
export const GATED = Symbol.for('gatewright.gated.v1')

/**
 * Wraps a function. The gate is found at each call, so that decorated classes may be loaded before the gate is made.
 *
 * @throws OptionError naming what is wrong with the options
 */
export function wrapFunction(
  fn: unknown,
  options: ApprovalOptions,
  gate: GateFinder,
  needsThis: boolean,
): AnyFunction {
  // I7: what a generator does, it does after its call: the log would say that it has succeeded, and nothing could stop it.
  if (typeof fn !== 'function' || /Generator/.test(Object.prototype.toString.call(fn)))
    throw new OptionError('requireApproval', 'takes the function to gate, no generator')
  const { wait, retry, key, intent, action: named, gate: _, ...rest } = readOptions(options)
  const action = normalizeAction(named, rest)
  const own = callContextOf(wait, retry)
  const original = fn as AnyFunction

  function gated(this: unknown, ...args: unknown[]): Promise<unknown> {
    // Not an async function: what comes back is the promise of the run itself.
    try {
      return Promise.resolve(callGated(this, args))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  function callGated(self: unknown, args: unknown[]): Awaitable<unknown> {
    const entry = gate.forCall()
    const { session, context } = ambient()
    const call = {
      action,
      // I2: copied before anything is waited for, be it only the start of the gate.
      snapshot: takeSnapshot(entry.engine, action, args),
      invoke: (copy: unknown[]) => original.apply(self, copy),
      context:
        own === null && key === undefined && intent === undefined
          ? context
          : withOwn(context, own, key, intent, args),
      parentRequestId: session?.requestId ?? null,
    }
    return andThen(entry.ready(), () => {
      register(entry.engine, action, original, needsThis)
      return intercept(entry.engine, call)
    })
  }

  gate.whenKnown(({ engine }) => register(engine, action, original, needsThis))

  return Object.defineProperties(gated, {
    name: { value: original.name, configurable: true },
    length: { value: original.length, configurable: true },
    [GATED]: { value: true },
  })
}

function readOptions(
  options: ApprovalOptions,
): CallOptions & { readonly action: Action | string; readonly gate?: unknown } & ActionOptions {
  if (typeof options !== 'object' || options === null)
    throw new OptionError('requireApproval', 'options are needed: { action }')
  for (const name of ['key', 'intent'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function')
      throw new OptionError(`requireApproval.${name}`, 'is a function of the arguments')
  }
  return options as ReturnType<typeof readOptions>
}

function callContextOf(wait: WaitMode | undefined, retry: boolean | undefined): CallContext | null {
  if (wait === undefined && retry === undefined) return null
  const own = { ...(wait === undefined ? {} : { wait }), ...(retry === undefined ? {} : { retry }) }
  return parseCallContext(own, 'requireApproval')
}

function withOwn(
  context: CallContext,
  own: CallContext | null,
  key: CallOptions['key'],
  intent: CallOptions['intent'],
  args: unknown[],
): CallContext {
  const keyed = key && ownText('key', key, args)
  const said = intent && ownText('intent', intent, args)
  return {
    ...context,
    ...own,
    ...(keyed && { key: keyed }),
    ...(said === undefined ? {} : { intent: said }),
  }
}

/** What the host program's own function says of a call. Without its word nothing is asked: the key decides what runs once (I3). */
function ownText(
  name: 'key' | 'intent',
  make: (...args: never[]) => unknown,
  args: unknown[],
): string | undefined {
  let text: unknown
  try {
    text = make(...(args as never[]))
  } catch (cause) {
    throw new GatewrightError(
      'ERR_EXECUTION_BLOCKED',
      `the function given as requireApproval.${name} threw, so nobody was asked and nothing was executed. Mend it.`,
      { cause },
    )
  }
  if (text === undefined || (typeof text === 'string' && (text !== '' || name === 'intent'))) return text
  // Nobody waits for it, so nobody would hear it fail.
  if (isPromise(text)) text.then(undefined, () => {})
  throw new OptionError(
    `requireApproval.${name}`,
    'must return a non-empty text, or undefined, and at once: not a promise. Nothing was executed',
  )
}

/** Lets `resume` find the function. Two functions under one name leave none: which would it be? */
export function register(
  { actions }: Engine,
  action: ActionDefinition,
  fn: AnyFunction,
  needsThis: boolean,
): void {
  const known = actions.get(action.name)
  if (known?.source === fn) return
  const why = needsThis
    ? `the function of ${action.name} is a method, and only a call brings its object; wrap a bound function to resume it`
    : `two functions are wrapped as ${action.name}; give each action its own name to resume it`
  const clash = known?.source != null
  actions.set(action.name, {
    action,
    source: fn,
    invoke: needsThis || clash ? null : (args) => fn.apply(undefined, args),
    why,
  })
}
