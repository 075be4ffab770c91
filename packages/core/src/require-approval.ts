import { GatewrightError, OptionError } from './errors'
import type { Gate } from './gate'
import { sharedRegistry } from './registry'
import {
  type ApprovalOptions,
  entryOf,
  type GateEntry,
  type GateFinder,
  gateKnown,
  type RequireApproval,
  wrapFunction,
} from './wrap'

/** Which gate the top-level wrappers use. */
export interface WithGate {
  /** @default the gate named by `setDefaultGate`, looked up at each call */
  readonly gate?: Gate
}

/**
 * Names the gate for `requireApproval` and `requiresApproval` without one, for every copy of this package in the program.
 * `null` forgets it.
 */
export function setDefaultGate(gate: Gate | null): void {
  sharedRegistry().defaultGate = gate ?? undefined
  const entry = entryOf(gate)
  if (entry !== undefined) for (const tell of early.splice(0)) tell(entry)
}

/** Wrappers that were made before there was a default gate. */
const early: ((entry: GateEntry) => void)[] = []

/**
 * Puts a person in front of a function: each call of the result is policed, shown, decided on, and then runs once, on the
 * arguments that were shown. May be called before any gate exists; a call without one fails clearly and runs nothing.
 *
 * @throws OptionError naming what is wrong with the options
 * @example
 * ```ts
 * import { requireApproval } from '@gatewright/core'
 *
 * async function deleteUser(id: string): Promise<void> {}
 *
 * const deleteUserSafely = requireApproval(deleteUser, { action: 'user.delete', parameters: ['id'] })
 * ```
 */
export const requireApproval: RequireApproval<WithGate> = ((
  fn: unknown,
  options: ApprovalOptions & WithGate,
) => wrapFunction(fn, options, gateFinder(options), false)) as RequireApproval<WithGate>

/** Finds the gate for a wrapper: the one it was given, or the default at the time of the call. */
export function gateFinder(options: WithGate | undefined): GateFinder {
  const given = options?.gate
  if (given === undefined) return defaultFinder
  const entry = entryOf(given)
  if (entry === undefined)
    throw new OptionError(
      'requireApproval.gate',
      'is not a gate made by createGate of this copy of the package',
    )
  return gateKnown(entry)
}

const defaultFinder: GateFinder = {
  forCall: defaultEntry,
  whenKnown(tell) {
    const entry = entryOf(sharedRegistry().defaultGate)
    if (entry === undefined) early.push(tell)
    else tell(entry)
  },
}

function defaultEntry(): GateEntry {
  const entry = entryOf(sharedRegistry().defaultGate)
  if (entry !== undefined) return entry
  throw new GatewrightError(
    'ERR_GATE_MISSING',
    'there is no gate for this call, so nothing was executed. Pass one as "gate", or call setDefaultGate(createGate(...)).',
  )
}
