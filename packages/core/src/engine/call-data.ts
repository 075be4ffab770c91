import type { Json, JsonObject } from '../contracts/json'
import type { PolicyRecord, RiskAssessment } from '../contracts/policy'
import type { ApprovalRequest, Basis, CallOrigin } from '../contracts/request'
import type { ReviewLeaf } from '../contracts/review'
import { leavesData } from '../present/leaves'
import { canonicalize } from '../values/canonical'
import { kept } from '../values/kept'
import type { Engine } from './engine'
import { actorData } from './events'
import type { GatedCall } from './prepare'
import { redactText } from './present'

/** The part of a request, or of a call without one, that its first event states. */
export type StatedCall = Pick<
  ApprovalRequest,
  | 'action'
  | 'argumentsDigest'
  | 'requester'
  | 'onBehalfOf'
  | 'intent'
  | 'origin'
  | 'context'
  | 'risk'
  | 'policy'
  | 'basis'
  | 'processId'
>

/** Facts of a call, each as the log has it. Keys stand in RFC 8785 order. */
export type CallData = {
  readonly action: string
  /** `[JSON Pointer, redacted text]` for each leaf. */
  readonly arguments: Json
  readonly argumentsDigest: string
  readonly basis: Basis | null
  readonly context: Json
  readonly intent: string | null
  readonly onBehalfOf: Json
  readonly origin: Json
  readonly policyHash: string
  readonly processId: string
  readonly requester: Json
  readonly risk: Json
  readonly rules: Json
}

/** States a call for the log: who asks for what, on whose behalf, and what policy made of it. */
export function callData(engine: Engine, call: StatedCall, leaves: readonly ReviewLeaf[]): CallData {
  const { action, argumentsDigest, basis, context, intent, onBehalfOf, origin, policy, requester, risk } =
    call
  return {
    action,
    arguments: leavesData(leaves),
    argumentsDigest,
    basis,
    context:
      context &&
      (context.status === 'available'
        ? { digest: context.digest, status: 'available' }
        : { reason: context.reason, status: 'unavailable' }),
    intent: intent && redactText(engine, intent),
    onBehalfOf: onBehalfOf && actorData(onBehalfOf),
    origin: originData(origin),
    policyHash: policy.hash,
    processId: call.processId,
    requester: stated(requester, () => ({
      id: requester.id,
      name: requester.name,
      owner: requester.owner && actorData(requester.owner),
    })),
    risk: stated(risk, () => riskData(engine, risk)),
    rules: stated(policy.rules, () => rulesData(engine, policy)),
  }
}

/** Where a call comes from. */
export function originOf(engine: Engine, { context, parentRequestId }: GatedCall): CallOrigin {
  return {
    agent: context.agent ?? null,
    callId: context.callId ?? null,
    model: context.model ?? engine.settings.model,
    parentRequestId,
    runId: context.runId ?? null,
    traceparent: context.traceparent ?? null,
  }
}

/** The requirements in force, in full: an auditor checks the quorum from them. */
export function requirementData({ requirements }: PolicyRecord): Json {
  return stated(requirements, () => JSON.parse(canonicalize(requirements as unknown as Json)) as Json)
}

/** Parts that many calls share are stated once: they are immutable. */
const statements = new WeakMap<object, Json>()

function stated(part: object, state: () => Json): Json {
  return kept(statements, part, state)
}

function originData(origin: CallOrigin): Json {
  return Object.values(origin).every((part) => part === null) ? null : { ...origin }
}

function riskData(engine: Engine, { failed, level, reasons, score }: RiskAssessment): JsonObject {
  return { failed: [...failed], level, reasons: reasons.map((reason) => redactText(engine, reason)), score }
}

function rulesData(engine: Engine, { rules }: PolicyRecord): Json {
  return rules.map(({ effect, failed, id, reason, version }) => ({
    effect,
    failed: failed ?? false,
    id,
    reason: reason === undefined ? null : redactText(engine, reason),
    version,
  }))
}
