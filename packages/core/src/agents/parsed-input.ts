import { isDeepStrictEqual } from 'node:util'
import type { StandardSchema } from '../contracts/action'

/** Checks the arguments of a tool whose framework has parsed those of the model before. */
export interface ParsedInput {
  /** Takes what is being called with as it is, and checks what a reviewer wrote. */
  readonly schema: StandardSchema
  /** Calls with arguments that the framework has parsed: a schema may transform, and what comes out of it need not go in again. */
  during<Answer>(input: unknown, call: () => Promise<Answer>): Promise<Answer>
}

/**
 * Makes the check of a tool's arguments for a framework that parses those of the model itself.
 *
 * @param check - the framework's own, for arguments that a reviewer wrote
 */
export function parsedInput(check: StandardSchema['~standard']['validate']): ParsedInput {
  const parsed = new Set<{ readonly input: unknown }>()
  return {
    schema: {
      '~standard': {
        version: 1,
        vendor: 'gatewright',
        validate(value) {
          for (const { input } of parsed) if (isDeepStrictEqual(input, value)) return { value }
          return check(value)
        },
      },
    },
    async during(input, call) {
      const mine = { input }
      parsed.add(mine)
      try {
        return await call()
      } finally {
        parsed.delete(mine)
      }
    },
  }
}
