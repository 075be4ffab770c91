import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { makeReceipt, type Receipt } from '@gatewright/audit'
import { makeVisible } from '@gatewright/core'
import { readArguments } from './arguments'
import { Exit, UsageError } from './exit'
import type { CommandIo } from './io'
import { refuseToReplace, writeLines } from './output'
import { findRequest } from './request-ids'

export const RECEIPT_HELP = `Usage: gatewright audit receipt <directory> <request id> [options]

Writes one decision to a file: who asked for what, who decided, what ran, and proofs that all of it stands in the log. It
verifies years later, offline, without the log: gatewright audit verify <file> --trust FILE

The end of an id is enough, as "gatewright audit show" prints it.

Options:
  --out FILE     where to. Default: receipt-<request id>.json, here
  --force        replace the file
  --disclose     show, and prove, personal values that the log has as commitments
  --json         say what was written as JSON
  -h, --help     show this

Example:
  gatewright audit receipt ./audit-log 6X5T49 --out export-of-november.json`

/** Its options, for parsing and completion. */
export const RECEIPT_OPTIONS = {
  out: { type: 'string' },
  force: { type: 'boolean' },
  disclose: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/** `gatewright audit receipt`. @returns the exit code */
export async function auditReceipt(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, RECEIPT_OPTIONS)
  const [directory, name, ...others] = positionals
  if (directory === undefined || name === undefined || others.length > 0)
    throw new UsageError('give the directory of one log, and the id of one request')
  if (!existsSync(join(directory, 'journal')))
    throw new UsageError(`${directory} holds no log: there is no journal in it`)
  if (values.out !== undefined) refuseToReplace(values.out, values.force)
  const requestId = await findRequest(directory, name)
  const path = values.out ?? `receipt-${requestId.replace(/[^\w.-]/g, '_')}.json`
  refuseToReplace(path, values.force)
  const receipt = await makeReceipt(directory, requestId, { disclose: values.disclose ?? false })
  await writeLines(path, textOf(receipt))
  if (values.json) {
    io.out(JSON.stringify({ file: path, requestId, events: receipt.events.length }, null, 2))
    return Exit.ok
  }
  io.out(`${path}: ${receipt.events.length} events of ${makeVisible(requestId).text}, with their proofs`)
  io.out(`verify it anywhere: gatewright audit verify ${path} --trust FILE`)
  io.err(`FILE holds the log's public key: "gatewright audit key ${directory} > trust.json" prints it.`)
  return Exit.ok
}

async function* textOf(receipt: Receipt): AsyncGenerator<string, void, void> {
  yield `${JSON.stringify(receipt, null, 2)}\n`
}
