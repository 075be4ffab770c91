import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type FileAudit, fileAudit } from '@gatewright/audit'
import { consoleApprover } from '@gatewright/console'
import {
  type Approver,
  type GateOptions as CoreGateOptions,
  createGate as createCoreGate,
  type Gate,
  OptionError,
} from '@gatewright/core'
import { sqliteStore } from '@gatewright/store-sqlite'
import { quoteCommand } from './cli/shell-words'
import { groupsNamed } from './console-groups'
import { rememberLog, sinkOf } from './own-log'

/** What a program says once about its gate. */
export interface GateOptions extends Omit<CoreGateOptions, 'approvers'> {
  /**
   * How requests reach people. An empty list says that people come by themselves, through `gate.vote` or
   * `gatewright inbox`.
   *
   * @default at a terminal, the person there: `consoleApprover`, as a member of the groups that `reviewers` or
   *   `requirement` name. Without a terminal, none
   */
  readonly approvers?: readonly Approver[]
  /**
   * Where what the gate keeps by itself lies: requests in `requests.db`, the signed log in `audit-log/`, and its key beside
   * it. Made with mode 0700. Keep it out of version control. One process writes a log: to share requests among processes,
   * give them one `store`, and each its own `dataDirectory`.
   *
   * @default '.gatewright', in the directory that the program runs in
   */
  readonly dataDirectory?: string
}

/** A part that a gate made for itself, and closes. */
interface OwnPart {
  close(): unknown
}

/**
 * Makes a gate that forgets nothing: unless other parts are given, requests are kept in SQLite and the signed log in files,
 * both in `.gatewright/`, and closed with the gate. With `ephemeral: true` nothing is written. Everything else is as in
 * `@gatewright/core`.
 *
 * Parts that cannot be opened run nothing: calls are refused with `ERR_AUDIT_UNAVAILABLE` or `ERR_STORE_UNAVAILABLE` and
 * the reason. Executions that an earlier run left without an outcome are told to the logger.
 *
 * @throws OptionError naming the option that is wrong, unknown or missing
 * @example
 * ```ts
 * import { createGate, group } from 'gatewright'
 *
 * const gate = createGate({ agent: { id: 'ops-bot', owner: null }, reviewers: group('ops') })
 * ```
 */
export function createGate(options: GateOptions): Gate {
  const { approvers, dataDirectory, ...given } = options
  if (dataDirectory !== undefined && (typeof dataDirectory !== 'string' || dataDirectory === ''))
    throw new OptionError('createGate.dataDirectory', 'must be the path of a directory')
  const core = { ...given, approvers: approvers ?? atTerminal(options) }
  const missing =
    core.ephemeral === true ? [] : (['store', 'audit'] as const).filter((name) => core[name] === undefined)
  if (missing.length === 0) {
    if (dataDirectory !== undefined)
      throw new OptionError('createGate.dataDirectory', 'is of no use: nothing would be kept in it')
    return createCoreGate(core)
  }
  const place = resolve(dataDirectory ?? '.gatewright')
  makeDirectory(place)
  const own: OwnPart[] = []
  const keep = <Part extends OwnPart>(part: Part): Part => {
    own.push(part)
    return part
  }
  try {
    const store = core.store ?? keep(sqliteStore({ file: join(place, 'requests.db') }))
    const directory = join(place, 'audit-log')
    const log = core.audit === undefined ? keep(fileAudit({ directory })) : null
    const sink = log === null ? null : sinkOf(log, directory)
    const gate = closing(createCoreGate({ ...core, store, audit: sink ?? core.audit ?? null }), own)
    if (log !== null) tellUnknown(log, core.logger ?? console)
    if (sink !== null) rememberLog(gate, sink.opened)
    return gate
  } catch (error) {
    for (const part of own) void part.close()
    throw error
  }
}

function makeDirectory(place: string): void {
  try {
    mkdirSync(place, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const { code = 'it failed' } = cause as NodeJS.ErrnoException
    throw new OptionError(
      'createGate.dataDirectory',
      `${place} cannot be made (${code}): name a directory that this user may write`,
    )
  }
}

/** Whoever sits at the terminal, if somebody can. */
function atTerminal(options: GateOptions): readonly Approver[] {
  const isTerminal = process.stdin.isTTY === true && (process.stdout.isTTY || process.stderr.isTTY) === true
  if (isTerminal) return [consoleApprover({ groups: groupsNamed(options) })]
  // Who left "approvers" out may think that somebody is asked. Standard output is the program's own.
  const logger = options.logger ?? console
  // What nothing keeps cannot be seen from elsewhere.
  const inbox = options.ephemeral === true ? '' : ` what waits is decided with "${inboxOf(options)}", or`
  logger.warn(`there is no terminal to ask at:${inbox} name approvers`)
  return []
}

/** What shows at a terminal of its own what this gate asks. */
function inboxOf(options: GateOptions): string {
  const groups = groupsNamed(options).flatMap((name) => ['--group', name])
  const { dataDirectory, store } = options
  const place =
    dataDirectory === undefined || store !== undefined ? [] : ['--store', join(dataDirectory, 'requests.db')]
  return quoteCommand(['npx', 'gatewright', 'inbox', ...groups, ...place])
}

function tellUnknown(audit: FileAudit, logger: NonNullable<CoreGateOptions['logger']>): void {
  audit.opened.then(
    ({ unknown }) => {
      if (unknown.length > 0)
        logger.warn('calls were cut off while they ran; what became of them is unknown', {
          requestIds: unknown,
        })
    },
    // The first call is refused with the reason.
    () => {},
  )
}

/** The same gate, which closes after itself what it made: the log last, since what closes is recorded. */
function closing(gate: Gate, parts: readonly OwnPart[]): Gate {
  const closeGate = gate.close
  let ended: Promise<void> | null = null
  const closeAll = async (): Promise<void> => {
    try {
      await closeGate()
    } finally {
      for (const part of parts) await part.close()
    }
  }
  const close = (): Promise<void> => {
    ended ??= closeAll()
    return ended
  }
  return Object.assign(gate, { close, [Symbol.asyncDispose]: close })
}
