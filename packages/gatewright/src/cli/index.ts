import { AuditLogError } from '@gatewright/audit'
import { GatewrightError } from '@gatewright/core'
import { version } from '../../package.json'
import { auditExport } from './audit-export'
import { auditKey } from './audit-key'
import { auditReceipt } from './audit-receipt'
import { auditRedact } from './audit-redact'
import { auditReport } from './audit-report'
import { auditRotateKey } from './audit-rotate-key'
import { auditShow } from './audit-show'
import { auditVerify } from './audit-verify'
import { Exit, FailedError, OutputClosedError, UsageError } from './exit'
import { inbox } from './inbox'
import { type CommandIo, processIo } from './io'
import { mcp } from './mcp'
import { requestsCancel } from './requests-cancel'
import { requestsList } from './requests-list'
import { requestsShow } from './requests-show'
import { gatedRun } from './run'

export type { CommandIo } from './io'

const HELP = `Usage: gatewright <command>

  inbox                                 decide, at this terminal, what agents wait for
  mcp -- <command>                      ask before each tool call of an MCP server
  run --action NAME -- <command>        ask before a command line, and run exactly that

  requests list                         print requests
  requests show <request>               print one as its reviewers see it
  requests cancel <request>             cancel what has not begun to run

  audit verify <directory>...           check logs: bytes, signatures, and what they say
  audit verify <receipt>                check the receipt of one decision
  audit show <directory>                print the events of a log, or follow it
  audit receipt <directory> <request>   write one decision to a file that verifies offline
  audit report <directory>...           verify logs, and write a report of evidence for an audit
  audit export <directory>...           print events as OCSF JSON or CSV, for other tools
  audit key <directory>                 print the trust file of a log's keys
  audit rotate-key <directory>          hand a log over to a new key
  audit redact <directory>              erase personal values from a log

  --version                             print the version
  --help                                print this

Each command explains itself with --help. What a gate keeps by itself lies in .gatewright/: begin with
"gatewright requests list" and "gatewright audit show .gatewright/audit-log".`

type Command = (args: readonly string[], io: CommandIo) => number | Promise<number>

const AUDIT: Readonly<Record<string, Command>> = {
  verify: auditVerify,
  show: auditShow,
  receipt: auditReceipt,
  report: auditReport,
  export: auditExport,
  key: auditKey,
  'rotate-key': auditRotateKey,
  redact: auditRedact,
}

const REQUESTS: Readonly<Record<string, Command>> = {
  list: requestsList,
  show: requestsShow,
  cancel: requestsCancel,
}

const GROUPS: Readonly<Record<string, Readonly<Record<string, Command>>>> = {
  requests: REQUESTS,
  audit: AUDIT,
}

const ALONE: Readonly<Record<string, Command>> = { inbox, mcp, run: gatedRun }

/**
 * Runs the command line.
 *
 * @param args - what follows the program's name
 * @returns the exit code: 0 done, 1 it does not hold, 2 diverged, 3 incomplete, 4 wrong usage. Never rejects
 */
export async function run(args: readonly string[], io: CommandIo = processIo()): Promise<number> {
  try {
    return await dispatch(args, io)
  } catch (error) {
    io.progress(null)
    if (error instanceof OutputClosedError) return Exit.ok
    if (error instanceof UsageError) {
      io.err(`gatewright: ${error.message}`)
      return Exit.usage
    }
    // Wrong options are usage; a log that cannot be read is a result.
    const isUsage = GatewrightError.isInstance(error, 'ERR_OPTION_INVALID')
    io.err(`gatewright: ${error instanceof Error ? error.message : 'it failed'}`)
    const isResult = error instanceof AuditLogError || error instanceof FailedError
    return isResult && !isUsage ? Exit.invalid : Exit.usage
  }
}

async function dispatch([group, name, ...rest]: readonly string[], io: CommandIo): Promise<number> {
  if (group === undefined || isHelp(group)) {
    io.out(HELP)
    return group === undefined ? Exit.usage : Exit.ok
  }
  if (group === '--version' || group === '-v') {
    io.out(`gatewright ${version}`)
    return Exit.ok
  }
  if (Object.hasOwn(ALONE, group)) return (ALONE[group] as Command)([name, ...rest].filter(isSaid), io)
  const commands = Object.hasOwn(GROUPS, group) ? GROUPS[group] : undefined
  if (commands !== undefined && (name === undefined || isHelp(name))) {
    io.out(HELP)
    return name === undefined ? Exit.usage : Exit.ok
  }
  if (commands !== undefined && name !== undefined && Object.hasOwn(commands, name))
    return (commands[name] as Command)(rest, io)
  const asked = [group, name].filter(isSaid).join(' ')
  throw new UsageError(`there is no command "${asked}". Commands: ${allCommands().join(', ')}`)
}

function isHelp(word: string): boolean {
  return word === 'help' || word === '--help' || word === '-h'
}

function isSaid(word: string | undefined): word is string {
  return word !== undefined
}

function allCommands(): readonly string[] {
  const grouped = Object.entries(GROUPS).flatMap(([group, commands]) =>
    Object.keys(commands).map((name) => `${group} ${name}`),
  )
  return [...Object.keys(ALONE), ...grouped]
}
