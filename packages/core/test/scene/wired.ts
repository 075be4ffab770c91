import type { ApprovalStore } from '@gatewright/core'

/** Every method of a store, by its path: `create`, `outbox.record`, … */
export const STORE_METHODS = [
  'create',
  'transition',
  'get',
  'getMany',
  'getByKey',
  'list',
  'similar',
  'due',
  'forget',
  'outbox.record',
  'outbox.unpublished',
  'outbox.published',
  'deliveries.put',
  'deliveries.of',
  'deliveries.due',
  'leases.renew',
  'leases.release',
  'leases.live',
  'credentials.put',
  'credentials.remove',
  'credentials.list',
  'grants.put',
  'grants.get',
  'grants.active',
  'links.put',
  'links.get',
  'links.remove',
  'counters.hit',
  'counters.mark',
] as const

export type StoreMethod = (typeof STORE_METHODS)[number]

/**
 * The same store behind a wire: `before` runs before a method reaches it (throwing: it never does), `after` runs before the
 * answer is heard (throwing: it was done, and nobody heard).
 */
export function wired(
  store: ApprovalStore,
  wire: {
    before?(method: StoreMethod, args: readonly unknown[]): Promise<void>
    after?(method: StoreMethod, args: readonly unknown[]): Promise<void>
  },
): ApprovalStore {
  const over = (target: object, prefix: string): object =>
    new Proxy(target, {
      get(inner, name) {
        const member: unknown = Reflect.get(inner, name)
        const method = `${prefix}${String(name)}`
        if (typeof member === 'object' && member !== null) return over(member, `${method}.`)
        if (typeof member !== 'function') return member
        if (!(STORE_METHODS as readonly string[]).includes(method)) return member.bind(inner)
        return async (...args: unknown[]) => {
          await wire.before?.(method as StoreMethod, args)
          const answer: unknown = await member.apply(inner, args)
          await wire.after?.(method as StoreMethod, args)
          return answer
        }
      },
    })
  return over(store, '') as ApprovalStore
}

/** A wire whose delays are drawn from a list, over and over: the store's answers arrive in many orders. */
export function jittery(delays: readonly number[]): { before(): Promise<void>; after(): Promise<void> } {
  let next = 0
  async function hop(): Promise<void> {
    const turns = delays.length === 0 ? 0 : (delays[next++ % delays.length] ?? 0)
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
  }
  return { before: hop, after: hop }
}
