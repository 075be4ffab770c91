import type { StandardSchema } from '@gatewright/core'

/** What a model wrote as arguments, read; or what to tell it. */
export type ReadArguments = { readonly args: unknown } | { readonly text: string }

/** T33: a model may write anything, and nobody is asked about what is not JSON. */
export function readArguments(name: string, text: unknown): ReadArguments {
  try {
    return { args: JSON.parse(text as string) }
  } catch {
    return {
      text: `${name} was not executed. Its arguments are not valid JSON. Send one JSON object and call again.`,
    }
  }
}

/**
 * A schema that lets `check` look at the arguments and leaves them as they are, for tools that read them once more when they
 * run: what comes out of a schema need not go in again.
 *
 * @param check - throws, or rejects, with what is wrong
 */
export function checkedBy(check: (args: unknown) => unknown): StandardSchema {
  return {
    '~standard': {
      version: 1,
      vendor: 'gatewright',
      validate(value) {
        const wrong = (error: unknown) => ({
          issues: [{ message: error instanceof Error ? error.message : String(error) }],
        })
        try {
          const checked = check(value)
          return checked instanceof Promise ? checked.then(() => ({ value }), wrong) : { value }
        } catch (error) {
          return wrong(error)
        }
      },
    },
  }
}
