import { OptionError } from '../errors'
import { isObject } from './checks'

/**
 * Refuses options that nobody reads, as {@link checkOptions} does, and answers with a function that reads one by its name:
 * what `check` makes of it, told the option's path and `more`.
 *
 * @throws OptionError `ERR_OPTION_INVALID` naming the option
 */
export function readOptions<Options extends object>(
  options: Options,
  known: readonly (keyof Options & string)[],
  where: string,
) {
  checkOptions(options, known, where)
  return <Name extends keyof Options & string, Read, More extends readonly unknown[]>(
    name: Name,
    check: (value: Options[Name], option: string, ...more: More) => Read,
    ...more: More
  ): Read => check(options[name], `${where}.${name}`, ...more)
}

/**
 * Refuses options that nobody reads: a misspelt key must not leave a gate open (T40).
 *
 * @param known - every name there is
 * @param where - the function and path that took them, for the message: `createGate.redact`
 * @throws OptionError `ERR_OPTION_INVALID` naming the first unknown option, and the nearest known one
 */
export function checkOptions(options: unknown, known: readonly string[], where: string): void {
  const given = options
  if (!isObject(given)) throw new OptionError(where, 'must be an object')
  // Inherited names too: they are read like own ones.
  for (const name in given) {
    if (known.includes(name)) continue
    // What somebody put on Object.prototype is on everything, and nobody's option.
    if (Object.hasOwn(Object.prototype, name) && !Object.hasOwn(given, name)) continue
    throw new OptionError(
      `${where}.${name.slice(0, 60)}`,
      `there is no such option${suggestion(name, known)}`,
    )
  }
  const [symbol] = Object.getOwnPropertySymbols(given)
  if (symbol !== undefined) throw new OptionError(`${where}.${String(symbol)}`, 'there is no such option')
}

function suggestion(name: string, known: readonly string[]): string {
  let nearest: string | undefined
  let best = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of known) {
    const far = distance(name.slice(0, 60).toLowerCase(), candidate.toLowerCase())
    if (far < best) {
      best = far
      nearest = candidate
    }
  }
  return nearest === undefined ? `. Known are: ${known.join(', ')}` : `; did you mean "${nearest}"?`
}

/** How many characters must be added, dropped or replaced to get from one to the other (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= other.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
