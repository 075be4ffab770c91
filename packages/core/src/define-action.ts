import type { ActionCall, ActionContext, ActionOptions, StandardSchema } from './contracts/action'
import type { CredentialBroker } from './contracts/credentials'
import type { ActionPresentation } from './contracts/request'
import { OptionError } from './errors'
import { type Action, checkActionName, isAction, type KeptActionOptions } from './policy/action'
import {
  checkFunction,
  checkList,
  checkSpan,
  checkString,
  checkSwitch,
  checkWord,
  isObject,
  isText,
  optional,
  otherwise,
} from './values/checks'
import { deepFreeze } from './values/deep-freeze'
import { parseDuration } from './values/durations'
import { checkOptions, readOptions } from './values/options'
import { parsePointer } from './values/pointer'

export type { Action } from './policy/action'

/** An action as the gate uses it: complete, checked and frozen; `null` is what was not said. */
export interface ActionDefinition {
  readonly name: string
  readonly input: StandardSchema | null
  readonly parameters: readonly string[] | null
  /** `title`, `description`, `redact` and `personal`, as a request keeps them. */
  readonly presentation: ActionPresentation
  readonly context: ((call: ActionCall) => ActionContext | Promise<ActionContext>) | null
  readonly pin:
    | ((call: ActionCall) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)
    | null
  readonly facts: { readonly [parameter: string]: (value: unknown) => unknown } | null
  readonly idempotent: boolean
  readonly keepResult: boolean
  readonly onOrphan: 'hold' | 'run'
  /** `null`: no limit. */
  readonly executionTimeoutMs: number | null
  readonly graceMs: number
  readonly credentials: { readonly [name: string]: CredentialBroker } | null
}

const OPTIONS: readonly (keyof ActionOptions)[] = [
  'input',
  'parameters',
  'title',
  'description',
  'context',
  'pin',
  'redact',
  'personal',
  'facts',
  'idempotent',
  'keepResult',
  'onOrphan',
  'executionTimeout',
  'grace',
  'credentials',
]

/** Definitions of actions that this copy made, so that they are read once. */
const definitions = new WeakMap<Action, ActionDefinition>()

/**
 * Defines an action once, for rules, wrappers and `resume`. What its schema puts out is what rules, lookups and the
 * function see; without a schema, arguments have names and no types.
 *
 * @throws OptionError `ERR_OPTION_INVALID` naming the option that is wrong, unknown or contradicts another
 * @example
 * ```ts
 * import { defineAction, group, when } from '@gatewright/core'
 * import { z } from 'zod'
 *
 * const exportTable = defineAction({
 *   name: 'data.export',
 *   input: z.object({ table: z.string(), rows: z.number().int().default(100) }),
 *   title: 'Export a table',
 * })
 * const bigExports = when(exportTable)
 *   .if(({ args }) => args.rows > 10_000)
 *   .require({ reviewers: group('security', { atLeast: 2 }) })
 * ```
 */
export function defineAction<Args = Readonly<Record<string, unknown>>>(
  // Only the schema tells the type of the arguments: a callback's annotation checks nothing.
  definition: { readonly name: string; readonly input?: StandardSchema<unknown, Args> } & NoInfer<
    ActionOptions<Args>
  >,
): Action<Args> {
  checkOptions(definition, ['name', ...OPTIONS], 'defineAction')
  const { name, ...written } = definition
  const options = Object.freeze(written) as KeptActionOptions
  const complete = define(checkActionName(name, 'defineAction.name'), options, 'defineAction')
  const action: Action<Args> = Object.freeze({ kind: 'action', name, options })
  definitions.set(action, complete)
  return action
}

/**
 * What an action is to the gate. An action from `defineAction` brings its options with it; a name takes those given here.
 *
 * @param where - whose options these are, for messages
 * @throws OptionError `ERR_OPTION_INVALID` naming the option that is wrong or unknown, or that belongs in `defineAction`
 */
export function normalizeAction(
  action: Action | string,
  options: ActionOptions = {},
  where = 'requireApproval',
): ActionDefinition {
  if (!isAction(action)) return define(checkActionName(action, `${where}.action`), options, where)
  const extra = Object.keys(options)[0]
  if (extra !== undefined) {
    throw new OptionError(
      `${where}.${extra}`,
      `belongs in the defineAction of ${action.name}, which says it for every use`,
    )
  }
  // An action of another copy of the package is read like one that was just written.
  return (
    definitions.get(action) ?? define(checkActionName(action.name, `${where}.action`), action.options, where)
  )
}

