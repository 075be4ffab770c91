import { existsSync } from 'node:fs'
import {
  AuditLogError,
  fileAudit,
  fileSigner,
  formatTrust,
  parseVerifierKey,
  readLogKeys,
  rotateKeyFile,
} from '@gatewright/audit'
import { readArguments } from './arguments'
import { keyFileOf } from './audit-key'
import { Exit, UsageError } from './exit'
import type { CommandIo } from './io'

export const ROTATE_KEY_HELP = `Usage: gatewright audit rotate-key <directory> [--key FILE]

Hands a log over to a new key, and prints its new trust file. The program that writes the log must be stopped; a running one
rotates with rotateKey() or rotateKeyFile().

The new key is made at <key>.next, the log records that it takes over, and only then it gets the old one's place, which
stays as <key>.retired-<key id>. Run again after a crash: what was begun is finished.

Options:
  --key FILE     the log's key. Default: <directory>.key
  --json         the trust file, and where the old key lies, as one JSON document
  -h, --help     show this`

/** Its options, for parsing and completion. */
export const ROTATE_KEY_OPTIONS = {
  key: { type: 'string' },
  json: { type: 'boolean' },
} as const

/** `gatewright audit rotate-key`. @returns the exit code */
export async function auditRotateKey(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, ROTATE_KEY_OPTIONS)
  const [directory, ...others] = positionals
  if (directory === undefined || others.length > 0) throw new UsageError('give the directory of one log')
  const path = keyFileOf(directory, values.key)
  // Opening would begin a log, and a key, where there is none.
  if (!existsSync(path)) throw new UsageError(`there is no key ${path}; name it with --key FILE`)
  const retired = await rotate(directory, path)
  const trust = formatTrust(await readLogKeys(directory)).trimEnd()
  io.out(values.json ? JSON.stringify({ retired, trust: JSON.parse(trust) }, null, 2) : trust)
  io.err(
    `The key was rotated. The old one lies at ${retired}: nothing needs it any more, and it may be destroyed.\nGive the trust file above to whoever verifies this log, on another way than the log.`,
  )
  return Exit.ok
}

/** @returns where the old key lies */
async function rotate(directory: string, path: string): Promise<string> {
  const [first] = await readLogKeys(directory)
  const waiting = `${path}.next`
  const name = first === undefined ? '' : parseVerifierKey(first.vkey).name
  const begun = existsSync(waiting) ? fileSigner(waiting, { name }).verifierKey : null
  const held = fileSigner(path, { name }).verifierKey
  const log = fileAudit({ directory, keyFile: path })
  try {
    await log.opened
    // An earlier run came as far as the log: opening it has done the rest.
    if (log.verifierKey === begun) return `${path}.retired-${held.split('+')[1]}`
    return await rotateKeyFile(log, path)
  } catch (error) {
    // Why it could not be opened says more than that it could not.
    const cause = error instanceof Error ? error.cause : null
    throw cause instanceof AuditLogError ? cause : error
  } finally {
    await log.close()
  }
}
