import { join } from 'node:path'
import { makeVisible } from '@gatewright/core'
import { readArguments } from './arguments'
import { checkApprovers } from './doctor/check-approvers'
import { checkConfig } from './doctor/check-config'
import { checkDirectory } from './doctor/check-directory'
import { checkLog } from './doctor/check-log'
import { checkNode } from './doctor/check-node'
import { checkOwnParts } from './doctor/check-own-parts'
import { checkReviewers } from './doctor/check-people'
import { checkStore } from './doctor/check-store'
import { type DoctorFinding, DoctorFindings } from './doctor/findings'
import { type DoctorSystem, realSystem } from './doctor/system'
import { Exit, UsageError } from './exit'
import type { CommandIo } from './io'
import { HELP_WIDTH, hang } from './wrap-help'

export const DOCTOR_HELP = `Usage: gatewright doctor [options]

Looks at everything a gate needs, and says of each thing that is wrong what to do about it: the config, Node, the directory
that requests and the log are kept in, both of them, who decides and how they are asked, and the clock. It writes nothing,
sends nobody anything, and works while agents run. Approvers ask their services whether their tokens and channels are good.
The config is loaded, which runs it.

Options:
  --config FILE      the config. Default: gatewright.config.mjs, .js, .mts or .ts in this directory
  --data DIRECTORY   what a gate keeps. Default: what the config says, or .gatewright
  --quick            do not read all of the requests and of the log
  --offline          do not have approvers ask their services
  --json             print what was found as JSON
  -h, --help         show this

Exit codes: 0 nothing has to be done, 1 there is a problem, 4 wrong usage`

/** Its options, for parsing and completion. */
export const DOCTOR_OPTIONS = {
  config: { type: 'string' },
  data: { type: 'string' },
  quick: { type: 'boolean' },
  offline: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/** `gatewright doctor`. @returns the exit code */
export async function doctor(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, DOCTOR_OPTIONS)
  if (positionals.length > 0) throw new UsageError(`what is "${positionals[0]}"? Name a config with --config`)
  const { config, data, quick = false, offline = false } = values
  const findings = await examine({ config, data, quick, offline }, io)
  const worst =
    ['problem', 'warning', 'ok'].find((status) => findings.some((one) => one.status === status)) ?? 'ok'
  if (values.json) io.out(JSON.stringify({ status: worst, findings }, null, 2))
  else describe(findings, io)
  return worst === 'problem' ? Exit.invalid : Exit.ok
}

/** What to look at, and how closely. */
export interface Examination {
  readonly config?: string | undefined
  readonly data?: string | undefined
  readonly quick?: boolean
  /** Whether nothing is asked over a network. */
  readonly offline?: boolean
}

/** Looks at everything. Writes nothing, and sends nobody anything. */
export async function examine(
  { config: file, data, quick = false, offline = false }: Examination,
  io: CommandIo,
  system: DoctorSystem = realSystem,
): Promise<readonly DoctorFinding[]> {
  const findings = new DoctorFindings()
  checkNode(system, findings)
  const { config, options, isBroken } = await checkConfig(file, findings)
  try {
    if (options !== null) {
      await checkApprovers(options.approvers, { offline }, system, findings)
      await checkReviewers(options, findings)
    }
    const keeps =
      options === null ||
      (options.ephemeral !== true && (options.store === undefined || options.audit === undefined))
    const place = data ?? options?.dataDirectory ?? '.gatewright'
    // Of a config that does not load nobody knows where it keeps things.
    if (data === undefined && (isBroken || !keeps)) return findings.list
    if (!checkDirectory(place, system, findings)) return findings.list
    if (options?.store === undefined) await checkStore(join(place, 'requests.db'), system, findings, quick)
    if (options?.audit === undefined)
      await checkLog(join(place, 'audit-log'), { findings, io, quick, system })
    return findings.list
  } finally {
    await checkOwnParts(config, system, findings)
  }
}

const SIGNS = { ok: ['✔', '32'], warning: ['!', '33'], problem: ['✘', '31'] } as const

/** Names may come from a log or a lock that somebody made: nothing in them may steer a terminal. */
function inert(text: string): string {
  return makeVisible(text).text
}

function describe(findings: readonly DoctorFinding[], io: CommandIo): void {
  const names = Math.max(...findings.map(({ check }) => check.length))
  const columns = Math.max(io.columns ?? Number.POSITIVE_INFINITY, HELP_WIDTH)
  for (const { check, fix, message, status } of findings) {
    const [sign, colour] = SIGNS[status]
    const [first = '', ...rest] = hang(`  ${check.padEnd(names)}  `, inert(message), columns)
    io.out([`${io.colour ? `\u001b[${colour}m${sign}\u001b[0m` : sign}${first.slice(1)}`, ...rest].join('\n'))
    // A command is copied: it stays on its line.
    if (fix !== null) io.out(`  ${' '.repeat(names)}  → ${inert(fix)}`)
  }
  const count = (status: DoctorFinding['status']): number =>
    findings.filter((one) => one.status === status).length
  const [problems, warnings] = [count('problem'), count('warning')]
  const said = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
  io.out(
    problems + warnings === 0
      ? 'All is well.'
      : `${said(problems, 'problem')}, ${said(warnings, 'warning')}.`,
  )
}
