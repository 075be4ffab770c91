import { createGate, group, requireApproval, requiresApproval } from '@gatewright/core'
import type { Equal, Expect, IsAny } from './expect'

const gate = createGate({
  agent: { id: 'bot', owner: null },
  approvers: [],
  reviewers: group('ops'),
  ephemeral: true,
})
const options = { action: 'data.export' } as const

// An async function keeps its exact type.
async function plain(table: string, rows?: number): Promise<{ readonly rows: number }> {
  return { rows: rows ?? table.length }
}
const gatedPlain = requireApproval(plain, options)
export type KeepsAsync = Expect<Equal<typeof gatedPlain, typeof plain>>
export type KeepsNames = Expect<Equal<Parameters<typeof gatedPlain>, [table: string, rows?: number]>>
const gatedByGate = gate.requireApproval(plain, options)
export type TheGateToo = Expect<Equal<typeof gatedByGate, typeof plain>>

// Its generics.
async function generic<Row extends { id: string }>(rows: readonly Row[]): Promise<Row | undefined> {
  return rows[0]
}
const gatedGeneric = requireApproval(generic, options)
export type KeepsGenerics = Expect<Equal<typeof gatedGeneric, typeof generic>>
const row = gatedGeneric([{ id: 'a', more: 1 }])
export type InfersGenerics = Expect<Equal<Awaited<typeof row>, { id: string; more: number } | undefined>>

// Its overloads.
interface Overloaded {
  (id: string): Promise<string>
  (id: number, force: boolean): Promise<number>
}
declare const overloaded: Overloaded
const gatedOverloaded = requireApproval(overloaded, options)
export type KeepsOverloads = Expect<Equal<typeof gatedOverloaded, Overloaded>>

// Its `this`.
interface Account {
  balance: number
}
async function withdraw(this: Account, amount: number): Promise<number> {
  return this.balance - amount
}
const gatedWithdraw = requireApproval(withdraw, options)
export type KeepsThis = Expect<Equal<ThisParameterType<typeof gatedWithdraw>, Account>>
export const taken: Promise<number> = gatedWithdraw.call({ balance: 5 }, 1)
// @ts-expect-error `this` is an account
gatedWithdraw.call({ owner: 'ada' }, 1)

// A rest parameter, a predicate, a method taken from a class.
async function rest(...ids: string[]): Promise<void> {
  ids.reverse()
}
const gatedRest = requireApproval(rest, options)
export type KeepsRest = Expect<Equal<typeof gatedRest, typeof rest>>

// A sync function keeps its parameters and becomes async.
function sync(table: string, limit = 10): number {
  return table.length * limit
}
const gatedSync = requireApproval(sync, options)
export type BecomesAsync = Expect<Equal<typeof gatedSync, (table: string, limit?: number) => Promise<number>>>
const gatedVoid = requireApproval((id: string): void => void id, options)
export type VoidToo = Expect<Equal<ReturnType<typeof gatedVoid>, Promise<void>>>

// Its `this` and its generics too.
function syncThis(this: Account, amount: number): number {
  return this.balance - amount
}
const gatedSyncThis = requireApproval(syncThis, options)
export type SyncKeepsThis = Expect<Equal<ThisParameterType<typeof gatedSyncThis>, Account>>
function syncGeneric<Row>(rows: Row[]): Row | undefined {
  return rows[0]
}
const gatedSyncGeneric = requireApproval(syncGeneric, options)
const first = gatedSyncGeneric([1, 2])
export type SyncKeepsGenerics = Expect<Equal<typeof first, Promise<number | undefined>>>

// What may be sync or async is flattened.
const sometimes = requireApproval((id: string): string | Promise<string> => id, options)
export type Flattened = Expect<Equal<ReturnType<typeof sometimes>, Promise<string>>>

// Nothing is `any`.
export type NotAny = Expect<
  Equal<
    [
      IsAny<typeof gatedPlain>,
      IsAny<typeof gatedSync>,
      IsAny<ReturnType<typeof gatedSync>>,
      IsAny<Parameters<typeof gatedSync>[0]>,
    ],
    [false, false, false, false]
  >
>

// What is no function, an unknown option, or a missing action does not compile.
// @ts-expect-error no function
requireApproval('plain', options)
// @ts-expect-error misspelt
requireApproval(plain, { action: 'data.export', idempotnet: true })
// @ts-expect-error no action
requireApproval(plain, {})
// @ts-expect-error the gate of gate.requireApproval is that gate
gate.requireApproval(plain, { action: 'data.export', gate })

export class Users {
  @requiresApproval({ action: 'user.delete', parameters: ['id'] })
  async remove(id: string): Promise<boolean> {
    return id !== ''
  }

  @gate.requiresApproval({ action: 'user.rename' })
  async rename<Name extends string>(this: Users, id: string, name: Name): Promise<Name> {
    await this.remove(id)
    return name
  }

  // @ts-expect-error a sync method would change its type
  @requiresApproval({ action: 'user.count' })
  count(): number {
    return 1
  }
}
const users = new Users()
export type DecoratedKeepsItsType = Expect<Equal<typeof users.remove, (id: string) => Promise<boolean>>>
