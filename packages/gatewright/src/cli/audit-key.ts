import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileSigner, formatTrust, parseCheckpoint, parseNote } from '@gatewright/audit'
import { readArguments } from './arguments'
import { Exit, UsageError } from './exit'
import { readText } from './files'
import type { CommandIo } from './io'

export const KEY_HELP = `Usage: gatewright audit key <directory> [--key FILE]

Prints a trust file for the key that signs a log: public, to be given to auditors on a way that the log's operator cannot
change. The private key is read to derive it, and never shown.

Options:
  --key FILE     the log's key. Default: <directory>.key
  -h, --help     show this`

/** `gatewright audit key`. @returns the exit code */
export function auditKey(args: readonly string[], io: CommandIo): number {
  const { values, positionals } = readArguments(args, { key: { type: 'string' } })
  if (values.help) {
    io.out(KEY_HELP)
    return Exit.ok
  }
  const [directory, ...others] = positionals
  if (directory === undefined || others.length > 0) throw new UsageError('give the directory of one log')
  const path = values.key ?? `${directory.replace(/[/\\]+$/, '')}.key`
  // Reading makes a key where there is none; here that would be a key that nothing was signed with.
  if (!existsSync(path)) throw new UsageError(`there is no key ${path}; name it with --key FILE`)
  const { origin } = parseCheckpoint(
    parseNote(readText(join(directory, 'checkpoint'), "the log's checkpoint")).text,
  )
  io.out(formatTrust([{ vkey: fileSigner(path, { name: origin }).verifierKey, from: 0, to: null }]).trimEnd())
  return Exit.ok
}
