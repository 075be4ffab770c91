import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from './exit'

type Options = NonNullable<ParseArgsConfig['options']>

/**
 * Reads a command's arguments. `--help` and `-h` are always known.
 *
 * @throws UsageError for an unknown option, or one without its value
 */
export function readArguments<const Given extends Options>(args: readonly string[], options: Given) {
  try {
    return parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    throw new UsageError(
      error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'the arguments cannot be read',
    )
  }
}
