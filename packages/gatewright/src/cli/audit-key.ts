import { existsSync } from 'node:fs'
import { fileSigner, formatTrust, parseVerifierKey, readLogKeys, type TrustedKey } from '@gatewright/audit'
import { readArguments } from './arguments'
import { Exit, FailedError, UsageError } from './exit'
import type { CommandIo } from './io'

export const KEY_HELP = `Usage: gatewright audit key <directory> [--key FILE]

Prints the trust file of a log: every key that it had, with the sizes that each is valid for. It is public, to be given to
auditors on a way that the log's operator cannot change. The key file is compared with it, and never shown.

Options:
  --key FILE     the log's key. Default: <directory>.key, where there is one
  --json         as JSON, which a trust file is anyway
  -h, --help     show this`

/** Its options, for parsing and completion. */
export const KEY_OPTIONS = {
  key: { type: 'string' },
  json: { type: 'boolean' },
} as const

/** `gatewright audit key`. @returns the exit code */
export async function auditKey(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, KEY_OPTIONS)
  const [directory, ...others] = positionals
  if (directory === undefined || others.length > 0) throw new UsageError('give the directory of one log')
  const path = keyFileOf(directory, values.key)
  const keys = await readLogKeys(directory)
  if (!existsSync(path)) {
    if (values.key !== undefined) throw new UsageError(`there is no key ${path}`)
    io.err(
      `There is no ${path}: these are the keys that the log itself names. Compare them with your signer's.`,
    )
  } else if (!holdsOneOf(path, keys)) {
    throw new FailedError(
      `the log does not name the key in ${path}: it is another log's, or the log was replaced`,
    )
  }
  io.out(formatTrust(keys).trimEnd())
  return Exit.ok
}

/** Where the key of a log lies. */
export function keyFileOf(directory: string, named: string | undefined): string {
  return named ?? `${directory.replace(/[/\\]+$/, '')}.key`
}

/**
 * Whether the file holds one of the log's own keys: the one before the newest, when a rotation did not come to its end.
 * They come first, each where the one before it ends. That further keys sign too, anybody could have written.
 */
function holdsOneOf(path: string, keys: readonly TrustedKey[]): boolean {
  const [first] = keys
  if (first === undefined) return false
  const { verifierKey } = fileSigner(path, { name: parseVerifierKey(first.vkey).name })
  let next: number | null = 0
  for (const { vkey, from, to } of keys) {
    if (from !== next) return false
    if (vkey === verifierKey) return true
    next = to === null ? null : to + 1
  }
  return false
}
