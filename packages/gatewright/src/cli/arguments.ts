import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { OptionTable } from './command'
import { HelpAskedError, UsageError } from './exit'
import { didYouMean } from './nearest'

interface Config<Given extends NonNullable<ParseArgsConfig['options']>> {
  readonly args: string[]
  readonly options: Given & { readonly help: { readonly type: 'boolean'; readonly short: 'h' } }
  readonly allowPositionals: true
  readonly strict: true
}

/**
 * Reads a command's arguments. `--help` and `-h` are always known.
 *
 * @throws HelpAskedError when the arguments ask for help
 * @throws UsageError for an unknown option, or one without its value
 */
export function readArguments<const Given extends OptionTable>(
  args: readonly string[],
  options: Given,
): ReturnType<typeof parseArgs<Config<Given>>> {
  let read: ReturnType<typeof parseArgs<Config<Given>>>
  try {
    read = parseArgs<Config<Given>>({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    throw new UsageError(`${problemOf(error, options)}; --help shows what there is`)
  }
  if ((read.values as { readonly help?: boolean }).help === true) throw new HelpAskedError()
  return read
}

function problemOf(error: unknown, options: OptionTable): string {
  // What follows its first sentence is about arguments that begin with a dash, which nobody meant.
  const problem = error instanceof Error ? error.message.split(/\n|\. /)[0] : undefined
  const unknown = /^Unknown option '(--[^']+)'/.exec(problem ?? '')?.[1]
  if (problem === undefined) return 'the arguments cannot be read'
  const dashed = /^Option '(?:-\w, )?(--[^' ]+).*' argument is ambiguous/.exec(problem)?.[1]
  if (dashed !== undefined)
    return `${dashed} has no value; one that begins with a dash is given as ${dashed}=VALUE`
  if (unknown === undefined) return problem
  const names = [...Object.keys(options), 'help'].map((name) => `--${name}`)
  return `${problem}${didYouMean(unknown, names).replace(/\?$/, '')}`
}

/** What is said to a command, and another command: it begins behind `--`, or with the first word that is no option. */
export function splitAtCommand(args: readonly string[], options: OptionTable) {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const first = tokens.find(({ kind }) => kind !== 'option')
  const at = first?.index ?? args.length
  return { before: args.slice(0, at), command: args.slice(first?.kind === 'positional' ? at : at + 1) }
}
