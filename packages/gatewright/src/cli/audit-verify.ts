import { statSync, writeFileSync } from 'node:fs'
import { type Verdict, verifyLog } from '@gatewright/audit'
import { makeVisible } from '@gatewright/core'
import { readArguments } from './arguments'
import { FailedError, UsageError } from './exit'
import { readHeads, readTrust } from './files'
import { findingLine } from './finding-line'
import type { CommandIo } from './io'
import { ProgressBar } from './progress-bar'
import { besideWarning, EXIT_OF, MEANING, trustFor } from './verdicts'
import { verifyReceiptFile } from './verify-receipt'

export const VERIFY_HELP = `Usage: gatewright audit verify <directory>... [options]
       gatewright audit verify <receipt> --trust FILE

Checks logs, or the receipt of one decision, offline, with public keys alone: every byte, hash and signature, and what the
events say: nothing ran without its approval, on other arguments, too late, twice, or on the word of too few or the wrong
people. Logs of processes that share a store are given together.

Options:
  --trust FILE        the keys you trust. Default: <directory>.trust.json of each log
  --known-head FILE   a head that you kept: the log must still hold what it held then. May be repeated
  --save-head FILE    keep the heads found, to be given as --known-head next time
  --json              print the verdict as JSON
  -h, --help          show this

Exit codes: 0 valid, 1 invalid, 2 diverged from a known head, 3 incomplete, 4 wrong usage`

/** Its options, for parsing and completion. */
export const VERIFY_OPTIONS = {
  trust: { type: 'string', multiple: true },
  'known-head': { type: 'string', multiple: true },
  'save-head': { type: 'string' },
  json: { type: 'boolean' },
} as const

/** `gatewright audit verify`. @returns the exit code */
export async function auditVerify(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals: directories } = readArguments(args, VERIFY_OPTIONS)
  if (directories.length === 0)
    throw new UsageError('which log? Give the directory of one or more logs, or a receipt')
  const receipt = receiptAmong(directories)
  if (receipt !== null) return EXIT_OF[verifyReceiptFile(receipt, values, io)]
  const trust = trustFor(directories, values.trust)
  const knownHeads = (values['known-head'] ?? []).flatMap((path) => [...readHeads(path)])
  const bar = new ProgressBar(io)
  const verdict = await verifyLog({
    directories,
    trust: trust.files.flatMap((path) => [...readTrust(path)]),
    knownHeads,
    onProgress: (progress) => bar.update(progress),
  })
  bar.done()
  if (values['save-head'] !== undefined) saveHead(values['save-head'], verdict, io)
  if (values.json) io.out(JSON.stringify(verdict, null, 2))
  else describe(verdict, io)
  const warning = besideWarning(trust)
  if (warning !== null) io.err(warning)
  return EXIT_OF[verdict.status]
}

/** Keeps the heads of logs that hold; those of others would only pass what is wrong with them off as known. */
function saveHead(path: string, { heads, status }: Verdict, io: CommandIo): void {
  if (status !== 'valid') {
    io.err(`The head was not kept in ${path}: the log is ${status}.`)
    return
  }
  try {
    writeFileSync(path, `${JSON.stringify(heads, null, 2)}\n`)
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException
    throw new FailedError(
      `the log is valid, but its head cannot be written to ${path} (${code}); name another place with --save-head`,
      { cause: error },
    )
  }
}

/** The receipt to verify, when a file was named. @throws UsageError when something else was named with it */
function receiptAmong(paths: readonly string[]): string | null {
  const file = paths.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
  if (file !== undefined && paths.length > 1)
    throw new UsageError(`${file} is a receipt: verify it alone, and logs without it`)
  return file ?? null
}

function describe(verdict: Verdict, io: CommandIo): void {
  const { counts, heads, findings, unlisted, status } = verdict
  io.out(
    `${number(counts.entries)} entries in ${number(counts.segments)} segments of ${number(counts.logs)} logs: ${number(counts.checkpoints)} checkpoints, ${number(counts.signatures)} signatures, ${number(counts.tiles)} tiles, ${number(counts.knownHeads)} known heads`,
  )
  io.out(
    `${number(counts.requests)} requests, ${number(counts.votes)} votes, ${number(counts.executions)} executions${counts.observed === 0 ? '' : `, ${number(counts.observed)} of them only observed`}`,
  )
  for (const { origin, size, root } of heads)
    io.out(`head of ${makeVisible(origin).text}: ${number(size)} entries, root ${root}`)
  for (const finding of findings) io.out(findingLine(finding))
  if (unlisted > 0) io.out(`and ${number(unlisted)} more findings`)
  io.out(`${status}: ${MEANING[status]}`)
  if (status === 'valid' && counts.knownHeads === 0)
    io.err(
      'No known head was given: a log that was rewritten whole with its own key cannot be told from this one. Keep the head with --save-head FILE, elsewhere.',
    )
}

function number(count: number): string {
  return count.toLocaleString('en-US')
}
