/** Freezes a JSON value with all it holds, and answers with it. The value has no circles. */
export function freezeJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  Object.freeze(value)
  // A frozen parent may hold thawed children, so being frozen ends no branch.
  if (Array.isArray(value)) for (const element of value) freezeJson(element)
  else for (const key in value) if (typeof value[key] === 'object') freezeJson(value[key])
  return value
}
