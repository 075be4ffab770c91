import type { ActionCall, ActionContext, ActionOptions, StandardSchema } from '../contracts/action'
import { OptionError } from '../errors'

/** An action's options as kept: what its callbacks take is known to the type of the action only. */
export type KeptActionOptions = Omit<ActionOptions, 'input' | 'context' | 'pin'> & {
  readonly input?: StandardSchema
  readonly context?: (call: ActionCall<never>) => ActionContext | Promise<ActionContext>
  readonly pin?: (
    call: ActionCall<never>,
  ) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>
}

/**
 * An action from `defineAction`: its name and options, frozen. `Args` is what its schema puts out; an `Action` without it
 * is any action.
 */
export interface Action<Args = unknown> {
  readonly kind: 'action'
  /** Dotted, lower case: `data.export`. */
  readonly name: string
  readonly options: KeptActionOptions
  /** For the compiler alone, as in Standard Schema; never there. */
  readonly types?: { readonly args: Args }
}

const NAME = /^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$/

/** Whether a text is an action's name: segments of lower-case letters, digits, `_` and `-`, joined by dots. */
export function isActionName(name: unknown): name is string {
  return typeof name === 'string' && NAME.test(name)
}

/** @throws OptionError `ERR_OPTION_INVALID` naming `option`, when `name` is no action name */
export function checkActionName(name: unknown, option: string): string {
  if (isActionName(name)) return name
  throw new OptionError(option, "must be dotted and lower case, such as 'data.export'")
}

/** Whether a value is an action from `defineAction`, of any copy of the package. */
export function isAction(value: unknown): value is Action {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'action'
}
