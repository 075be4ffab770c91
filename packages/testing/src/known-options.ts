import { OptionError } from '@gatewright/core'

/**
 * Refuses options that do not exist: a misspelt one would otherwise be silently left out (T40).
 *
 * @throws OptionError `ERR_OPTION_INVALID` naming the option
 */
export function checkKnown(options: object, known: readonly string[], where: string): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name))
  if (unknown === undefined) return
  throw new OptionError(`${where}.${unknown}`, `there is no such option; there is ${known.join(', ')}`)
}
