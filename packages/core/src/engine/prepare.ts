import type { CallContext } from '../ambient'
import type { ActionCall, StandardResult, StandardSchema } from '../contracts/action'
import type { Awaitable } from '../contracts/awaitable'
import type { JsonObject } from '../contracts/json'
import type { PolicyInput, RiskAssessment } from '../contracts/policy'
import type { Principal } from '../contracts/principal'
import type { ApprovalRequest, ContextRecord } from '../contracts/request'
import type { ActionDefinition } from '../define-action'
import { ArgumentsInvalidError, ArgumentsUnsupportedError, GatewrightError, OptionError } from '../errors'
import { assessRisk } from '../policy/risk'
import { canonicalize } from '../values/canonical'
import { inTime } from '../values/deadline'
import { sha256Hex } from '../values/digest'
import { andThen, orElse } from '../values/is-promise'
import { nameArguments, unnameArguments } from '../values/named-arguments'
import { LivePlaceholder, restoreArguments } from '../values/restore'
import { encodeValue, snapshotArguments } from '../values/snapshot'
import { CallFacts, factsOf } from './call-facts'
import type { Engine } from './engine'

/** One attempt to perform an action, as the wrapper hands it in. */
export interface GatedCall {
  readonly action: ActionDefinition
  /** Of the caller's own objects, taken when the call was made: they are never read again (I2). */
  readonly snapshot: Snapshot
  /** Runs the wrapped function, with the `this` of the call. */
  readonly invoke: (args: unknown[]) => unknown
  readonly context: CallContext
  readonly parentRequestId: string | null
}

/** Everything known about a call before policy decides. */
export interface PreparedCall {
  readonly call: GatedCall
  /** The snapshot: what is digested, shown, voted on, and run. */
  readonly text: string
  readonly digest: string
  /** Values of the call that cannot be copied, by position. */
  readonly live: ReadonlyMap<number, unknown> | null
  readonly onBehalfOf: Principal | null
  readonly context: ContextRecord | null
  readonly risk: RiskAssessment
  readonly input: PolicyInput
}

/**
 * Takes the snapshot, checks it, looks up the facts, and assesses the risk.
 *
 * @throws ArgumentsUnsupportedError, ArgumentsInvalidError before anything was asked
 */
export function prepare(engine: Engine, call: GatedCall): Awaitable<PreparedCall> {
  const { action } = call
  return andThen(validate(engine, action, call.snapshot), ({ text, live }) =>
    andThen(whoFor(engine, call), (onBehalfOf) => {
      const input = new CallFacts(engine, action, text, onBehalfOf, call.context)
      const digest = sha256Hex(text)
      return andThen(assess(engine, action, input), ({ context, risk }) => ({
        call,
        text,
        live,
        digest,
        onBehalfOf,
        context,
        risk,
        input,
      }))
    }),
  )
}

/** Looks up the facts and assesses the risk of arguments that a reviewer edited. */
export async function prepareEdited(
  engine: Engine,
  action: ActionDefinition,
  text: string,
  request: ApprovalRequest,
): Promise<Pick<PreparedCall, 'context' | 'risk'> & { readonly facts: CallFacts }> {
  const facts = factsOf(engine, action, request, text)
  return { facts, ...(await assess(engine, action, facts)) }
}

function assess(
  engine: Engine,
  action: ActionDefinition,
  facts: CallFacts,
): Awaitable<Pick<PreparedCall, 'context' | 'risk'>> {
  const lookedUp = action.context === null ? null : lookUp(engine, action, action.context, facts)
  return andThen(lookedUp, (context) => {
    facts.setContext(context)
    const { clock, settings } = engine
    const assessed = assessRisk(settings.risk, facts, {
      clock,
      timeoutMs: settings.policyTimeoutMs,
      onFailure: (id, error) =>
        engine.logger.error(`the risk signal ${id} failed; the risk counts as the highest`, { error }),
    })
    return andThen(assessed, (risk) => {
      facts.risk = risk
      return { context, risk }
    })
  })
}

