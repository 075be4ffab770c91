import { version as gatewright } from '../../package.json'
import { readArguments } from './arguments'
import { Exit, UsageError } from './exit'
import type { CommandIo } from './io'

export const VERSION_HELP = `Usage: gatewright version [--json]

Prints the version of gatewright.

Options:
  --json         as JSON, with the version of Node that runs it, and the platform
  -h, --help     show this`

/** Its options, for parsing and completion. */
export const VERSION_OPTIONS = { json: { type: 'boolean' } } as const

/** `gatewright version`, and `--version`. @returns the exit code */
export function version(args: readonly string[], io: CommandIo): number {
  const { values, positionals } = readArguments(args, VERSION_OPTIONS)
  if (positionals.length > 0) throw new UsageError(`what is "${positionals[0]}"? There is one version`)
  const { arch, platform, version: node } = process
  if (values.json) io.out(JSON.stringify({ gatewright, node, platform, arch }, null, 2))
  else io.out(`gatewright ${gatewright}`)
  return Exit.ok
}
