import { isDeepStrictEqual } from 'node:util'
import type { StandardSchema } from '@gatewright/core'

/** The input of a call, as LangChain parsed it. */
export interface Parsed {
  readonly input: unknown
}

/** How the input of a tool that takes a text is shown: as LangChain has a model write it. */
export interface TextInput {
  readonly input?: string
}

/** Whether a tool takes a text: LangChain's schema for those makes it of `{ input: 'text' }`. */
export function takesText(schema: unknown): boolean {
  const { '~standard': standard } = (schema ?? {}) as Partial<StandardSchema>
  try {
    const result = standard?.validate({ input: 'text' })
    return result !== undefined && 'value' in result && result.value === 'text'
  } catch {
    return false
  }
}

/**
 * What checks the arguments that a reviewer wrote. Those that LangChain has parsed are taken as they are: a schema may
 * transform, and what comes out of it need not go in again. A JSON Schema checks nothing here.
 */
export function editSchema(schema: unknown, parsed: ReadonlySet<Parsed>): StandardSchema {
  const { '~standard': standard } = (schema ?? {}) as Partial<StandardSchema>
  return {
    '~standard': {
      version: 1,
      vendor: 'gatewright',
      async validate(value) {
        const isParsed = [...parsed].some(({ input }) => isDeepStrictEqual(input, value))
        if (standard === undefined || isParsed) return { value }
        const result = await standard.validate(value)
        return result.issues === undefined && typeof result.value === 'string' ? { value } : result
      },
    },
  }
}