/** A snapshot and the live values that its facts stand for. */
export interface Snapshot {
  readonly text: string
  readonly live: ReadonlyMap<number, unknown> | null
}

/** Encodes the arguments; parameters with `facts` stand in it as their facts. */
export function takeSnapshot(engine: Engine, action: ActionDefinition, args: readonly unknown[]): Snapshot {
  if (action.parameters !== null && args.length > action.parameters.length) {
    throw new ArgumentsInvalidError(action.name, [
      {
        path: `/${action.parameters.length}`,
        message: `there are names for ${action.parameters.length} arguments only`,
      },
    ])
  }
  const { limits } = engine.settings
  if (action.facts === null) return { text: snapshotArguments(args, { limits }), live: null }
  const live = new Map<number, unknown>()
  const facts: { index: number; facts: unknown }[] = []
  for (const [parameter, describe] of Object.entries(action.facts)) {
    const index = action.parameters?.indexOf(parameter) ?? -1
    if (index === -1 || index >= args.length) continue
    live.set(index, args[index])
    try {
      facts.push({ index, facts: describe(args[index]) })
    } catch (error) {
      throw new ArgumentsUnsupportedError(
        `/${index}`,
        `could not be described: facts.${parameter} threw`,
        error,
      )
    }
  }
  return { text: snapshotArguments(args, { limits, live: facts }), live }
}

/** A fresh copy of the snapshot's arguments, with live values in their places. */
export function argumentsFrom(text: string, live: ReadonlyMap<number, unknown> | null): unknown[] {
  const args = restoreArguments(text)
  if (live !== null) for (const [index, value] of live) args[index] = value
  return args
}

/** Whether a restored list still holds a live value's place: such a request can only run where it was made. */
export function needsLive(args: readonly unknown[]): boolean {
  return args.some((value) => value instanceof LivePlaceholder)
}

function validate(engine: Engine, action: ActionDefinition, snapshot: Snapshot): Awaitable<Snapshot> {
  return action.input === null ? snapshot : applySchema(engine, action, action.input, snapshot)
}

function applySchema(
  engine: Engine,
  action: ActionDefinition,
  schema: StandardSchema,
  snapshot: Snapshot,
): Awaitable<Snapshot> {
  const list = argumentsFrom(snapshot.text, snapshot.live)
  const single = action.parameters === null
  if (single && list.length !== 1) {
    throw new ArgumentsInvalidError(action.name, [
      { path: '', message: `takes exactly one argument, got ${list.length}` },
    ])
  }
  const input = single ? list[0] : nameArguments(list, action.parameters)
  return andThen(askSchema(engine, action.name, schema, input), (result) => {
    if (result.issues)
      throw new ArgumentsInvalidError(
        action.name,
        result.issues.map((issue) => readIssue(issue, input)),
      )
    const output = single
      ? [result.value]
      : unnameArguments(result.value as Record<string, unknown>, list, action.parameters)
    // The schema's output is what is shown and what runs: defaults and coercions included.
    return takeSnapshot(engine, action, output)
  })
}

/** T33: arguments that a schema cannot read do not fit it, whether it says so, throws, or never answers. */
function askSchema(
  engine: Engine,
  name: string,
  schema: StandardSchema,
  input: unknown,
): Awaitable<StandardResult<unknown>> {
  const asking = () => inTime(engine, schema['~standard'].validate(input), 'the schema')
  const failed = (cause: unknown): never => {
    throw new ArgumentsInvalidError(name, [{ path: '', message: 'the schema could not be applied' }], cause)
  }
  return orElse(asking, failed)
}

