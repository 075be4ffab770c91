import { type CommandChoice, firstWords, groupsOf, type OptionChoice, type Value } from './choices'

/**
 * A script for fish 3.
 *
 * @param choices - of all commands
 */
export function fishScript(choices: readonly CommandChoice[]): string {
  const lines = [
    '# fish completion for gatewright. Use it with: gatewright completion fish | source',
    '# The command that was written so far: its words that are no options.',
    'function __gatewright_at',
    '  set -l words (commandline -opc)',
    '  set -l own',
    '  for word in $words[2..-1]',
    '    test "$word" = --; and break',
    "    string match -q -- '-*' $word; or set -a own $word",
    '  end',
    '  test (count $argv) -eq 0; and test (count $own) -eq 0; and return 0',
    '  test (count $argv) -eq 0; and return 1',
    '  set -l last (count $argv)',
    '  test (count $own) -ge $last; and test "$own[1..$last]" = "$argv"',
    'end',
    'complete -c gatewright -f',
    "complete -c gatewright -n __gatewright_at -l version -d 'print the version'",
  ]
  for (const [word, about] of firstWords(choices))
    lines.push(`complete -c gatewright -n __gatewright_at -a ${word} -d ${quoted(about)}`)
  for (const [group, commands] of groupsOf(choices)) {
    const none = commands.map(({ words }) => words[1] ?? '').join(' ')
    for (const { about, words } of commands)
      lines.push(
        `complete -c gatewright -n '__gatewright_at ${group}; and not __fish_seen_subcommand_from ${none}' -a ${words[1]} -d ${quoted(about)}`,
      )
  }
  for (const { options, takes, words } of choices) {
    const when = `complete -c gatewright -n '__gatewright_at ${words.join(' ')}'`
    lines.push(...options.map((option) => `${when} ${optionOf(option)}`))
    if (takes !== null && takes !== 'any') lines.push(`${when} ${argumentsOf(takes)}`)
  }
  return `${lines.join('\n')}\n`
}

function optionOf({ about, name, short, value }: OptionChoice): string {
  const names = `-l ${name}${short === null ? '' : ` -s ${short}`}`
  const what = value === null ? '' : ` ${value === 'any' ? '-x' : `-r ${argumentsOf(value)}`}`
  return `${names}${what} -d ${quoted(about)}`
}

function argumentsOf(value: Exclude<Value, 'any'>): string {
  if (value === 'file') return '-F'
  if (value === 'command') return "-a '(__fish_complete_command)'"
  return value === 'directory' ? "-a '(__fish_complete_directories)'" : `-a '${value.join(' ')}'`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
