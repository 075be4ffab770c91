import {
  currentSession,
  type Gate,
  GatewrightError,
  requiresApproval,
  setDefaultGate,
} from '@gatewright/core'
import { afterEach, describe, expect, test } from 'vitest'
import { attempt, scene, settle } from './scene'

/** What both decorator systems make of the same class. */
export interface Decorated {
  /** Adds to the balance. Action `account.deposit`. */
  deposit(amount: number): Promise<number>
  /** Rejects. Action `account.fail`. */
  fail(): Promise<never>
  balance: number
}

/** A class that was compiled by one of the two systems, and how to decorate other things with it. */
export interface Compiled {
  readonly Account: new (balance: number) => Decorated
  readonly Savings: new (balance: number) => Decorated
  /** A class with a static method `close`, action `account.close`. */
  readonly Bank: { close(name: string): Promise<string> }
  /** Makes a class whose method `run` is decorated by `gate.requiresApproval`. */
  boundTo(gate: Gate): new () => { run(word: string): Promise<string> }
  /** Decorates what is no method; throws. */
  decorateField(): unknown
}

/** Runs one suite for one decorator system. */
export function describeDecorated(system: string, compiled: Compiled): void {
  afterEach(() => setDefaultGate(null))

  describe(`requiresApproval as a ${system} decorator`, () => {
    test('a decorated method waits for approval, runs once, and keeps its object', async () => {
      const s = scene()
      setDefaultGate(s.gate)
      const account = new compiled.Account(5)
      const call = attempt(account.deposit(2))
      const request = await s.only()
      expect(request).toMatchObject({ action: 'account.deposit', parameters: ['amount'] })
      expect(account.balance).toBe(5)
      await s.approve(request.id)
      await call.ended
      expect(call.value).toBe(7)
      expect(account.balance).toBe(7)
    })

    test('without a gate nothing runs', async () => {
      const account = new compiled.Account(5)
      const call = attempt(account.deposit(2))
      await call.ended
      expect(call.code).toBe('ERR_GATE_MISSING')
      expect(account.balance).toBe(5)
    })

    test('a rejected call leaves the object as it was', async () => {
      const s = scene()
      setDefaultGate(s.gate)
      const account = new compiled.Account(5)
      const call = attempt(account.deposit(2))
      await s.reject((await s.only()).id)
      expect(call.code).toBe('ERR_APPROVAL_REJECTED')
      expect(account.balance).toBe(5)
    })

    test('two objects are two requests', async () => {
      const s = scene()
      setDefaultGate(s.gate)
      const [one, two] = [new compiled.Account(1), new compiled.Account(2)]
      const calls = [attempt(one.deposit(10)), attempt(two.deposit(20))]
      const [first] = await s.pending()
      await s.approve(first?.id ?? '')
      await settle()
      expect(calls.map(({ state }) => state)).toEqual(['resolved', 'waiting'])
      expect([one.balance, two.balance]).toEqual([11, 2])
    })

    test('a subclass inherits the gated method, and super goes through the gate', async () => {
      const s = scene()
      setDefaultGate(s.gate)
      const savings = new compiled.Savings(1)
      const call = attempt(savings.deposit(1))
      expect((await s.only()).action).toBe('account.deposit')
      expect(savings.balance).toBe(1)
      await s.approve((await s.only()).id)
      await call.ended
      expect(savings.balance).toBe(102)
    })

    test('a method’s own error is its caller’s', async () => {
      const s = scene()
      setDefaultGate(s.gate)
      const call = attempt(new compiled.Account(1).fail())
      await s.approve((await s.only()).id)
      await call.ended
      expect(call.message).toBe('no such account')
      expect(GatewrightError.isInstance(call.error)).toBe(false)
    })

    test('static methods are gated too', async () => {
      const s = scene()
      setDefaultGate(s.gate)
      const call = attempt(compiled.Bank.close('main street'))
      await s.approve((await s.only()).id)
      await call.ended
      expect(call.value).toBe('closed main street')
    })

    test('gate.requiresApproval binds to its gate, whatever the default is', async () => {
      const s = scene()
      const other = scene()
      setDefaultGate(other.gate)
      const Bound = compiled.boundTo(s.gate)
      const call = attempt(new Bound().run('hello'))
      const { id } = await s.only()
      await s.approve(id)
      await call.ended
      expect(call.value).toBe(`hello ${id}`)
      expect(await other.pending()).toEqual([])
      expect(currentSession()).toBeUndefined()
    })

    test('a decorated method cannot be resumed without its object, and says so', async () => {
      const s = scene({ wait: 'suspend' })
      setDefaultGate(s.gate)
      await attempt(new compiled.Account(1).deposit(1)).ended
      const { id } = await s.only()
      await s.approve(id)
      const resumed = attempt(s.gate.resume(id))
      await resumed.ended
      expect(resumed.code).toBe('ERR_REQUEST_NOT_RESUMABLE')
      expect(resumed.message).toMatch(/method/)
    })

    test('what is no method is refused', () => {
      expect(() => compiled.decorateField()).toThrow(/requiresApproval/)
    })

    test('wrong options are refused where they stand', () => {
      expect(() =>
        requiresApproval({ action: 'Not An Action' })({} as never, 'x', { value: async () => {} }),
      ).toThrow(/action/i)
    })
  })
}
