import type { ApprovalRequest } from '../contracts/request'
import { copyRequest } from '../values/copy-request'
import { freezeJson } from './freeze'

type Plain = string | number | boolean | null

/** The fields that hold more than one value. */
type NestedField = {
  [Field in keyof ApprovalRequest]: ApprovalRequest[Field] extends Plain ? never : Field
}[keyof ApprovalRequest]

// A record, so that the compiler misses whatever is left out.
const NESTED: Readonly<Record<NestedField, true>> = {
  parameters: true,
  edited: true,
  presentation: true,
  requester: true,
  onBehalfOf: true,
  origin: true,
  context: true,
  pins: true,
  risk: true,
  policy: true,
  votes: true,
  escalated: true,
  resolution: true,
  execution: true,
  outcome: true,
  lateOutcome: true,
  reconciliation: true,
  lastEvent: true,
}
const NESTED_FIELDS = Object.keys(NESTED) as readonly NestedField[]

/**
 * A frozen copy of a request, with everything in it frozen. What it took over from its previous version is frozen
 * already, and is not walked again.
 */
export function keepRequest(request: ApprovalRequest, previous: ApprovalRequest | null): ApprovalRequest {
  const kept = copyRequest(request)
  for (const field of NESTED_FIELDS) {
    const value = kept[field]
    if (value !== null && value !== previous?.[field]) freezeJson(value)
  }
  return Object.freeze(kept)
}
