import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { fileAudit, fileSigner, parseCheckpoint, parseNote } from '@gatewright/audit'
import { makeVisible } from '@gatewright/core'
import { readArguments } from './arguments'
import { Exit, UsageError } from './exit'
import { readText } from './files'
import type { CommandIo } from './io'

export const REDACT_HELP = `Usage: gatewright audit redact <directory> --request ID --reason TEXT [options]
       gatewright audit redact <directory> --containing TEXT --reason TEXT

Erases personal values that stand in the log as commitments, records what was erased and why, and leaves a log that still
verifies. What was not committed cannot be erased: see "personal" in docs/audit.md. No program may have the log open.

Options:
  --request ID       what this request or call told. May be repeated
  --containing TEXT  wherever a value holds this text, in capitals or not
  --at POINTER       at this place of the event's data only, such as /note. May be repeated
  --reason TEXT      why: it stands in the log. Do not repeat the value in it
  --by NAME          who had it erased. Default: the user of this system
  --key FILE         the log's key. Default: <directory>.key
  --dry-run          only print what would be erased
  --json             what was erased as JSON
  -h, --help         show this`

/** Its options, for parsing and completion. */
export const REDACT_OPTIONS = {
  request: { type: 'string', multiple: true },
  containing: { type: 'string' },
  at: { type: 'string', multiple: true },
  reason: { type: 'string' },
  by: { type: 'string' },
  key: { type: 'string' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/** `gatewright audit redact`. @returns the exit code: 1 when nothing matched */
export async function auditRedact(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, REDACT_OPTIONS)
  const [directory, ...others] = positionals
  if (directory === undefined || others.length > 0) throw new UsageError('give the directory of one log')
  if (values.request === undefined && values.containing === undefined)
    throw new UsageError('what is to be erased? Give --request ID or --containing TEXT')
  const reason = values.reason ?? (values['dry-run'] ? 'a dry run' : undefined)
  if (reason === undefined) throw new UsageError('give --reason TEXT: it stands in the log for good')
  const log = openExisting(directory, values.key)
  try {
    const { fields } = await log.redact({
      ...(values.request && { requestIds: values.request }),
      ...(values.containing !== undefined && { containing: values.containing }),
      ...(values.at && { pointers: values.at }),
      reason,
      by: values.by ?? userInfo().username,
      dryRun: values['dry-run'] ?? false,
    })
    const dryRun = values['dry-run'] ?? false
    if (values.json) io.out(JSON.stringify({ dryRun, fields }, null, 2))
    else
      for (const { id, index, pointer } of fields)
        io.out(makeVisible(`entry ${index}  ${id}  ${pointer}`).text)
    io.err(summary(fields.length, dryRun))
    return fields.length > 0 ? Exit.ok : Exit.invalid
  } finally {
    await log.close()
  }
}

/** A log that is there: neither a log nor a key is made by looking for one. */
function openExisting(directory: string, key: string | undefined) {
  const { origin } = parseCheckpoint(
    parseNote(readText(join(directory, 'checkpoint'), "the log's checkpoint")).text,
  )
  const path = key ?? `${directory.replace(/[/\\]+$/, '')}.key`
  if (!existsSync(path)) throw new UsageError(`there is no key ${path}; name it with --key FILE`)
  return fileAudit({ directory, signer: fileSigner(path, { name: origin }) })
}

function summary(count: number, dryRun: boolean): string {
  if (count === 0) return 'Nothing matched: nothing was erased.'
  const values = count === 1 ? '1 value' : `${count.toLocaleString('en-US')} values`
  return dryRun
    ? `${values} would be erased.`
    : `${values} erased and recorded. Copies elsewhere are not reached: other logs, backups, the store.`
}
