import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from './exit'

type Options = NonNullable<ParseArgsConfig['options']>

interface Config<Given extends Options> {
  readonly args: string[]
  readonly options: Given & { readonly help: { readonly type: 'boolean'; readonly short: 'h' } }
  readonly allowPositionals: true
  readonly strict: true
}

/**
 * Reads a command's arguments. `--help` and `-h` are always known.
 *
 * @throws UsageError for an unknown option, or one without its value
 */
export function readArguments<const Given extends Options>(
  args: readonly string[],
  options: Given,
): ReturnType<typeof parseArgs<Config<Given>>> {
  try {
    return parseArgs<Config<Given>>({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    // What follows its first sentence is about arguments that begin with a dash, which nobody meant.
    const problem = error instanceof Error ? error.message.split(/\n|\. /)[0] : undefined
    throw new UsageError(`${problem ?? 'the arguments cannot be read'}; --help shows what there is`)
  }
}

/** What is said to a command, and another command: it begins behind `--`, or with the first word that is no option. */
export function splitAtCommand(args: readonly string[], options: Options) {
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
