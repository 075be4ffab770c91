import type { ActionCall, ActionContext, Requester } from '../contracts/action'
import type { PolicyInput, RiskAssessment } from '../contracts/policy'
import type { Principal } from '../contracts/principal'
import type { ApprovalRequest, ContextRecord } from '../contracts/request'
import type { ActionDefinition } from '../define-action'
import { NO_RISK } from '../policy/risk'
import { deepFreeze } from '../values/deep-freeze'
import { nameArguments } from '../values/named-arguments'
import { restoreArguments } from '../values/restore'
import { effectiveArguments } from './effective-digest'
import type { Engine } from './engine'

/**
 * The facts of a request, for whoever asked: a gate judges what other agents asked for, too.
 *
 * @param text - a snapshot of other arguments. @default those that would run
 */
export function factsOf(
  engine: Engine,
  action: ActionDefinition,
  request: ApprovalRequest,
  text = effectiveArguments(request),
): CallFacts {
  const { requester, onBehalfOf, intent, origin } = request
  return new CallFacts(engine, action, text, onBehalfOf, { requester, intent, runId: origin.runId })
}

/** What policy, risk signals and lookups see of a call: a frozen copy, made when first looked at. */
export class CallFacts implements PolicyInput {
  readonly action: string
  readonly requester
  readonly onBehalfOf
  readonly intent
  readonly runId
  readonly now
  risk: RiskAssessment = NO_RISK
  context: ActionContext | null = null
  contextUnavailable = false
  readonly #definition: ActionDefinition | null
  readonly #text: string
  readonly #parameters: readonly string[] | null
  #args: Readonly<Record<string, unknown>> | undefined

  constructor(
    engine: Engine,
    action: ActionDefinition | { readonly name: string; readonly parameters: readonly string[] | null },
    text: string,
    onBehalfOf: Principal | null,
    {
      requester = engine.settings.requester,
      intent,
      runId,
    }: {
      /** @default the gate's own */
      readonly requester?: Requester
      readonly intent?: string | null
      readonly runId?: string | null
    },
  ) {
    this.#definition = 'input' in action ? action : null
    this.#text = text
    this.#parameters = action.parameters
    this.action = action.name
    this.requester = requester
    this.onBehalfOf = onBehalfOf
    this.intent = intent ?? null
    this.runId = runId ?? null
    this.now = engine.store.now()
  }

  get args(): Readonly<Record<string, unknown>> {
    this.#args ??= this.#readArguments()
    return this.#args
  }

  /** The facts of a lookup; `null` when the action has none. */
  setContext(record: ContextRecord | null): void {
    this.contextUnavailable = record?.status === 'unavailable'
    this.context =
      record?.status === 'available' ? deepFreeze(JSON.parse(record.value) as ActionContext) : null
  }

  /** The same facts, as the host's lookups get them. */
  asCall(signal: AbortSignal): ActionCall {
    const { action, args, requester, onBehalfOf } = this
    return { action, args, requester, onBehalfOf, signal }
  }

  #readArguments(): Readonly<Record<string, unknown>> {
    const list = restoreArguments(this.#text)
    const typed = this.#definition?.input && this.#parameters === null
    // With a schema for the one argument, rules see exactly what it describes.
    const view = typed ? list[0] : nameArguments(list, this.#parameters)
    return deepFreeze(view) as Readonly<Record<string, unknown>>
  }
}
