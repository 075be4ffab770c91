import type { StandardSchema } from '@gatewright/core'
import { fitting } from '@gatewright/core/agents'
import { z } from 'zod'
import { checkedBy } from '../arguments'
import { tamed } from './tame-schema'

/** What this package reads of a function tool of the Agents SDK. */
export interface AnyFunctionTool {
  readonly type: 'function'
  readonly name: string
  invoke(...args: never[]): Promise<unknown>
}

/** What the SDK hands to a tool beside its input. */
export interface Details {
  readonly toolCall?: { readonly callId?: string }
  readonly signal?: AbortSignal | undefined
}

/** A function tool as it is called. */
export interface FunctionTool extends AnyFunctionTool {
  readonly parameters?: object
  readonly timeoutMs?: number
  readonly outputSchema?: object
  readonly errorFunction?: ((context: unknown, error: Error, details?: Details) => unknown) | null
  readonly needsApproval?: (context: unknown, args: unknown, callId?: string) => Promise<boolean>
  invoke(context: unknown, input: string, details?: Details): Promise<unknown>
}

const schemas = new WeakMap<object, StandardSchema>()

/**
 * The check of a tool's arguments, by the JSON Schema that the model was given: the SDK looks at it only within the tool, which
 * is after people were asked (T33). One that zod cannot read, or that could keep it busy without an end, is looked at without it.
 */
export function schemaOf({ parameters = {} }: FunctionTool): StandardSchema {
  const known = schemas.get(parameters)
  if (known !== undefined) return known
  const found = read(parameters)
  const made = found === null ? fitting(() => parameters) : checkedBy((args) => check(found, args))
  schemas.set(parameters, made)
  return made
}

function check(schema: z.ZodType, args: unknown): void {
  if (typeof args !== 'object' || args === null || Array.isArray(args))
    throw new Error('The arguments must be a JSON object')
  const { error } = schema.safeParse(args)
  if (error) throw new Error(error.issues.map(inWords).join('; '))
}

function read(parameters: object): z.ZodType | null {
  try {
    const known = tamed(parameters)
    return known === null ? null : z.fromJSONSchema(known as z.core.JSONSchema.JSONSchema)
  } catch {
    return null
  }
}

function inWords({ message, path }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}
