import type { StandardSchema } from '@gatewright/core'
import { fitting } from '@gatewright/core/agents'

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

/** What checks the arguments that a reviewer wrote. LangChain checks those of the model itself. */
export function checkOf(schema: unknown): StandardSchema['~standard']['validate'] {
  const { '~standard': standard, parse } = (schema ?? {}) as Partial<StandardSchema> & { parse?: unknown }
  if (standard === undefined) {
    // Schemas of an early zod tell nothing here; all others are JSON Schemas.
    return typeof parse === 'function' ? (value) => ({ value }) : fitting(() => schema)['~standard'].validate
  }
  return async (value) => {
    const result = await standard.validate(value)
    return result.issues === undefined && typeof result.value === 'string' ? { value } : result
  }
}
