import { readArguments } from './arguments'
import type { Command } from './command'
import { bashScript } from './complete/bash'
import { choicesOf } from './complete/choices'
import { fishScript } from './complete/fish'
import { zshScript } from './complete/zsh'
import { Exit, UsageError } from './exit'
import type { CommandIo } from './io'

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const

export const COMPLETION_HELP = `Usage: gatewright completion <bash|zsh|fish>

Prints a script that completes commands, options, files and folders in your shell. It says nothing of requests: it opens no
store.

Options:
  -h, --help     show this

Examples:
  echo 'eval "$(gatewright completion bash)"' >> ~/.bashrc
  echo 'source <(gatewright completion zsh)' >> ~/.zshrc
  gatewright completion fish > ~/.config/fish/completions/gatewright.fish`

/** It has none of its own. */
export const COMPLETION_OPTIONS = {} as const

/** `gatewright completion`. @returns the exit code */
export function completion(args: readonly string[], io: CommandIo, all: readonly Command[]): number {
  const { positionals } = readArguments(args, COMPLETION_OPTIONS)
  const [shell, ...others] = positionals
  const shells = Object.keys(SCRIPTS)
  if (shell === undefined || others.length > 0)
    throw new UsageError(`for which shell? Give one of ${shells.join(', ')}`)
  if (!isShell(shell))
    throw new UsageError(`there is no completion for ${shell}: give one of ${shells.join(', ')}`)
  io.out(SCRIPTS[shell](choicesOf(all)).trimEnd())
  return Exit.ok
}

function isShell(name: string): name is keyof typeof SCRIPTS {
  return Object.hasOwn(SCRIPTS, name)
}
