import type { AuditEventType } from '../contracts/audit'
import type { Json, JsonObject } from '../contracts/json'
import type { GrantConstraint, StandingGrant } from '../contracts/policy'
import type { Principal } from '../contracts/principal'
import type { ActionPresentation } from '../contracts/request'
import { normalizeAction } from '../define-action'
import type { Engine } from '../engine/engine'
import { actorData, type EventDraft } from '../engine/events'
import { redactorOf, redactText } from '../engine/present'
import { type Action, isAction } from '../policy/action'
import { allLeaves, leavesData } from '../present/leaves'
import type { Redactor } from '../present/redaction'
import { canonicalize } from '../values/canonical'
import { sha256Hex } from '../values/digest'
import { formatPointer, parsePointer } from '../values/pointer'

const HIDDEN = '[redacted]'

/**
 * What a step of a grant tells the log. The grant is stated as the log has it. What its constraints compare with is redacted as arguments are (T43); the digest of the
 * whole lets an auditor compare the grant itself.
 *
 * @param more - what this step says beside
 * @param action - what the giver named, where it brings its own options
 */
export function grantDraft(
  engine: Engine,
  type: Extract<AuditEventType, `grant.${string}`>,
  grant: StandingGrant,
  by: Principal,
  { action, ...more }: { readonly action?: Action | string; readonly reason?: string } = {},
): EventDraft {
  const presentation = presentationOf(engine, grant, action)
  const data = {
    action: grant.action,
    by: actorData(by),
    constraints: constraintsData(engine, grant, presentation?.redact ?? null),
    constraintsDigest: sha256Hex(canonicalize(grant.constraints as unknown as Json)),
    expiresAt: grant.expiresAt,
    grantId: grant.id,
    note: grant.note,
    ...more,
    requesterId: grant.requesterId,
    usesLeft: grant.usesLeft,
  }
  return { type, data, personal: presentation?.personal ?? [] }
}

/** What the action hides of its arguments; `null` when this process does not know the action. */
function presentationOf(
  { actions }: Engine,
  { action }: StandingGrant,
  named: Action | string | undefined,
): ActionPresentation | null {
  const definition = isAction(named) ? normalizeAction(named) : actions.get(action)?.action
  return definition?.presentation ?? null
}

function constraintsData(
  engine: Engine,
  { constraints }: StandingGrant,
  pointers: readonly string[] | null,
): Json {
  const redactor = redactorOf(engine, pointers ?? [])
  // Inside an encoded map or object, steps are not the names that people know: nothing there can be told apart.
  const encoded = constraints
    .filter(({ path }) => path.endsWith('/$type'))
    .map(({ path }) => path.replace(/\$type$/, 'value'))
  return constraints.map((constraint) => {
    const { path } = constraint
    const steps = parsePointer(path)
    const opaque = pointers === null || encoded.some((one) => path === one || path.startsWith(`${one}/`))
    const shown = (value: Json): Json => (opaque ? HIDDEN : shownValue(value, steps, redactor))
    return {
      ...boundData(constraint, shown),
      path: formatPointer(steps.map((step) => redactText(engine, step))),
    }
  })
}

/** The bound, its keys in RFC 8785 order. */
function boundData(constraint: GrantConstraint, shown: (value: Json) => Json): JsonObject {
  if ('any' in constraint) return { any: true }
  if ('equals' in constraint) return { equals: shown(constraint.equals) }
  if ('oneOf' in constraint) return { oneOf: constraint.oneOf.map(shown) }
  const { atLeast, atMost } = constraint
  return { atLeast: atLeast === undefined ? null : shown(atLeast), atMost: shown(atMost) }
}

/** A value at its place among the arguments: `[JSON Pointer below it, redacted text]` for each leaf. */
function shownValue(value: Json, steps: readonly string[], redactor: Redactor): Json {
  const last = steps.length - 1
  const hidden = steps.some((step, index) => redactor.hidesKey(step, index === last ? value : {}))
  if (hidden || (last >= 0 && redactor.hidesPath(steps))) return HIDDEN
  const below: Redactor = { ...redactor, hidesPath: (more) => redactor.hidesPath([...steps, ...more]) }
  return leavesData(allLeaves(value, below))
}
