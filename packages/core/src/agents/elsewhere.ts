import { OptionError } from '../errors'

/**
 * Reads the names of tools that a host lets run where no gate can hold them: at the provider of its model, or in a browser.
 * Each has to be named, so that a forgotten one is refused (T32).
 *
 * @param where - the function that took the option `elsewhere`, for messages
 * @throws OptionError for no list of names
 */
export function namesElsewhere(names: unknown, where: string): ReadonlySet<string> {
  if (names === undefined) return new Set()
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && name !== ''))
    throw new OptionError(`${where}.elsewhere`, 'must be a list of names of tools')
  return new Set(names)
}
