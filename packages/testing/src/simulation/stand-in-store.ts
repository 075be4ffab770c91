import { type ApprovalStore, type Clock, memoryStore } from '@gatewright/core'

export interface MemoryDisk {
  store: ApprovalStore | null
}
export const memoryDisk = (): MemoryDisk => ({ store: null })

export function serialisingStore({ clock, disk, crash }: { clock: Clock; disk: MemoryDisk; crash: { point(name: string): Promise<void> } }): ApprovalStore {
  disk.store ??= memoryStore({ clock })
  return around(disk.store, 'store', crash) as ApprovalStore
}

function around(object: object, path: string, crash: { point(name: string): Promise<void> }): object {
  return Object.fromEntries(
    Object.entries(object).map(([name, member]) => {
      const at = `${path}.${name}`
      if (name === 'now' || name === 'changes') return [name, member]
      if (typeof member === 'object') return [name, around(member, at, crash)]
      return [
        name,
        async (...args: unknown[]) => {
          await crash.point(`${at}.before`)
          const result = await member.apply(object, structuredClone(args))
          await crash.point(`${at}.after`)
          return result
        },
      ]
    }),
  )
}
