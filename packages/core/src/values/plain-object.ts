/** Whether a prototype is `Object.prototype`, of this realm or of another. */
export function isObjectPrototype(prototype: object): boolean {
  if (prototype === Object.prototype) return true
  // Another realm's: a root that owns what only `Object.prototype` owns.
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf')
}

/** Whether a value is an object literal's kind of object, of any realm. Without a prototype counts too. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || isObjectPrototype(prototype as object)
}
