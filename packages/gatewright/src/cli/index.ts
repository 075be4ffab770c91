import { AuditLogError } from '@gatewright/audit'
import { GatewrightError } from '@gatewright/core'
import { ownWords, runsAnother } from './command'
import { COMMANDS } from './commands'
import { watchForCutOff } from './cut-off'
import { Exit, FailedError, HelpAskedError, OutputClosedError, UsageError } from './exit'
import { helpFor, noCommand } from './help'
import { type CommandIo, processIo } from './io'

export type { CommandIo } from './io'

/**
 * Runs the command line.
 *
 * With `--json`, where a command has it, whatever goes to standard error is JSON too, one object a line: `{ "note": "…" }`
 * for what goes beside the result, and `{ "error": { "code", "message" } }` for why there is none.
 *
 * @param args - what follows the program's name
 * @returns the exit code: 0 done, 1 it does not hold, 2 diverged, 3 incomplete, 4 wrong usage. Never rejects
 */
export async function run(args: readonly string[], io: CommandIo = processIo()): Promise<number> {
  const words = spelledOut(args)
  const command = COMMANDS.find(({ name }) => name.split(' ').every((word, at) => words[at] === word))
  const json =
    ownWords(words).includes('--json') && (command === undefined || command.options.json !== undefined)
  const sayWhy = (code: string, message: string) =>
    io.err(json ? JSON.stringify({ error: { code, message } }) : `gatewright: ${message}`)
  const done = watchForCutOff(command?.name, (message) => sayWhy('ERR_FAILED', message))
  try {
    if (command === undefined) return listed(words, io, json)
    const rest = words.slice(command.name.split(' ').length)
    return await command.run(rest, json && !runsAnother(command) ? inJson(io) : io, COMMANDS)
  } catch (error) {
    io.progress(null)
    if (error instanceof OutputClosedError) return Exit.ok
    if (error instanceof HelpAskedError) {
      io.out(helpFor(command?.name.split(' ') ?? [], COMMANDS))
      return Exit.ok
    }
    sayWhy(codeOf(error), error instanceof Error ? error.message : 'it failed')
    return exitOf(error)
  } finally {
    done()
  }
}

/** `--help` and `--version` are words for commands, and `audit help verify` means `help audit verify`. */
function spelledOut([first, second, ...rest]: readonly string[]): readonly string[] {
  const more = second === undefined ? rest : [second, ...rest]
  if (first === undefined) return []
  if (first === '--version' || first === '-v') return ['version', ...more]
  if (isHelp(first)) return ['help', ...more]
  const inGroup = COMMANDS.some(({ name }) => name.startsWith(`${first} `))
  return inGroup && second !== undefined && isHelp(second) ? ['help', first, ...rest] : [first, ...more]
}

function isHelp(word: string): boolean {
  return word === 'help' || word === '--help' || word === '-h'
}

/** Without a command, what there is; with half of one too. That is text for people: whoever wants JSON gets the error. */
function listed(words: readonly string[], io: CommandIo, json: boolean): number {
  const options = words.findIndex((word) => word.startsWith('-'))
  const named = options === -1 ? words : words.slice(0, options)
  if (named.length > 1) throw noCommand(named.slice(0, 2).join(' '), COMMANDS)
  const text = helpFor(named.length === 0 && !json ? words : named, COMMANDS)
  if (json) throw new UsageError('name a whole command: gatewright help lists them')
  io.out(text)
  return Exit.usage
}

/** What goes beside the result, as a note. */
function inJson(io: CommandIo): CommandIo {
  return { ...io, err: (note) => io.err(JSON.stringify({ note })) }
}

/** The stable code of what went wrong: that of the error, or of what caused it. */
function codeOf(error: unknown): string {
  const known = [error, error instanceof Error ? error.cause : null].find((one) =>
    GatewrightError.isInstance(one),
  )
  if (GatewrightError.isInstance(known)) return known.code
  return error instanceof FailedError ? 'ERR_FAILED' : 'ERR_USAGE'
}

function exitOf(error: unknown): number {
  if (error instanceof UsageError) return Exit.usage
  // Wrong options are usage; a log that cannot be read is a result.
  const isUsage = GatewrightError.isInstance(error, 'ERR_OPTION_INVALID')
  const isResult = error instanceof AuditLogError || error instanceof FailedError
  return isResult && !isUsage ? Exit.invalid : Exit.usage
}
