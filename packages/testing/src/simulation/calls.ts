import type { CallInput } from './process'
import type { Rng } from './rng'
import { ACTIONS } from './rules'

/** A call that somebody made: enough to make it again. */
export interface MadeCall {
  readonly action: string
  readonly args: readonly [CallInput, ...unknown[]]
  readonly key: string | null
}

/** The calls that programs make. */
export interface Calls {
  readonly made: readonly MadeCall[]
  /** The next one: new, or made before, perhaps under its key with other arguments. */
  choose(): MadeCall
  /** A call under a key went wrong: it will be tried again. */
  wentWrong(call: MadeCall): void
  /** Whether it went wrong before. */
  isRetry(call: MadeCall): boolean
}

/**
 * Makes the calls of a world.
 *
 * @param granted - actions that standing grants were given for
 */
export function createCalls(rng: Rng, granted: () => readonly string[]): Calls {
  const made: MadeCall[] = []
  const failed: MadeCall[] = []
  let calls = 0

  function newCall(): MadeCall {
    calls += 1
    const covered = granted()
    const action = rng.pick(covered.length > 0 && rng.chance(0.2) ? covered : Object.keys(ACTIONS))
    const key = rng.chance(0.45) ? `k${calls}` : null
    const input: CallInput = { tag: `call-${calls}`, key, amount: 1 + rng.below(90) }
    return {
      action,
      key,
      args: action === 'ops.pair' ? [input, { more: [calls, null], deep: { at: 'é' } }] : [input],
    }
  }

  /** The same key with other arguments: must conflict. */
  function altered(call: MadeCall): MadeCall {
    const [input, ...more] = call.args
    return { ...call, args: [{ ...input, amount: input.amount + 100 }, ...more] }
  }

  function choose(): MadeCall {
    if (failed.length > 0 && rng.chance(0.4)) return rng.pick(failed.slice(-2))
    const again = made.length > 0 && rng.chance(0.35) ? rng.pick(made.slice(-8)) : null
    if (again !== null) return again.key !== null && rng.chance(0.1) ? altered(again) : again
    const fresh = newCall()
    made.push(fresh)
    return fresh
  }

  return {
    made,
    choose,
    wentWrong: (call) => void failed.push(call),
    isRetry: (call) => failed.includes(call),
  }
}
