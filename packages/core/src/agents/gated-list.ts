import { OptionError } from '../errors'

/**
 * A list of tools that gates what is put into it, when it is made and later (T32). It keeps its type.
 *
 * @param gateOne - the gated one in place of a tool; throws for what no gate can hold
 * @param where - the function that took the list, for messages
 * @throws OptionError for a getter, which could answer with another tool each time; what `gateOne` throws
 */
export function gatedList<Items extends readonly object[]>(
  items: Items,
  gateOne: (item: object) => object,
  where: string,
): Items {
  return new Proxy(items.map(gateOne), {
    defineProperty(target, key, descriptor) {
      if (!('value' in descriptor)) throw new OptionError(where, 'a tool may not be a getter')
      const { value } = descriptor
      return Reflect.defineProperty(
        target,
        key,
        canRun(value) ? { ...descriptor, value: gateOne(value) } : descriptor,
      )
    },
    setPrototypeOf: () => false,
  }) as object as Items
}

/** A function may be a tool as well: it can have methods. */
function canRun(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
