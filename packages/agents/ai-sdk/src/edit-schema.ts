import { isDeepStrictEqual } from 'node:util'
import type { StandardResult, StandardSchema } from '@gatewright/core'
import type { AnyTool } from './tool'

type Check = (value: unknown) => StandardResult<unknown> | Promise<StandardResult<unknown>>

/** The input of a call, as the SDK parsed it. */
export interface Parsed {
  readonly input: unknown
}

/**
 * What checks the arguments that a reviewer wrote. Those that the SDK has parsed are taken as they
 * are: a schema may transform, and what comes out of it need not go in again.
 */
export function editSchema({ inputSchema }: AnyTool, parsed: ReadonlySet<Parsed>): StandardSchema {
  const check = checkOf(inputSchema)
  return {
    '~standard': {
      version: 1,
      vendor: 'gatewright',
      validate: (value) =>
        [...parsed].some(({ input }) => isDeepStrictEqual(input, value)) ? { value } : check(value),
    },
  }
}

/** The SDK takes a Standard Schema, a schema of its own, or a function that makes one. */
function checkOf(schema: unknown): Check {
  if (typeof schema === 'function' && !('~standard' in schema)) return (value) => checkOf(schema())(value)
  const { '~standard': standard, validate } = (schema ?? {}) as {
    readonly '~standard'?: StandardSchema['~standard']
    readonly validate?: (value: unknown) => unknown
  }
  if (standard !== undefined) return (value) => standard.validate(value)
  // `jsonSchema()` without a `validate`: the SDK checks nothing either.
  if (validate === undefined) return (value) => ({ value })
  return async (value) => {
    const result = (await validate(value)) as
      | { readonly success: true; readonly value: unknown }
      | { readonly success: false; readonly error: Error }
    return result.success ? { value: result.value } : { issues: [{ message: result.error.message }] }
  }
}
