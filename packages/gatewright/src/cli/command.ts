import type { CommandIo } from './io'

/** One option, as `node:util`'s `parseArgs` takes it. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly multiple?: boolean
}

/** The options of a command by their long names, without the dashes. */
export type OptionTable = Readonly<Record<string, OptionSpec>>

/** One command. What it is called, takes and says stands here alone: help, completion and the docs are made of it. */
export interface Command {
  /** Its words: `inbox`, `audit verify`. */
  readonly name: string
  /** What it does, in a few words, for the list of commands. */
  readonly about: string
  /** What `--help` prints. Each of its options has a line there. */
  readonly help: string
  readonly options: OptionTable
  /**
   * Does it.
   *
   * @param args - what follows its name
   * @param all - every command there is, for those that speak of others
   * @returns the exit code
   */
  run(args: readonly string[], io: CommandIo, all: readonly Command[]): number | Promise<number>
}

/** Whether it runs another program, to which its standard streams belong. */
export function runsAnother({ help }: Pick<Command, 'help'>): boolean {
  return (help.split('\n\n')[0] ?? '').includes('-- <command>')
}

/** Everything before `--`: what follows belongs to another program. */
export function ownWords(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--')
  return end === -1 ? args : args.slice(0, end)
}
