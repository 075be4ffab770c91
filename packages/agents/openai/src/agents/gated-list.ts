import { OptionError } from '@gatewright/core'

/** A list that gates what is put into it, when it is made and later (T32). */
export function gatedList(
  items: readonly object[],
  gateOne: (item: object) => object,
  where: string,
): object[] {
  return new Proxy(items.map(gateOne), {
    defineProperty(target, key, descriptor) {
      if (!('value' in descriptor)) throw new OptionError(where, 'a list of tools may not have getters')
      const { value } = descriptor
      const isItem = key !== 'length' && typeof value === 'object' && value !== null
      return Reflect.defineProperty(
        target,
        key,
        isItem ? { ...descriptor, value: gateOne(value) } : descriptor,
      )
    },
  })
}
