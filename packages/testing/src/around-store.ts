import type { ApprovalStore } from '@gatewright/core'

/** Does something around one call of a store. `method` is `transition`, `outbox.record`, and so on. */
export type AroundStoreCall = (
  method: string,
  args: readonly unknown[],
  call: () => Promise<unknown>,
) => Promise<unknown>

/** They answer at once, so nothing can happen around them. */
const IMMEDIATE: ReadonlySet<string> = new Set(['now', 'changes'])

/** The same store, with something done around every call that answers with a promise. */
export function aroundStore(store: ApprovalStore, around: AroundStoreCall): ApprovalStore {
  return wrapped(store, '', around)
}

function wrapped<T extends object>(part: T, prefix: string, around: AroundStoreCall): T {
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof name === 'symbol' || value === null) return value
      if (typeof value === 'object') return wrapped(value, `${prefix}${name}.`, around)
      if (typeof value !== 'function') return value
      const call = (...args: unknown[]): unknown => Reflect.apply(value, target, args)
      if (IMMEDIATE.has(name)) return call
      return (...args: unknown[]) => around(`${prefix}${name}`, args, async () => call(...args))
    },
  })
}