function define(name: string, options: KeptActionOptions, where: string): ActionDefinition {
  const read = readOptions(options, OPTIONS, where)
  const parameters = read('parameters', parseParameters)
  return Object.freeze<ActionDefinition>({
    name,
    input: read('input', parseSchema),
    parameters,
    presentation: deepFreeze({
      title: read('title', optional(checkString)),
      description: read('description', optional(checkString)),
      redact: read('redact', parsePointers, parameters),
      personal: read('personal', parsePointers, parameters),
    }),
    context: read('context', optional(checkFunction)) as ActionDefinition['context'],
    pin: read('pin', optional(checkFunction)) as ActionDefinition['pin'],
    facts: read('facts', parseFacts, parameters),
    idempotent: read('idempotent', checkSwitch),
    keepResult: read('keepResult', checkSwitch),
    onOrphan: read('onOrphan', checkWord<'hold', 'run'>, 'hold', 'run'),
    executionTimeoutMs: read('executionTimeout', optional(checkSpan)),
    graceMs: read('grace', otherwise('5s', parseDuration)),
    credentials: read('credentials', parseCredentials),
  })
}

function parseSchema(input: unknown, option: string): StandardSchema | null {
  if (input === undefined) return null
  // Schemas may be functions (arktype).
  const isHolder = (typeof input === 'object' && input !== null) || typeof input === 'function'
  const standard = isHolder ? (input as Partial<StandardSchema>)['~standard'] : undefined
  if (standard?.version === 1 && typeof standard.validate === 'function') return input as StandardSchema
  throw new OptionError(option, 'must be a Standard Schema, such as one of zod, valibot or arktype')
}

function parseParameters(parameters: unknown, option: string): readonly string[] | null {
  if (parameters === undefined) return null
  const isList = Array.isArray(parameters) && parameters.every(isText)
  // The name would be lost in an object of named arguments.
  if (!isList || parameters.includes('__proto__')) throw new OptionError(option, 'must be a list of names')
  if (new Set(parameters).size < parameters.length) throw new OptionError(option, 'names a parameter twice')
  return Object.freeze([...parameters])
}

/** T43: a path that leads nowhere would leave a secret in clear, so what can be known to be wrong is refused. */
function parsePointers(
  pointers: readonly string[] | undefined,
  option: string,
  parameters: readonly string[] | null,
): readonly string[] {
  return checkList(pointers, option, 'JSON Pointers').map((pointer, index) => {
    const [first] = parsePointer(pointer, `${option}[${index}]`)
    if (parameters !== null && first !== undefined && first !== '*' && !parameters.includes(first)) {
      throw new OptionError(
        `${option}[${index}]`,
        `names no parameter: there are ${parameters.join(', ') || 'none'}`,
      )
    }
    return pointer
  })
}

function parseFacts(
  facts: unknown,
  option: string,
  parameters: readonly string[] | null,
): ActionDefinition['facts'] {
  if (facts === undefined) return null
  if (!isObject(facts)) throw new OptionError(option, 'must be an object of functions, by parameter')
  for (const [parameter, describe] of Object.entries(facts)) {
    checkFunction(describe, `${option}.${parameter}`)
    // Under a name that no argument has, it would never be asked.
    if (!parameters?.includes(parameter)) {
      throw new OptionError(`${option}.${parameter}`, 'is not among "parameters", which must name it')
    }
  }
  return Object.freeze({ ...facts }) as NonNullable<ActionDefinition['facts']>
}

function parseCredentials(credentials: unknown, option: string): ActionDefinition['credentials'] {
  if (credentials === undefined) return null
  if (!isObject(credentials))
    throw new OptionError(option, 'must be an object of credential brokers, by name')
  for (const [name, broker] of Object.entries(credentials)) {
    if (isBroker(broker)) continue
    throw new OptionError(`${option}.${name}`, 'must be a credential broker, with a name, issue and revoke')
  }
  return Object.freeze({ ...credentials }) as NonNullable<ActionDefinition['credentials']>
}

function isBroker(broker: unknown): broker is CredentialBroker {
  if (!isObject(broker)) return false
  return (
    typeof broker.name === 'string' &&
    typeof broker.issue === 'function' &&
    typeof broker.revoke === 'function'
  )
}
