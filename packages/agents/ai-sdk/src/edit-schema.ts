import type { StandardResult } from '@gatewright/core'
import { fitting } from '@gatewright/core/agents'
import type { AnyTool } from './tool'

type Result = StandardResult<unknown>

/** The check of a tool's arguments. */
export interface InputCheck {
  /** Whether the SDK has made it already when it calls a tool. */
  readonly isTheSdks: boolean
  check(value: unknown): Result | Promise<Result>
}

/**
 * The SDK takes a Standard Schema, a schema of its own, or a function that makes one. Of `jsonSchema()` without a `validate`, as
 * those of MCP tools are, it checks nothing: they are looked at here, before anybody is asked (T33).
 */
export function checkOf({ inputSchema }: AnyTool): InputCheck {
  const { '~standard': standard, jsonSchema, validate } = schemaIn(inputSchema)
  if (standard !== undefined) return { isTheSdks: true, check: (value) => standard.validate(value) }
  if (validate === undefined) return { isTheSdks: false, check: (value) => fits(jsonSchema, value) }
  return {
    isTheSdks: true,
    async check(value) {
      const result = await validate(value)
      return result.success ? { value: result.value } : { issues: [{ message: result.error.message }] }
    },
  }
}

/** What this package reads of a schema. */
interface Schema {
  readonly '~standard'?: { validate(value: unknown): Result | Promise<Result> }
  /** May be on its way. */
  readonly jsonSchema?: unknown
  readonly validate?: (value: unknown) => Validated | PromiseLike<Validated>
}

type Validated =
  | { readonly success: true; readonly value: unknown }
  | { readonly success: false; readonly error: Error }

function schemaIn(given: unknown): Schema {
  if (typeof given === 'function' && !('~standard' in given)) return schemaIn(given())
  return given ?? {}
}

async function fits(jsonSchema: unknown, value: unknown): Promise<Result> {
  const schema = await jsonSchema
  return fitting(() => schema)['~standard'].validate(value)
}
