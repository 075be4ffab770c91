import { OptionError } from '../errors'

const NEEDS_ESCAPE = /[~/]/

/** One step as it stands in a JSON Pointer. */
export function pointerStep(step: string | number): string {
  if (typeof step === 'number' || !NEEDS_ESCAPE.test(step)) return `/${step}`
  return `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The steps of a path that is known to be a pointer, as they stand in it: escaped. */
export function writtenSteps(path: string): readonly string[] {
  return path.split('/').slice(1)
}

/** What a step of a pointer stands for. */
export function readStep(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** The JSON Pointer (RFC 6901) of the steps from the root; `''` is the root. */
export function formatPointer(steps: readonly (string | number)[]): string {
  let pointer = ''
  for (const step of steps) pointer += pointerStep(step)
  return pointer
}

/**
 * The steps of a JSON Pointer (RFC 6901).
 *
 * @param option - what the error names
 * @throws OptionError `ERR_OPTION_INVALID` when it is not one
 */
export function parsePointer(pointer: string, option = 'pointer'): readonly string[] {
  if (typeof pointer !== 'string')
    throw new OptionError(option, 'must be a JSON Pointer, such as "/user/password"')
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) {
    throw new OptionError(
      option,
      `"${pointer}" is no JSON Pointer: write "/user/password", with ~0 for "~" and ~1 for "/"`,
    )
  }
  return writtenSteps(pointer).map(readStep)
}

/** The value at the steps, by own properties and array indices only; `undefined` where there is none. */
export function valueAt(value: unknown, steps: readonly string[]): unknown {
  let current = value
  for (const step of steps) {
    if (typeof current !== 'object' || current === null) return undefined
    if (Array.isArray(current) && !/^(0|[1-9]\d*)$/.test(step)) return undefined
    if (!Object.hasOwn(current, step)) return undefined
    current = (current as Record<string, unknown>)[step]
  }
  return current
}

/**
 * Whether the steps lie at the pattern or below it. `*` in the pattern stands for any one step; there is no way to say a
 * literal `*`, which the wildcard covers too.
 */
export function isCovered(pattern: readonly string[], steps: readonly (string | number)[]): boolean {
  if (steps.length < pattern.length) return false
  return pattern.every((step, index) => step === '*' || step === String(steps[index]))
}
