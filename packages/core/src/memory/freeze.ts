import type { ApprovalRequest } from '../contracts/request'

/** Freezes a JSON value with all it holds, and answers with it. The value has no circles. */
export function freezeJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  Object.freeze(value)
  // A frozen parent may hold thawed children, so being frozen ends no branch.
  if (Array.isArray(value)) for (const element of value) freezeJson(element)
  else for (const key in value) if (typeof value[key] === 'object') freezeJson(value[key])
  return value
}

/** Freezes a request. What it took over from its previous version is frozen already, and is not walked again. */
export function freezeRequest(request: ApprovalRequest, previous: ApprovalRequest): ApprovalRequest {
  Object.freeze(request)
  for (const key in request) {
    const field = key as keyof ApprovalRequest
    const value = request[field]
    if (typeof value === 'object' && value !== previous[field]) freezeJson(value)
  }
  return request
}