function readIssue(
  { path = [], message }: NonNullable<StandardResult<unknown>['issues']>[number],
  input: unknown,
): { path: string; message: string } {
  const steps = path.map((step) => String(typeof step === 'object' ? step.key : step))
  const value = steps.reduce<unknown>(
    (tree, step) => (tree as Record<string, unknown> | undefined)?.[step],
    input,
  )
  // Section 10: some schemas repeat the value in their message; people see the error, and so does the model.
  const quoted = typeof value === 'string' && value !== '' ? message.replaceAll(value, '…') : message
  return { path: steps.map((step) => `/${step}`).join(''), message: quoted }
}

/** Checks arguments that a reviewer edited. @throws ArgumentsInvalidError, ArgumentsUnsupportedError */
export async function validateEdited(
  engine: Engine,
  action: ActionDefinition,
  list: readonly unknown[],
): Promise<string> {
  const edited = { ...action, facts: null }
  return (await validate(engine, edited, takeSnapshot(engine, edited, list))).text
}

function whoFor(engine: Engine, { context }: GatedCall): Awaitable<Principal | null> {
  if (context.onBehalfOf !== undefined) return checkBeneficiary(context.onBehalfOf, 'gate.as.onBehalfOf')
  return andThen(askWhoFor(engine), (principal) => checkBeneficiary(principal, 'createGate.onBehalfOf'))
}

/** I4: without knowing whom the agent acts for, nobody can be excluded; so nothing is asked. */
function checkBeneficiary(principal: Principal | null | undefined, where: string): Principal | null {
  if (principal === null) return null
  if (
    typeof principal?.issuer === 'string' &&
    typeof principal.subject === 'string' &&
    principal.subject !== ''
  )
    return principal
  throw new OptionError(
    where,
    'must be a person, as person(issuer, subject), or null for nobody. Nothing was executed',
  )
}

function askWhoFor(engine: Engine): Awaitable<Principal | null> {
  const asking = () => inTime(engine, engine.settings.onBehalfOf(), 'onBehalfOf')
  return orElse(asking, nobodyKnows)
}

function nobodyKnows(cause: unknown): never {
  throw new GatewrightError(
    'ERR_EXECUTION_BLOCKED',
    'whom the agent acts for could not be told, so nobody was asked and nothing was executed. Mend the gate\'s "onBehalfOf".',
    { cause },
  )
}

/** Asks the host about a call; its signal says when nobody waits for the answer any more. */
async function askHost<T>(
  engine: Engine,
  look: (call: ActionCall) => Awaitable<T>,
  facts: CallFacts,
  what: string,
): Promise<T> {
  const controller = new AbortController()
  return inTime(engine, look(facts.asCall(controller.signal)), what, () => controller.abort())
}

async function lookUp(
  engine: Engine,
  { name }: ActionDefinition,
  context: NonNullable<ActionDefinition['context']>,
  facts: CallFacts,
): Promise<ContextRecord> {
  try {
    const value = await askHost(engine, context, facts, 'the context lookup')
    if (typeof value !== 'object' || value === null)
      throw new TypeError('the context lookup returned no object')
    const text = canonicalize(JSON.parse(encodeValue(value)) as JsonObject)
    return { status: 'available', value: text, digest: sha256Hex(text) }
  } catch (error) {
    engine.logger.warn(`the context of ${name} is unavailable; the call is treated as the strictest`, {
      error,
    })
    return { status: 'unavailable', reason: error instanceof Error ? error.name : 'the lookup failed' }
  }
}

/** Digests of what the arguments name, as the action's `pin` sees them now. Rejects when it cannot tell. */
export async function takePins(
  engine: Engine,
  action: ActionDefinition,
  facts: CallFacts,
): Promise<Readonly<Record<string, string>> | null> {
  if (action.pin === null) return null
  const pins = await askHost(engine, action.pin, facts, 'the pin')
  const entries = typeof pins === 'object' && pins !== null ? Object.entries(pins) : null
  if (entries === null || !entries.every(([, digest]) => typeof digest === 'string' && digest !== '')) {
    throw new TypeError(`the pin of ${action.name} must return an object of non-empty strings`)
  }
  return Object.fromEntries(entries)
}
