import { types } from 'node:util'
import { isBytes } from './bytes'
import { isObjectPrototype } from './plain-object'

/** How an object is copied; `instance` is one of a class we do not know. */
export type ValueKind = 'list' | 'plain' | 'date' | 'map' | 'set' | 'url' | 'bytes' | 'error' | 'instance'

const hrefOf = Object.getOwnPropertyDescriptor(URL.prototype, 'href')?.get

/**
 * What kind of object a value really is: by what the engine made it, not by its prototype, which anybody can set; and only
 * if it is exactly that, because a subclass means more than we could restore.
 */
export function kindOf(value: object): ValueKind {
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === Object.prototype || prototype === null) return 'plain'
  if (Array.isArray(value)) return prototype === Array.prototype || isDirect(prototype) ? 'list' : 'instance'
  if (types.isNativeError(value) || value instanceof Error) return 'error'
  if (types.isDate(value)) return isDirect(prototype) ? 'date' : 'instance'
  if (types.isMap(value)) return isDirect(prototype) ? 'map' : 'instance'
  if (types.isSet(value)) return isDirect(prototype) ? 'set' : 'instance'
  if (isBytes(value)) return 'bytes'
  if (prototype === URL.prototype && isUrl(value)) return 'url'
  return isObjectPrototype(prototype) ? 'plain' : 'instance'
}

/** Whether only `Object.prototype` stands above a prototype: so it is a built-in's own, in whatever realm, not a subclass's. */
function isDirect(prototype: object): boolean {
  const above = Object.getPrototypeOf(prototype) as object | null
  return above !== null && isObjectPrototype(above)
}

function isUrl(value: object): boolean {
  try {
    return typeof hrefOf?.call(value) === 'string'
  } catch {
    return false
  }
}
