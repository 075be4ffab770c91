import { writeFileSync } from 'node:fs'
import { type Finding, type Verdict, verifyLog } from '@gatewright/audit'
import { makeVisible } from '@gatewright/core'
import { readArguments } from './arguments'
import { Exit, UsageError } from './exit'
import { readHeads, readTrust } from './files'
import type { CommandIo } from './io'
import { besideWarning, EXIT_OF, MEANING, progressText, trustFor } from './verdicts'

export const VERIFY_HELP = `Usage: gatewright audit verify <directory>... [options]

Checks logs offline, with public keys alone: every byte, hash and signature, and what the events say: nothing ran without
its approval, on other arguments, too late, twice, or on the word of too few or the wrong people. Logs of processes that
share a store are given together.

Options:
  --trust FILE        the keys you trust. Default: <directory>.trust.json of each log
  --known-head FILE   a head that you kept: the log must still hold what it held then. May be repeated
  --save-head FILE    keep the heads found, to be given as --known-head next time
  --json              print the verdict as JSON
  -h, --help          show this

Exit codes: 0 valid, 1 invalid, 2 diverged from a known head, 3 incomplete, 4 wrong usage`

/** `gatewright audit verify`. @returns the exit code */
export async function auditVerify(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals: directories } = readArguments(args, {
    trust: { type: 'string', multiple: true },
    'known-head': { type: 'string', multiple: true },
    'save-head': { type: 'string' },
    json: { type: 'boolean' },
  })
  if (values.help) {
    io.out(VERIFY_HELP)
    return Exit.ok
  }
  if (directories.length === 0) throw new UsageError('which log? Give the directory of one or more logs')
  const trust = trustFor(directories, values.trust)
  const knownHeads = (values['known-head'] ?? []).flatMap((path) => [...readHeads(path)])
  const verdict = await verifyLog({
    directories,
    trust: trust.files.flatMap((path) => [...readTrust(path)]),
    knownHeads,
    onProgress: (progress) => io.progress(progressText(progress)),
  })
  io.progress(null)
  if (values['save-head'] !== undefined && verdict.status === 'valid')
    writeFileSync(values['save-head'], `${JSON.stringify(verdict.heads, null, 2)}\n`)
  if (values.json) io.out(JSON.stringify(verdict, null, 2))
  else describe(verdict, io)
  const warning = besideWarning(trust)
  if (warning !== null) io.err(warning)
  return EXIT_OF[verdict.status]
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

/** Names may come from a log that somebody made: nothing in them may steer a terminal. */
function findingLine({ severity, code, message, place }: Finding): string {
  const { directory, file, offset, index, eventId } = place
  const where = [
    [directory, file].filter((part) => part !== null).join('/'),
    offset === null ? '' : `at byte ${offset}`,
    index === null ? '' : `entry ${index}`,
    eventId ?? '',
  ].filter((part) => part !== '')
  return makeVisible(`${severity} ${code}${where.length === 0 ? '' : ` (${where.join(', ')})`}: ${message}`)
    .text
}

function number(count: number): string {
  return count.toLocaleString('en-US')
}
