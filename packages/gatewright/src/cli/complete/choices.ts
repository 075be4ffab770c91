import { type Command, runsAnother } from '../command'
import { optionWords } from '../wrap-help'

/** What may follow: names of files or folders, another command line, one of some words, or what only people know. */
export type Value = 'file' | 'directory' | 'command' | 'any' | readonly string[]

/** One option of a command, as a shell completes it. */
export interface OptionChoice {
  readonly name: string
  readonly short: string | null
  readonly about: string
  /** What follows it; `null` when nothing does. */
  readonly value: Value | null
  readonly multiple: boolean
}

/** One command, as a shell completes it. */
export interface CommandChoice {
  readonly words: readonly string[]
  readonly about: string
  readonly options: readonly OptionChoice[]
  /** What its own arguments are; `null` when it takes none. */
  readonly takes: Value | null
}

/** What there is to complete, of the commands' own tables and helps. */
export function choicesOf(commands: readonly Command[]): readonly CommandChoice[] {
  return commands.map(({ about, help, name, options }) => {
    const said = optionWords(help)
    const own = Object.entries(options).map(([option, { multiple = false, short, type }]) => {
      const words = said.get(option)
      const value = type === 'boolean' ? null : whatFollows(words?.value ?? null, words?.about ?? '')
      return { name: option, short: short ?? null, about: words?.about ?? '', value, multiple }
    })
    const asking: OptionChoice = {
      name: 'help',
      short: 'h',
      about: 'show help',
      value: null,
      multiple: false,
    }
    const takes = runsAnother({ help }) ? 'command' : takesOf(help)
    return { words: name.split(' '), about, options: [...own, asking], takes }
  })
}

/** The first word of each command, with what it does; groups are told by their commands. */
export function firstWords(choices: readonly CommandChoice[]): ReadonlyMap<string, string> {
  const words = new Map<string, string>()
  for (const { about, words: own } of choices) {
    const [first = '', second] = own
    const before = words.get(first)
    const more = second === undefined ? about : second
    words.set(first, before === undefined ? more : `${before}, ${more}`)
  }
  return words
}

/** The commands of each group. */
export function groupsOf(choices: readonly CommandChoice[]): ReadonlyMap<string, readonly CommandChoice[]> {
  const groups = new Map<string, CommandChoice[]>()
  for (const choice of choices) {
    const [first = '', second] = choice.words
    if (second !== undefined) groups.set(first, [...(groups.get(first) ?? []), choice])
  }
  return groups
}

/** `FILE`, `DIRECTORY`, or "one of a, b" in what is said of the option. */
function whatFollows(placeholder: string | null, about: string): Value {
  const words = /^one of ([\w.-]+(?:, [\w.-]+)*)/.exec(about)?.[1]
  if (words !== undefined) return words.split(', ')
  if (placeholder === 'FILE' || placeholder === 'PLACE') return 'file'
  return placeholder === 'DIRECTORY' ? 'directory' : 'any'
}

/** By the first line of the help: `<directory>`, `<a|b>`. Some take a file too, so files are offered beside folders. */
function takesOf(help: string): Value | null {
  const usage = help.split('\n\n')[0] ?? ''
  const words = /<(\w+(?:\|\w+)+)>/.exec(usage)?.[1]
  if (words !== undefined) return words.split('|')
  if (usage.includes('<receipt>')) return 'file'
  if (usage.includes('<directory>')) return 'directory'
  return /<\w/.test(usage) ? 'any' : null
}
