import { readArguments } from './arguments'
import type { Command } from './command'
import { Exit, UsageError } from './exit'
import type { CommandIo } from './io'
import { didYouMean } from './nearest'
import { wrapHelp } from './wrap-help'

export const HELP_HELP = `Usage: gatewright help [<command>]

Explains a command, or lists all of them. "gatewright <command> --help" is the same.

Options:
  -h, --help     show this

Examples:
  gatewright help doctor
  gatewright help audit verify`

/** It has none of its own. */
export const HELP_OPTIONS = {} as const

const BEGIN = `Usage: gatewright <command> [options]

Puts a person in front of what an AI agent is about to do.`

const END = `"gatewright help <command>" explains one. What a gate keeps by itself lies in .gatewright/. To begin: gatewright init`

/** `gatewright help`. @returns the exit code */
export function help(args: readonly string[], io: CommandIo, all: readonly Command[]): number {
  const { positionals } = readArguments(args, HELP_OPTIONS)
  io.out(helpFor(positionals, all))
  return Exit.ok
}

/**
 * What is to be said of a command, of a group of them, or of all.
 *
 * @throws UsageError when there is no such command
 */
export function helpFor(words: readonly string[], all: readonly Command[]): string {
  const name = words.join(' ')
  if (name === '') return `${BEGIN}\n\n${listOf(all)}\n\n${wrapHelp(END)}`
  const found = all.find((command) => command.name === name)
  if (found !== undefined) return wrapHelp(found.help)
  const group = all.filter((command) => command.name.startsWith(`${name} `))
  if (group.length > 0) {
    const more = `"gatewright help ${name} <command>" explains one.`
    return `Usage: gatewright ${name} <command> [options]\n\n${listOf(group)}\n\n${more}`
  }
  throw noCommand(name, all)
}

/** There is no such command; what there is, or what was probably meant. */
export function noCommand(name: string, all: readonly Command[]): UsageError {
  const names = all.map((command) => command.name)
  const meant = didYouMean(name, [...names, ...names.map((one) => one.replace(/ .*/, ''))])
  const hint = meant === '' ? `. Commands: ${names.join(', ')}` : meant
  return new UsageError(`there is no command "${name}"${hint}`)
}

/** One line a command, with an empty one between groups. */
function listOf(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const groupOf = ({ name }: Command) => (name.includes(' ') ? name.replace(/ .*/, '') : null)
  return commands
    .map((command, at) => {
      const before = commands[at - 1]
      const gap = before !== undefined && groupOf(before) !== groupOf(command) ? '\n' : ''
      return `${gap}  ${command.name.padEnd(width)}   ${command.about}`
    })
    .join('\n')
}
